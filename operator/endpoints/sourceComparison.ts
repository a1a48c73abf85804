import { createHash } from "node:crypto";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { PlannedPath, ProbeRun, SourceDifference } from "../../crds/proberun/proberun.ts";
import { selects } from "../../crds/selector.ts";
import { maySelect, type Policy } from "../cluster/policies/policy.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { differenceMessage, notEquivalent, objectNamer } from "./differenceMessage.ts";
import {
  egressDifferences,
  ingressDifferences,
  policiesToCompare,
  type SenderPair,
} from "./policyDifferences.ts";
import { holdsForOneOf, podsOfTarget, senderPairs } from "./senderPairs.ts";
import { sourceName } from "./sourceGroups.ts";
import { podsOfWorkloads, type WorkloadSource } from "./sources.ts";
import type { TargetAddress } from "./targetAddress.ts";

/**
 * Whether a source and its twin have to be compared once the run has ended, because only then the address of the twin or
 * of the target is known. Undefined: no. Otherwise a digest of the policies that compare addresses on the way to the
 * target, so that the comparison notices if they are others by then.
 */
export function comparisonNeeded(
  source: Pick<WorkloadSource, "pods">,
  target: TargetAddress,
  snapshot: ClusterSnapshot,
): string | undefined {
  const policies = addressPolicies(source, target, snapshot);
  if (policies.length === 0 && areBackendsKnown(target, snapshot)) return undefined;
  return digestOf(policies, namespacesOf(source, podsOfTarget(target, snapshot)));
}

/** Names, bare addresses and nodes may lead to any pod of the cluster, and so may endpoints that no controller wrote. */
function areBackendsKnown(
  { kind, address, backends }: TargetAddress,
  { podsByUid }: ClusterSnapshot,
): boolean {
  if (kind === "Address" || kind === "Host" || kind === "Resolver" || kind === "Node") return false;
  return backends.every(({ uid }) => {
    const ips = podsByUid.get(uid)?.status.podIPs;
    return ips !== undefined && (kind === "ClusterAddress" || ips.some(({ ip }) => ip === address));
  });
}

function addressPolicies(
  { pods }: Pick<WorkloadSource, "pods">,
  target: Pick<TargetAddress, "backends" | "address" | "port">,
  snapshot: ClusterSnapshot,
): Policy[] {
  if (snapshot.policiesByAddress.size === 0) return [];
  const behind = podsOfTarget(target, snapshot);
  return [...snapshot.policiesByAddress].filter((policy) => {
    const { subject, ingress, egress } = policy;
    const isForTarget = (ingress?.blocks.length ?? 0) > 0 && holdsForOneOf(policy, behind);
    const isForSource =
      (egress?.blocks.length ?? 0) > 0 && pods.some(({ metadata }) => maySelect(subject, metadata));
    return isForTarget || isForSource;
  });
}

/** Only cluster-wide policies and those of these namespaces, since the plan and the comparison read different ones of others. */
function digestOf(policies: readonly Policy[], namespaces: ReadonlySet<string>): string {
  const near = policies.filter(
    ({ metadata: { namespace } }) => namespace === "" || namespaces.has(namespace),
  );
  if (near.length === 0) return "";
  const versions = near.map(({ metadata: { uid, generation } }) => `${uid} ${generation}`).toSorted();
  return createHash("sha256").update(versions.join("\n")).digest("base64url").slice(0, 16);
}

const namespacesOf = ({ pods }: Pick<WorkloadSource, "pods">, targets: readonly WorkloadPod[]) =>
  new Set([...pods, ...targets].map(({ metadata }) => metadata.namespace));

export interface ComparisonInput {
  /** The run and its follow-up run. */
  readonly runs: readonly Pick<ProbeRun, "spec" | "status">[];
  /** The test, with the spec of the generation that the run was planned for. */
  readonly test: ConnectivityTest;
  /** The current state. */
  readonly snapshot: ClusterSnapshot;
}

export interface SourceDifferencesInput extends ComparisonInput {
  /** The namespaces that the test itself uses: no message names another one. */
  readonly namespaces: ReadonlySet<string>;
}

/** A path whose target is known by now, with its twin and the pods of its source as they are now. */
interface ComparedPath {
  readonly plan: PlannedPath;
  /** The pods of the source; none if none of them runs any more. */
  readonly pods: readonly WorkloadPod[];
  readonly pairs: readonly SenderPair[];
  /** Undefined: the host did not resolve, or the name server is not known. */
  readonly address: string | undefined;
}

/** Whether a run has results whose source is yet to be compared with its twin. */
export function isComparisonNeeded({ spec, status }: Pick<ProbeRun, "spec" | "status">): boolean {
  const reported = new Set(status.results.map(({ path }) => path));
  return spec.paths.some(({ id, sourceComparison }) => sourceComparison !== undefined && reported.has(id));
}

