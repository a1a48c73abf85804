import { formatDuration } from "../../crds/duration.ts";
import type { PlannedPath, PlannedPod } from "../../crds/proberun/proberun.ts";
import { shorten } from "../../probes/messageLength.ts";
import type { TriedPath } from "./evidence.ts";
import { settleDelay, spaced, targetAddress } from "./formatting.ts";
import type { ProvenPath } from "./proof.ts";
import { actualOf } from "./verdictRules.ts";

/** Remarks on a message: each a sentence, none if there is nothing to say. */
type Remarks = readonly string[];

/** Rounds that had another result before the path settled: a start-up race. */
export function settlingRemarks(paths: readonly ProvenPath[]): Remarks {
  const spans = paths.flatMap(({ path }) => {
    const span = isByLot(path) ? undefined : settleDelay(path);
    return span === undefined ? [] : [{ path, span }];
  });
  const [longest] = spans.toSorted((one, other) => other.span - one.span);
  if (!longest) return [];
  return [
    `The path was ${stateBefore(longest.path)} for the first ${spaced(formatDuration(longest.span))} of the pod's life`,
  ];
}

// Each connection to the address of a Service reaches one of its endpoints by chance.
const isByLot = ({ plan: { kind, backendCount } }: TriedPath) =>
  kind === "ClusterAddress" && backendCount > 1;

/** The state of the path before it settled. */
function stateBefore(path: TriedPath): string {
  const since = path.settlement?.state === "Settled" ? path.settlement.since : 0;
  const last = path.samples.slice(0, since).findLast(({ outcome }) => outcome !== "ProbeError");
  if (last?.actual === "Allowed") return actualOf(path) === "Allowed" ? "answering otherwise" : "open";
  return last?.actual === "Denied" ? "closed" : "unresolved";
}

/** The parts of the target and of the source that were not tested. */
export function coverageRemarks(paths: readonly ProvenPath[], pods: readonly PlannedPod[]): Remarks {
  return [...ofTargets(paths), ...ofGrants(paths), ...ofNodes(paths, pods), ...ofAssignedNode(paths)];
}

const NAMESPACES_NAMED = 3;

/** A `namespaceSelector` may select namespaces without a grant, which were neither read nor tested. */
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
    `Of other namespaces, only those with a grant were tested: ${named}${more > 0 ? ` and ${more} more` : ""}`,
  ];
}

function ofTargets(paths: readonly ProvenPath[]): Remarks {
  const plans = paths.map(({ path }) => path.plan);
  const probed = new Set(plans.flatMap(({ backends }) => backends.map(({ uid, name }) => `${uid}/${name}`)))
    .size;
  // Every path to a Service, or to a workload behind a selector, has the same count.
  const counts = new Map(plans.map(({ to, backendCount }) => [to, backendCount]));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const noun = plans.some(({ kind }) => kind === "Pod") ? "pods" : "endpoints";
  if (probed === 0 || probed >= total) return [];
  return [`${probed} of ${total} ${noun} ${probed === 1 ? "was" : "were"} probed`];
}

// A source has one probe pod per run, which prefers another of its nodes the next time.
function ofNodes(paths: readonly ProvenPath[], pods: readonly PlannedPod[]): Remarks {
  const names = new Set(paths.map(({ path }) => path.plan.pod));
  const most = Math.max(
    1,
    ...pods.filter(({ name }) => names.has(name)).map(({ sourceNodes }) => sourceNodes),
  );
  const sources = new Set(paths.map(({ path }) => path.plan.from)).size;
  if (most === 1) return [];
  return [
    sources === 1
      ? `The source was probed from 1 of ${most} nodes`
      : `Each source was probed from 1 of its nodes (at most ${most})`,
  ];
}

