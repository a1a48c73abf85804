import { isPods, toolOf, type Expectation, type ExpectationSource } from "../../crds/expectation.ts";
import type { Finding } from "../../crds/proberun/proberun.ts";
import type { Reason } from "../../crds/reasons.ts";
import type { LabelSelector } from "../../crds/selector.ts";
import { fitBeforeSince, shorten } from "../../probes/messageLength.ts";
import { selectorText } from "../endpoints/selectorText.ts";
import { wantedPort } from "../endpoints/targetAddress.ts";

interface FindingContext {
  readonly expectation: Expectation;
  /** The test's own namespace. */
  readonly namespace: string;
}

/**
 * Returns the finding with its whole message: source, target and port as the author wrote them, the observation, and
 * what to check next.
 */
export function withRemedy(finding: Finding, context: FindingContext): Finding {
  const before = `${describeRequest(context)}: `;
  const after = `. ${REMEDIES[finding.reason]?.(context) ?? "Check the ProbeRun"}`;
  return { ...finding, message: fitBeforeSince(`${before}${finding.message}`, after) };
}

const LOOK_AT_NODES = "Check kubectl get nodes -o wide";

/** What to check next, for each reason of a finding. */
const REMEDIES: Readonly<Partial<Record<Reason, (context: FindingContext) => string>>> = {
  NotGranted: () => "Ask an administrator of that namespace for a ProbeGrant",
  SourceNotFound: ({ expectation: { from }, namespace }) =>
    from.node === undefined
      ? `Check kubectl get pods ${podListOptions(from, from.namespace ?? namespace)}`
      : LOOK_AT_NODES,
  TargetNotFound: ({ expectation: { to }, namespace }) =>
    to?.service
      ? `Check kubectl get services,endpointslices -n ${to.service.namespace ?? namespace}`
      : to?.node === undefined
        ? `Check kubectl get pods -o wide ${podListOptions(to, namespace)}`
        : LOOK_AT_NODES,
  TargetNotSupported: () => "Test the pods behind it by to.podSelector, or a name by to.host",
  SourceNotReproducible: () =>
    "Select another source in from.podSelector, or omit the family or target that it lacks",
};

/** `pods app=ui → Service/web tcp 80` */
function describeRequest({ expectation }: FindingContext): string {
  const { from, to, dns } = expectation;
  const target = to ? describeTarget(to) : `the pod's resolver for ${dns?.name ?? ""}`;
  const port = wantedPort(expectation);
  const source = shorten(from.node === undefined ? describePods(from) : `Node/${from.node}`, "name");
  return `${source} → ${shorten(target, "name")} ${toolOf(expectation)}${port === undefined ? "" : ` ${port}`}`;
}

/** `pods app=ui`, with the namespaces if they are not the test's own. */
function describePods({ podSelector = {}, namespace, namespaceSelector }: ExpectationSource): string {
  const name = namespace === undefined ? "" : ` of namespace ${namespace}`;
  const labels = namespaceSelector === undefined ? "" : ` of namespaces ${podsText(namespaceSelector)}`;
  return `pods ${podsText(podSelector)}${name}${labels}`;
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
  const selector = selectorText(chosen?.podSelector ?? {});
  const where = chosen?.namespaceSelector ? "-A" : `-n ${namespace}`;
  return `${where}${selector === "" ? "" : ` -l '${shorten(selector, "name")}'`}`;
}

const EVERY = "of any label";

const podsText = (selector: LabelSelector) => selectorText(selector) || EVERY;