/** The policies that treat a source and its twin differently, independent of the pods that they hold for: nearly always none. */
export function distinguishingPolicies(input: ComparisonInput): Policy[] {
  const { snapshot } = input;
  const found = comparedPaths(input).flatMap((compared) => {
    if (!isTwinAddressKnown(compared)) return [...snapshot.policiesByAddress];
    const { pairs } = compared;
    return ingressDifferences(pairs, policiesToCompare(pairs, snapshot)).map(({ policy }) => policy);
  });
  return [...new Set(found)];
}

const isTwinAddressKnown = ({ plan, pairs }: ComparedPath) =>
  pairs.every(({ twin }) => twin.addresses.has(plan.check.family));

/** The paths whose source is treated differently from the twin that tried them, each with the first reason. */
export function sourceDifferences(input: SourceDifferencesInput): SourceDifference[] {
  const differences = comparedPaths(input).flatMap((compared): SourceDifference[] => {
    const found = differenceOf(compared, input);
    const { id, from } = compared.plan;
    return found === undefined ? [] : [{ path: id, ...found, message: notEquivalent(from, found.message) }];
  });
  // A path of the run and of its follow-up run is named once.
  return [...new Map(differences.toReversed().map((one) => [one.path, one])).values()].toReversed();
}

function differenceOf(
  compared: ComparedPath,
  input: SourceDifferencesInput,
): Omit<SourceDifference, "path"> | undefined {
  const { plan, pairs } = compared;
  const { test, snapshot, namespaces } = input;
  if (compared.pods.length === 0) return GONE;
  const target = comparedTarget(compared);
  const policies = policiesToCompare(pairs, snapshot);
  const pods = podsOfTarget(target, snapshot);
  // Of several name servers any may have been asked.
  const isTargetUnknown = plan.kind === "Resolver" && target.address === undefined;
  const [difference] = [
    ...egressDifferences(pairs, policies),
    ...ingressDifferences(pairs, policies).filter(
      ({ policy }) => isTargetUnknown || holdsForOneOf(policy, pods),
    ),
  ];
  if (difference)
    return { message: differenceMessage(difference, objectNamer(test.metadata.namespace, namespaces)) };
  const byAddress = addressPolicies(compared, target, snapshot);
  if (byAddress.length > 0 && !isTwinAddressKnown(compared)) return NO_ADDRESS;
  return hasChanged(plan, digestOf(byAddress, namespacesOf(compared, pods))) ? CHANGED : undefined;
}

function comparedTarget({ plan: { backends, check }, address }: ComparedPath) {
  return {
    backends,
    ...(address !== undefined && { address }),
    ...(check.port !== undefined && { port: check.port }),
  };
}

const hasChanged = ({ sourceComparison = "" }: PlannedPath, digest: string) =>
  sourceComparison !== "" && sourceComparison !== digest;

/** The two could not be compared; another attempt can. */
const notCompared = (why: string) => ({ message: `${why}. Run the test again`, transient: true });
const GONE = notCompared("none of its pods was running when the run ended");
const NO_ADDRESS = notCompared("a policy compares addresses, and that of the probe pod is not known");
const CHANGED = notCompared("the policies that compare its address changed during the run");

function comparedPaths({ runs, test, snapshot }: ComparisonInput): ComparedPath[] {
  const own = test.metadata.namespace;
  const sources = new Map(
    test.spec.expectations.map(({ name, from }) => [name, podsOfWorkloads({ from, own, snapshot })]),
  );
  return runs.flatMap(({ spec, status }) => {
    const results = new Map(status.results.map((result) => [result.path, result]));
    const statuses = new Map(status.pods.map((pod) => [pod.name, pod]));
    const twins = new Map(spec.pods.map(({ name, twin }) => [name, twin]));
    return spec.paths.flatMap((plan): ComparedPath[] => {
      const twin = twins.get(plan.pod);
      const result = results.get(plan.id);
      if (plan.sourceComparison === undefined || !twin || !result) return [];
      const pods = podsOfSource(plan, sources.get(plan.expectation) ?? new Map());
      const { addresses = [] } = statuses.get(plan.pod) ?? {};
      const pairs = senderPairs(pods, { labels: twin.labels, addresses });
      return [{ plan, pods, pairs, address: plan.check.address ?? result.address }];
    });
  });
}

/** The pods that have by now what distinguished those of the source when the run was planned. */
function podsOfSource(
  { from, sourceSelector }: PlannedPath,
  workloads: ReturnType<typeof podsOfWorkloads>,
): WorkloadPod[] {
  const found = [...workloads].find(([workload]) => sourceName(workload, sourceSelector) === from);
  const pods = (found?.[1] ?? []).map(({ pod }) => pod);
  return pods.filter(
    ({ metadata }) => sourceSelector === undefined || selects(sourceSelector, metadata.labels),
  );
}