/** A twin that the scheduler rejected because of the other pods there, such as its source's own with an anti-affinity. */
function ofAssignedNode(paths: readonly ProvenPath[]): Remarks {
  const [node] = paths.flatMap(({ path }) => path.pod?.assignedNode ?? []);
  if (node === undefined) return [];
  return [
    `The scheduler rejected the probe pod because of other pods, so the operator assigned it to the source's node ${shorten(node, "node")}`,
  ];
}

/**
 * The result of the follow-up run for a path. Decided: its rounds decided. CameToNothing: it did not run or had too
 * little CPU, and the result of the first run stays. WitnessedAfterwards: a witness tried the target after the
 * rounds.
 */
export interface FollowUpRemark {
  readonly state: "Decided" | "CameToNothing" | "WitnessedAfterwards";
  /** Why it had no result, as the API server, the kubelet or the tool reports it. */
  readonly words?: string;
}

/** The remark on a follow-up run; none if there was none. */
export function followUpRemarks(paths: readonly { readonly followUp?: FollowUpRemark }[]): Remarks {
  const [remark] = paths.flatMap(({ followUp }) => followUp ?? []);
  switch (remark?.state) {
    case "Decided":
      return ["The follow-up run decided"];
    case "CameToNothing":
      return [
        `The follow-up run had no result: ${shorten(remark.words ?? "its probe pod reported none", "quote")}`,
      ];
    case "WitnessedAfterwards":
      return ["The witness ran after the rounds"];
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
 * `, all those over IPv6`: set if all paths of one family are affected and none of the other. A client that connects
 * by name falls back to the other family (RFC 8305, happy eyeballs) and does not notice.
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
 * The address that a policy must contain instead of a Service's address. Whether policies apply before or after the
 * translation of that address is not defined
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors);
 * mostly it is after. The remark appears only for backends that are not pods, such as the API server, because pods
 * are selected by their labels.
 */
export function clusterIpRemark({ alike, all }: AlikePaths): string {
  if (!alike.some(({ path }) => path.plan.kind === "ClusterAddress")) return "";
  const behind = all.filter(({ path: { plan } }) => plan.kind === "Endpoint" && plan.backends.every(isNoPod));
  const [address, ...others] = new Set(behind.map(({ path }) => targetAddress(path)));
  if (address === undefined) return "";
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `. Most CNIs translate a Service's address before they apply policies; use this address in policies: ${address}${more}`;
}

const isNoPod = ({ uid }: { readonly uid: string }) => uid === "";

/** Clauses of a message about ports that do not mean the same for every client, or from every node. */
export function portRemarks({ alike, all }: AlikePaths): Remarks {
  return [...headlessRemark(alike), ...sidesRemark(all)];
}

function headlessRemark(paths: readonly ProvenPath[]): Remarks {
  const [headless] = paths.flatMap(({ path }) => path.plan.headless ?? []);
  if (!headless) return [];
  const { port, targetPort } = headless;
  return [
    `A headless Service translates no port: clients of its name dial ${port} at its pods, and only clients of its SRV records dial ${targetPort}`,
  ];
}

type Translated = NonNullable<PlannedPath["translated"]>;

const NAMES: Readonly<Record<Translated["by"], string>> = { NodePort: "node port", HostPort: "host port" };

/** From where the port was tried, since the result from another side may be another one. */
function sidesRemark(paths: readonly ProvenPath[]): Remarks {
  const tried = paths.flatMap(({ path: { plan, pod } }) =>
    plan.translated && pod?.node !== undefined
      ? [{ ...plan.translated, port: plan.check.port, at: pod.node }]
      : [],
  );
  const [first] = tried;
  if (!first) return [];
  const sides = new Set(
    tried.map(({ node, at }) =>
      at === node
        ? `from ${shorten(at, "node")} itself, where policies may see what is behind it`
        : `from ${shorten(at, "node")}, where policies see the node's address`,
    ),
  );
  return [
    `Port ${first.port} is a ${NAMES[first.by]} of ${shorten(first.node, "node")}: tried ${[...sides].join(", and ")}`,
  ];
}
