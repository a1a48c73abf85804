import { labelSelectorSchema, selects, type LabelSelector } from "../../crds/selector.ts";
import type { NamespaceObjects, NamespaceService, RunningWorkload } from "./namespaceObjects.ts";
import { labelsOf, policyDecision, portNamed, type PolicyDecision } from "./policyDecision.ts";

/** An expectation as the policies say, and the reason. */
export interface FirstExpectation {
  readonly name: string;
  readonly service: string;
  readonly port: number;
  readonly expect: "Allowed" | "Denied";
  readonly reason: string;
}

/** A test with one workload as its source. */
export interface FirstTest {
  readonly name: string;
  readonly namespace: string;
  readonly source: LabelSelector;
  readonly expectations: readonly FirstExpectation[];
}

export interface FirstTests {
  readonly tests: readonly FirstTest[];
  /** What is left out, and why, a sentence each. */
  readonly notes: readonly string[];
}

const MAX_EXPECTATIONS = 128;
const MAX_NAME = 63;

/**
 * Returns a test for each workload of a namespace: which TCP ports of the other workloads' Services the NetworkPolicies let it
 * reach. Nothing is guessed: what the policies do not decide becomes a note.
 */
export function firstTests(objects: NamespaceObjects): FirstTests {
  const { targets, notes } = serviceTargets(objects);
  const names = new Set<string>();
  const perSource = objects.workloads.map((source) => testOf(source, { objects, targets, names }));
  return {
    tests: perSource.flatMap(({ test }) => test ?? []),
    notes: [...notes, ...perSource.flatMap((one) => one.notes)],
  };
}

/** A TCP port of a Service, with the workloads behind it and the port of their pods. */
interface ServiceTarget {
  readonly service: string;
  readonly port: number;
  readonly backends: readonly { readonly workload: RunningWorkload; readonly port: number }[];
}

interface ServiceTargets {
  readonly targets: readonly ServiceTarget[];
  readonly notes: readonly string[];
}

function serviceTargets({ services, workloads }: NamespaceObjects): ServiceTargets {
  const all = services.map((service) => targetsOf(service, workloads));
  return { targets: all.flatMap(({ targets }) => targets), notes: all.flatMap(({ notes }) => notes) };
}

function targetsOf(
  { metadata: { name }, spec }: NamespaceService,
  workloads: readonly RunningWorkload[],
): ServiceTargets {
  const hasSelector = Object.keys(spec.selector).length > 0;
  const behind = hasSelector
    ? workloads.filter((workload) => selects({ matchLabels: spec.selector }, labelsOf(workload)))
    : [];
  if (behind.length === 0)
    return { targets: [], notes: [`Service ${name}: no workload of the namespace is behind it.`] };
  if (behind.some(usesHostNetwork))
    return { targets: [], notes: [`Service ${name}: pods behind it use the network of their node.`] };
  const ports = spec.ports.filter(({ protocol }) => protocol === "TCP");
  const resolved = ports.map(({ port, targetPort = port }) => ({
    service: name,
    port,
    backends: behind.flatMap((workload) => {
      const number = typeof targetPort === "number" ? targetPort : portNamed(workload, targetPort);
      return number === undefined ? [] : [{ workload, port: number }];
    }),
  }));
  return {
    targets: resolved.filter(({ backends }) => backends.length > 0),
    notes: resolved
      .filter(({ backends }) => backends.length === 0)
      .map(({ port }) => `Service ${name}, port ${port}: no workload behind it has a port of that name.`),
  };
}

const usesHostNetwork = ({ spec }: RunningWorkload) => spec.template.spec.hostNetwork;

interface Building {
  readonly objects: NamespaceObjects;
  readonly targets: readonly ServiceTarget[];
  /** The names of the tests so far. */
  readonly names: Set<string>;
}

interface BuiltTest {
  readonly test?: FirstTest;
  readonly notes: readonly string[];
}

