import { isPods, toolOf, type Expectation, type ExpectationSource } from "../../crds/expectation.ts";
import type { Finding } from "../../crds/proberun/proberun.ts";
import type { Reason } from "../../crds/reasons.ts";
import type { LabelSelector } from "../../crds/selector.ts";
import { MAX_MESSAGE_BEFORE_SINCE } from "../../crds/teststatus.ts";
import { oneLine } from "../../probes/printable.ts";
import { wantedPort } from "../endpoints/targetAddress.ts";

const LONGEST_PART = 72;

interface FindingContext {
  readonly expectation: Expectation;
  /** The test's own namespace. */
  readonly namespace: string;
}

/** A finding in full: source, target and port as the author wrote them, what is in the way, and what to look at next. */
export function withRemedy(finding: Finding, context: FindingContext): Finding {
  const before = `${describeRequest(context)}: `;
  const after = `; ${REMEDIES[finding.reason]?.(context) ?? "look at the ProbeRun"}`;
  const words = finding.message.slice(0, MAX_MESSAGE_BEFORE_SINCE - before.length - after.length);
  return { ...finding, message: `${before}${words}${after}` };
}

const LOOK_AT_NODES = "look at kubectl get nodes -o wide";

/** What to look at for each reason that a finding has. */
const REMEDIES: Readonly<Partial<Record<Reason, (context: FindingContext) => string>>> = {
  NotGranted: () => "ask those who administer it for a ProbeGrant",
  SourceNotFound: ({ expectation: { from }, namespace }) =>
    from.node === undefined
      ? `look at kubectl get pods ${podListOptions(from, from.namespace ?? namespace)}`
      : LOOK_AT_NODES,
  TargetNotFound: ({ expectation: { to }, namespace }) =>
    to?.service
      ? `look at kubectl get services,endpointslices -n ${to.service.namespace ?? namespace}`
      : to?.node === undefined
        ? `look at kubectl get pods -o wide ${podListOptions(to, namespace)}`
        : LOOK_AT_NODES,
  TargetNotSupported: () => "test what stands behind it: its pods by to.podSelector, or a name by to.host",
  SourceNotReproducible: () =>
    "name another source in from.podSelector, or leave out the family or target it lacks",
};

/** `pods app=ui → Service/web tcp 80` */
function describeRequest({ expectation }: FindingContext): string {
  const { from, to, dns } = expectation;
  const target = to ? describeTarget(to) : `the pod's resolver for ${dns?.name ?? ""}`;
  const port = wantedPort(expectation);
  const source = oneLine(from.node === undefined ? describePods(from) : `Node/${from.node}`, LONGEST_PART);
  return `${source} → ${oneLine(target, LONGEST_PART)} ${toolOf(expectation)}${port === undefined ? "" : ` ${port}`}`;
}

/** `pods app=ui`, and of which namespaces where it is not the test's own. */
function describePods({ podSelector = {}, namespace, namespaceSelector }: ExpectationSource): string {
  const name = namespace === undefined ? "" : ` of namespace ${namespace}`;
  const labels = namespaceSelector === undefined ? "" : ` of namespaces ${selectorText(namespaceSelector)}`;
  return `pods ${selectorText(podSelector)}${name}${labels}`;
}

function describeTarget(to: NonNullable<Expectation["to"]>): string {
  const { service, host, ip, node } = to;
  if (service) {
    return `Service/${service.name}${service.namespace === undefined ? "" : `.${service.namespace}`}`;
  }
  if (node !== undefined) return `Node/${node}`;
  return isPods(to) ? describePods(to) : (host ?? ip ?? "");
}

function podListOptions(chosen: ExpectationSource | undefined, namespace: string) {
  const selector = chosen?.podSelector && selectorText(chosen.podSelector);
  const where = chosen?.namespaceSelector ? "-A" : `-n ${namespace}`;
  return `${where}${selector === undefined || selector === EVERY ? "" : ` -l '${oneLine(selector, LONGEST_PART)}'`}`;
}

const EVERY = "of any label";

/** A selector as `kubectl get -l` takes it. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
  });
  return [...labels, ...expressions].join(",") || EVERY;
}
