import { formatDuration } from "../crds/duration.ts";
import type { PlannedPod } from "../crds/proberun.ts";
import type { TriedPath } from "./evidence.ts";
import { actualOf, type ProvenPath } from "./verdict.ts";
import { disagreedFor, spaced } from "./wording.ts";

/** Remarks on a message: each an own clause, none where there is nothing to say. */
type Remarks = readonly string[];

/** Rounds that had said something else before it settled: the start-up race that it is good to know of. */
export function settling(paths: readonly ProvenPath[]): Remarks {
  const spans = paths.flatMap(({ path }) => {
    const span = isByLot(path) ? undefined : disagreedFor(path);
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
export function coverage(paths: readonly ProvenPath[], pods: readonly PlannedPod[]): Remarks {
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