function testOf(source: RunningWorkload, { objects, targets, names }: Building): BuiltTest {
  const subject = `${source.kind}/${source.metadata.name}`;
  if (usesHostNetwork(source))
    return { notes: [`${subject}: its pods use the network of their node, so it is no source.`] };
  if (source.spec.replicas === 0) return { notes: [`${subject}: it has no pods, so it is no source.`] };
  const selector = labelSelectorSchema.safeParse(source.spec.selector).data;
  if (!selector) return { notes: [`${subject}: a test cannot have its selector, so it is no source.`] };
  const decided = targets
    .filter(({ backends }) => !backends.some(({ workload }) => workload === source))
    .map((target) => ({ target, decisions: decisionsOn(source, target, objects) }));
  const taken = new Set<string>();
  const expectations = decided.flatMap(({ target, decisions }) => expectationOf(target, decisions, taken));
  const undecided = decided.flatMap(({ target, decisions }) => undecidedNote(subject, target, decisions));
  const kept = expectations.slice(0, MAX_EXPECTATIONS);
  const more = expectations.length - kept.length;
  return {
    ...(kept.length > 0 && {
      test: {
        name: freeName(source.metadata.name, names),
        namespace: objects.namespace,
        source: selector,
        expectations: kept,
      },
    }),
    notes: [
      ...undecided,
      ...(more > 0
        ? [`${subject}: ${more} more Services are left out, because a test has at most 128 expectations.`]
        : []),
    ],
  };
}

function decisionsOn(
  source: RunningWorkload,
  { backends }: ServiceTarget,
  objects: NamespaceObjects,
): readonly PolicyDecision[] {
  return backends.map(({ workload, port }) => policyDecision({ source, target: workload, port }, objects));
}

/** The one outcome of all workloads behind a Service; undefined if they differ. */
function commonOutcome(decisions: readonly PolicyDecision[]): PolicyDecision["outcome"] | undefined {
  const outcomes = new Set(decisions.map(({ outcome }) => outcome));
  return outcomes.size === 1 ? decisions[0]?.outcome : undefined;
}

function expectationOf(
  { service, port }: ServiceTarget,
  decisions: readonly PolicyDecision[],
  taken: Set<string>,
): FirstExpectation[] {
  const expect = commonOutcome(decisions);
  if (expect === undefined || expect === "Unknown") return [];
  const name = freeName(`${expect === "Allowed" ? "reaches" : "never-reaches"}-${service}-${port}`, taken);
  return [{ name, service, port, expect, reason: reasonOf(expect, decisions) }];
}

function reasonOf(expect: "Allowed" | "Denied", decisions: readonly PolicyDecision[]): string {
  const policies = [...new Set(decisions.flatMap((decision) => decision.policies))].toSorted(byText);
  const names = `${policies.length === 1 ? "NetworkPolicy" : "NetworkPolicies"} ${policies.join(", ")}`;
  if (expect === "Allowed")
    return policies.length === 0 ? "no NetworkPolicy limits it" : `permitted by ${names}`;
  const directions = [...new Set(decisions.flatMap(({ direction }) => direction ?? []))];
  return `no rule permits it: ${directions.join(" and ")}, ${names}`;
}

function undecidedNote(
  subject: string,
  { service, port }: ServiceTarget,
  decisions: readonly PolicyDecision[],
): string[] {
  const outcome = commonOutcome(decisions);
  const path = `${subject} to Service ${service}, port ${port}`;
  if (outcome === undefined) return [`${path}: the policies treat the workloads behind it differently.`];
  if (outcome !== "Unknown") return [];
  const policies = [...new Set(decisions.flatMap((decision) => decision.policies))].toSorted(byText);
  return [`${path}: a rule about addresses decides (NetworkPolicy ${policies.join(", ")}).`];
}

const byText = (one: string, other: string) => (one < other ? -1 : 1);

/** Returns a name that is not taken yet, by RFC 1123 (a label), and takes it. */
function freeName(text: string, taken: Set<string>): string {
  const whole = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? "" : `-${number}`;
    const name = whole.slice(0, MAX_NAME - suffix.length).replace(/-+$/, "") + suffix;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}
