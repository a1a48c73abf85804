import { formatDuration } from "../../crds/duration.ts";
import type { PlannedPod } from "../../crds/proberun/proberun.ts";
import { oneLine } from "../../probes/printable.ts";
import type { TriedPath } from "./evidence.ts";
import { settleDelay, spaced, targetAddress } from "./formatting.ts";
import type { ProvenPath } from "./proof.ts";
import { actualOf } from "./verdictRules.ts";

/** Remarks on a message: each an own clause, none where there is nothing to say. */
type Remarks = readonly string[];

/** Rounds that had said something else before it settled: the start-up race that it is good to know of. */
export function settlingRemarks(paths: readonly ProvenPath[]): Remarks {
  const spans = paths.flatMap(({ path }) => {
    const span = isByLot(path) ? undefined : settleDelay(path);
    return span === undefined ? [] : [{ path, span }];
  });
  const [longest] = spans.toSorted((one, other) => other.span - one.span);
  if (!longest) return [];
  return [
    `${stateBefore(longest.path)} for the first ${spaced(formatDuration(longest.span))} of the pod's life`,
  ];
}

// Behind the address of a Service each connection meets one of its endpoints, whenever it is made.
const isByLot = ({ plan: { kind, backendCount } }: TriedPath) =>
  kind === "ClusterAddress" && backendCount > 1;

/** What the path was before it settled. */
function stateBefore(path: TriedPath): string {
  const since = path.settlement?.state === "Settled" ? path.settlement.since : 0;
  const last = path.samples.slice(0, since).findLast(({ outcome }) => outcome !== "ProbeError");
  if (last?.actual === "Allowed") return actualOf(path) === "Allowed" ? "answering otherwise" : "open";
  return last?.actual === "Denied" ? "closed" : "unresolved";
}

/** What of the target and of the source was not tried. */
export function coverageRemarks(paths: readonly ProvenPath[], pods: readonly PlannedPod[]): Remarks {
  return [...ofTargets(paths), ...ofGrants(paths), ...ofNodes(paths, pods)];
}

const NAMESPACES_NAMED = 3;

/** A `namespaceSelector` may select namespaces that have granted nothing, of which nothing is known, and nothing was tried. */
function ofGrants(paths: readonly ProvenPath[]): Remarks {
  const targets = paths.map(({ path }) => path.plan).filter(({ kind }) => kind === "Pod");
  const granting = targets.flatMap(({ to, grants = [] }) =>
    grants
      .map((grant) => grant.slice(0, grant.indexOf("/")))
      .filter((namespace) => to.endsWith(`.${namespace}`)),
  );
  const names = [...new Set(granting)].toSorted();
  if (names.length === 0) return [];
  const more = names.length - NAMESPACES_NAMED;
  const named = names.slice(0, NAMESPACES_NAMED).join(", ");
  return [
    `of other namespaces only those that grant it were tried: ${named}${more > 0 ? ` and ${more} more` : ""}`,
  ];
}

function ofTargets(paths: readonly ProvenPath[]): Remarks {
  const plans = paths.map(({ path }) => path.plan);
  const probed = new Set(plans.flatMap(({ backends }) => backends.map(({ uid, name }) => `${uid}/${name}`)))
    .size;
  // The same count stands beside every path to a Service, or to a workload behind a selector.
  const counts = new Map(plans.map(({ to, backendCount }) => [to, backendCount]));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const noun = plans.some(({ kind }) => kind === "Pod") ? "pods" : "endpoints";
  if (probed === 0 || probed >= total) return [];
  return [`${probed} of ${total} ${noun} ${probed === 1 ? "was" : "were"} probed`];
}

// A source has one probe pod a run, which goes to another of its nodes the next time.
function ofNodes(paths: readonly ProvenPath[], pods: readonly PlannedPod[]): Remarks {
  const names = new Set(paths.map(({ path }) => path.plan.pod));
  const most = Math.max(
    1,
    ...pods.filter(({ name }) => names.has(name)).map(({ sourceNodes }) => sourceNodes),
  );
  const sources = new Set(paths.map(({ path }) => path.plan.from)).size;
  if (most === 1) return [];
  return [sources === 1 ? `from 1 of ${most} nodes` : `each source from 1 of its nodes (at most ${most})`];
}

/**
 * What became of the second look at a path. Decided: its rounds did. CameToNothing: it did not run or was starved, and the
 * first look stands. WitnessedAfterwards: a witness was asked about the target when the rounds were over.
 */
export interface FollowUpRemark {
  readonly state: "Decided" | "CameToNothing" | "WitnessedAfterwards";
  /** Why it came to nothing, in the words of the cluster or the tool. */
  readonly words?: string;
}

/** A clause of a message for what was looked at twice; none where nothing was. */
export function followUpRemarks(paths: readonly { readonly followUp?: FollowUpRemark }[]): Remarks {
  const [remark] = paths.flatMap(({ followUp }) => followUp ?? []);
  switch (remark?.state) {
    case "Decided":
      return ["looked at twice, and the second time decides"];
    case "CameToNothing":
      return [`a second look came to nothing: ${oneLine(remark.words ?? "its probe pod told nothing", 200)}`];
    case "WitnessedAfterwards":
      return ["the witness was asked after the rounds"];
    case undefined:
      return [];
  }
}

/** The paths of an expectation, and those of them that share the worst one's reason. */
interface AlikePaths {
  readonly alike: readonly ProvenPath[];
  readonly all: readonly ProvenPath[];
}

/**
 * `, all those over IPv6`: what befalls every path of one family and none of the other. Whoever goes by name falls back to
 * the other family (RFC 8305, happy eyeballs) and never notices.
 */
export function singleFamilyRemark({ alike, all }: AlikePaths): string {
  const [first] = alike;
  if (first === undefined || alike.length === all.length || isDnsPath(first)) return "";
  const family = pathFamily(first);
  const isWhole = all.every((path) => (pathFamily(path) === family) === alike.includes(path));
  if (!isWhole) return "";
  return alike.length === 1 ? `, the one over ${family}` : `, all those over ${family}`;
}

const pathFamily = ({ path }: ProvenPath) => path.plan.check.family;
/** Its family is that of the record, not of the packets. */
const isDnsPath = ({ path }: ProvenPath) => path.plan.check.tool === "dns";

/**
 * What a policy has to name in the place of a Service's address: whether policies apply before or after that address is
 * translated is not defined (https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors),
 * and mostly it is after. Told only where no pod stands behind it, such as the API server: pods are selected by their labels.
 */
export function clusterIpRemark({ alike, all }: AlikePaths): string {
  if (!alike.some(({ path }) => path.plan.kind === "ClusterAddress")) return "";
  const behind = all.filter(({ path: { plan } }) => plan.kind === "Endpoint" && plan.backends.every(isNoPod));
  const [address, ...others] = new Set(behind.map(({ path }) => targetAddress(path)));
  if (address === undefined) return "";
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `; most CNIs translate a Service's address before they look at policies: what counts there is ${address}${more}`;
}

const isNoPod = ({ uid }: { readonly uid: string }) => uid === "";
