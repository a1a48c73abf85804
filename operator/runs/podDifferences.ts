import { isDeepStrictEqual } from "node:util";
import {
  MAX_POD_DIFFERENCES,
  type PlannedPod,
  type PodDifference,
  type PodStatus,
} from "../../crds/proberun/proberun.ts";
import { isNetworkAnnotation } from "../../probes/pod/twin.ts";
import { printable } from "../../probes/printable.ts";
import type { ProbePod } from "../cluster/probePod.ts";

/**
 * Returns in which fields a created pod differs from its plan, as far as a policy, a Service or a network plugin can see
 * it. The API server has validated all values. Fields that admission adds to every pod do not count: the volume of a token,
 * tolerations, resources, and annotations that a network plugin writes.
 */
export function podDifferences(planned: PlannedPod, pod: ProbePod): PodDifference[] {
  return [...identityDifferences(planned, pod), ...placementDifferences(planned, pod)];
}

/** Only a twin has an identity: policies do not apply to pods on the host network, and a link's witness has no source. */
function identityDifferences({ twin }: PlannedPod, pod: ProbePod): PodDifference[] {
  if (!twin) return [];
  const { labels, annotations } = pod.metadata;
  const value = (field: PodDifference["field"], wanted: string, actual: string) =>
    wanted === actual ? [] : [difference(field, wanted, actual)];
  const object = (field: PodDifference["field"], wanted: unknown, actual: unknown) =>
    isDeepStrictEqual(wanted, actual) ? [] : [{ field }];
  return [
    ...textDifferences("label", twin.labels, labels),
    ...textDifferences("annotation", networkOnly(twin.annotations), networkOnly(annotations)),
    ...value("serviceAccountName", twin.serviceAccountName, pod.serviceAccountName),
    ...value("runtimeClassName", twin.runtimeClassName ?? "", pod.runtimeClassName),
    ...value("dnsPolicy", twin.dnsPolicy ?? "ClusterFirst", pod.dnsPolicy),
    ...object("dnsConfig", twin.dnsConfig ?? {}, pod.dnsConfig),
    ...object("hostAliases", twin.hostAliases, pod.hostAliases),
  ];
}

function placementDifferences(planned: PlannedPod, pod: ProbePod): PodDifference[] {
  const onHost = planned.twin === undefined && planned.witness?.podNetwork !== true;
  return [
    ...(onHost === pod.hostNetwork ? [] : [difference("hostNetwork", `${onHost}`, `${pod.hostNetwork}`)]),
    ...nodeDifferences(planned, pod.nodeName),
  ];
}

/** A twin prefers a node, and must not run on some. Other pods are planned for one node. */
function nodeDifferences({ awayFrom = [], ...planned }: PlannedPod, actual: string): PodDifference[] {
  const node = planned.node ?? planned.witness?.node;
  const isElsewhere = actual !== "" && node !== undefined && node !== actual;
  return isElsewhere || awayFrom.includes(actual) ? [difference("nodeName", node, actual)] : [];
}

type StringMap = Readonly<Record<string, string>>;

function textDifferences(
  field: "label" | "annotation",
  planned: StringMap,
  actual: StringMap,
): PodDifference[] {
  const keys = [...new Set([...Object.keys(planned), ...Object.keys(actual)])].toSorted();
  return keys
    .filter((key) => planned[key] !== actual[key])
    .map((key) => ({ ...difference(field, planned[key], actual[key]), key }));
}

const networkOnly = (annotations: StringMap) =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => isNetworkAnnotation(key)));

const difference = (
  field: PodDifference["field"],
  planned: string | undefined,
  actual: string | undefined,
): PodDifference => ({
  field,
  ...(planned !== undefined && { planned: printable(planned, 253) }),
  ...(actual !== undefined && { actual: printable(actual, 253) }),
});

/**
 * The pod's state with these differences besides the recorded ones. A difference counts even if it is gone later, because
 * some rounds ran with it.
 */
export function withKnownDifferences(pod: PodStatus, found: readonly PodDifference[]): PodStatus {
  const known = pod.differences ?? [];
  const isKnown = ({ field, key }: PodDifference) =>
    known.some((one) => one.field === field && one.key === key);
  const differences = [...known, ...found.filter((one) => !isKnown(one))];
  return differences.length === 0 ? pod : { ...pod, differences: differences.slice(0, MAX_POD_DIFFERENCES) };
}

/** The maximum number of a pod's addresses in a ProbeRun. */
const MOST_ADDRESSES = 8;
/** The maximum number of injected containers in a ProbeRun. */
const MOST_INJECTED = 16;

/** A pod on the network of its node has the node's addresses, which do not belong to it. */
function ownAddresses({ podIPs }: ProbePod, planned: PlannedPod): Pick<PodStatus, "addresses"> {
  return planned.twin && podIPs.length > 0 ? { addresses: podIPs.slice(0, MOST_ADDRESSES) } : {};
}

/** Adds what the created pod has: its node, its addresses, and the containers that admission injected. */
export function withPlacement(before: PodStatus, pod: ProbePod, planned: PlannedPod): PodStatus {
  const { metadata, nodeName, injected } = pod;
  return {
    ...before,
    uid: metadata.uid,
    ...(nodeName !== "" && { node: nodeName }),
    ...ownAddresses(pod, planned),
    ...(injected.length > 0 && { injected: injected.slice(0, MOST_INJECTED) }),
  };
}
