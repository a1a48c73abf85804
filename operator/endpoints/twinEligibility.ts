import type { Metadata } from "../../crds/metadata.ts";
import { twinSchema } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import { selects } from "../../crds/selector.ts";
import { networkProblem, twinOf } from "../../probes/pod/twin.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import {
  egressDifference,
  ingressDifferences,
  selectsPod,
  type PolicyDifference,
} from "./policyDifferences.ts";
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
 * Decides whether a probe pod would be equivalent to a source: no policy selects only one of the two, no Service
 * would route traffic to the probe pod, it can join the source's networks, and its fields fit into a ProbeRun. Policies of other engines cannot be read.
 */
export function twinCheckFor(source: WorkloadSource, { own, snapshot }: TwinContext): TwinCheck {
  const nameOf = objectNamer(own);
  const always =
    tooLarge(source) ??
    networkProblem(source.pod.metadata) ??
    selectedByUnreadyService(source, snapshot, nameOf) ??
    selectedByEgressPolicy(source, snapshot, nameOf);
  if (always !== undefined) {
    const problem = notReproducible(source, always);
    return () => problem;
  }
  const differences = ingressDifferences(source.pods, snapshot);
  return (target) => {
    const difference = differences.find((one) => appliesToTarget(one, target, snapshot));
    return difference && notReproducible(source, differenceMessage(difference, nameOf));
  };
}

const notReproducible = ({ workload }: WorkloadSource, why: string): Problem => ({
  reason: "SourceNotReproducible",
  message: `${workload} cannot have a twin: ${why}`,
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

function selectedByEgressPolicy(
  source: WorkloadSource,
  snapshot: ClusterSnapshot,
  nameOf: NameObject,
): string | undefined {
  const difference = egressDifference(source.pods, snapshot);
  return difference && differenceMessage(difference, nameOf);
}

function appliesToTarget(
  difference: PolicyDifference,
  { backends }: TargetAddress,
  { podsByUid }: ClusterSnapshot,
): boolean {
  return backends.some(({ uid }) => {
    const pod = podsByUid.get(uid);
    return pod !== undefined && selectsPod(difference, pod);
  });
}

/** Formats the name of an object for the author of the test. */
type NameObject = (kind: string, metadata: Pick<Metadata, "namespace" | "name">) => string;

/** Objects in another namespace are not named: the author of the test may not have access to them. */
const objectNamer =
  (own: string): NameObject =>
  (kind, { namespace, name }) => {
    if (namespace === own) return `${kind} ${name}`;
    return own === "" ? `${kind} ${name} of namespace ${namespace}` : `a ${kind} of namespace ${namespace}`;
  };

function differenceMessage({ policy, labels }: PolicyDifference, nameOf: NameObject): string {
  return `${nameOf("NetworkPolicy", policy.metadata)} selects by ${labels.join(", ")}, which probe pods do not have. Use a different label in that policy`;
}
