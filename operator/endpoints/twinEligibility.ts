import { twinSchema } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import { selects } from "../../crds/selector.ts";
import { networkProblem, twinOf } from "../../probes/pod/twin.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { differenceMessage, notEquivalent, objectNamer, type NameObject } from "./differenceMessage.ts";
import { egressDifferences, ingressDifferences, policiesToCompare } from "./policyDifferences.ts";
import { holdsForOneOf, podsOfTarget, senderPairs } from "./senderPairs.ts";
import type { WorkloadSource } from "./sources.ts";
import type { TargetAddress } from "./targetAddress.ts";

/** Returns why the source cannot have a twin for a target; undefined if it can. */
export type TwinCheck = (target: TargetAddress) => Problem | undefined;

export interface TwinContext {
  /** The test's own namespace; "" for a test without one, whose author may learn about every namespace. */
  readonly own: string;
  readonly snapshot: ClusterSnapshot;
}

/**
 * Decides whether a probe pod would be equivalent to a source, as far as that is known before it runs: no policy treats
 * the labels of the two differently, no Service would route traffic to the probe pod, it can join the source's networks, and
 * its fields fit into a ProbeRun.
 */
export function twinCheckFor(source: WorkloadSource, { own, snapshot }: TwinContext): TwinCheck {
  const nameOf = objectNamer(own, new Set(snapshot.policies.keys()));
  const pairs = senderPairs(source.pods, { labels: twinOf(source.pod).labels, addresses: [] });
  const policies = policiesToCompare(pairs, snapshot);
  const [egress] = egressDifferences(pairs, policies);
  const always =
    tooLarge(source) ??
    networkProblem(source.pod.metadata) ??
    selectedByUnreadyService(source, snapshot, nameOf) ??
    (egress && differenceMessage(egress, nameOf));
  if (always !== undefined) {
    const problem = notReproducible(source, always);
    return () => problem;
  }
  const differences = ingressDifferences(pairs, policies);
  if (differences.length === 0) return () => undefined;
  return (target) => {
    const pods = podsOfTarget(target, snapshot);
    const difference = differences.find(({ policy }) => holdsForOneOf(policy, pods));
    return difference && notReproducible(source, differenceMessage(difference, nameOf));
  };
}

const notReproducible = ({ name }: WorkloadSource, why: string): Problem => ({
  reason: "SourceNotReproducible",
  message: notEquivalent(name, why),
});

/** The API server would reject the whole run. */
function tooLarge({ pod }: WorkloadSource): string | undefined {
  const { error } = twinSchema.safeParse(twinOf(pod));
  if (error === undefined) return undefined;
  const field = String(error.issues[0]?.path[0] ?? "fields");
  return `the ${field} of its pod ${pod.metadata.name} are too many or too long`;
}

/** A Service that publishes pods before they are Ready would send its users to the probe pod. */
function selectedByUnreadyService(
  { pod }: WorkloadSource,
  { earlyServices }: ClusterSnapshot,
  nameOf: NameObject,
): string | undefined {
  const { labels } = twinOf(pod);
  const service = earlyServices
    .get(pod.metadata.namespace)
    ?.find(
      ({ spec: { selector } }) =>
        Object.keys(selector).length > 0 && selects({ matchLabels: selector }, labels),
    );
  return (
    service &&
    `${nameOf("Service", service.metadata)} publishes addresses that are not ready, so it would route traffic to the probe pod. Unset its publishNotReadyAddresses, or select source pods that it does not select`
  );
}
