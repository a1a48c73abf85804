import type { Probing } from "../../crds/connectivitytest.ts";
import type {
  Check,
  PlannedPath,
  PodDifference,
  PodStatus,
  ProbeRun,
  Result,
  SourceDifference,
  TargetChange,
} from "../../crds/proberun/proberun.ts";
import type { NodeContact } from "../../probes/nodeContact.ts";
import { describeSample, type Sample } from "../../probes/samples.ts";
import { settle, type Settlement } from "../../probes/settle.ts";
import { sourceEvidenceOf, type SourceEvidence } from "../../probes/sourceEvidence.ts";
import { roundInterval, STAGGER } from "../../probes/timing.ts";
import { clockDifference, type Dated, type Span } from "./clocks.ts";

/** The part of a ProbeRun that judging needs: the plan and the raw results. */
export type RunRecord = Pick<ProbeRun, "spec" | "status">;

/** Two instants by the clock of a node, in milliseconds since 1970. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A path of the plan, with all results that its probe pod reported for it. */
export interface TriedPath {
  readonly plan: PlannedPath;
  readonly pod: (PodStatus & Dated) | undefined;
  readonly result: Result | undefined;
  /** The change of its target during the run. */
  readonly change: TargetChange | undefined;
  /** Why its probe pod is not equivalent to its source, if it is not. */
  readonly difference: Omit<SourceDifference, "path"> | undefined;
  /** The ProbeGrant that it depends on, if that no longer applies: then the results of the probe pod do not count. */
  readonly revoked: string | undefined;
  readonly probing: Probing;
  /** Milliseconds from the start of one round to the next, as the probe pod scheduled them. */
  readonly interval: number;
  /** The maximum delay from the start of a round to that of the path's own attempt, in milliseconds. */
  readonly delay: number;
  /** The result of each round. */
  readonly samples: readonly Sample[];
  /** Undefined if the probe did not run, or reported nothing for this path. */
  readonly settlement: Settlement | undefined;
  /** The rounds with a successful attempt. */
  readonly openRounds: readonly number[];
  /**
   * Each from the first to the last of open rounds without a denied one in between, by the clock of the probe pod's
   * node; empty if the pod has not reported the start of the first round.
   */
  readonly openStretches: readonly Window[];
  /** From the start of the first deciding round to the start of the last; if nothing has settled, of all rounds. */
  readonly window: Window | undefined;
}

/** Returns every path of the plan with its result, settled, in the order of the ids. */
export function triedPaths({ spec, status }: RunRecord): TriedPath[] {
  const sandboxed = new Set(spec.pods.flatMap(({ name, twin }) => (twin?.runtimeClassName ? name : [])));
  const pods = new Map(
    status.pods.map((pod) => [pod.name, { ...pod, isSandboxed: sandboxed.has(pod.name) }]),
  );
  const results = new Map(status.results.map((result) => [result.path, result]));
  const heard = spec.paths
    .toSorted((one, other) => one.id - other.id)
    .map((planned) => {
      const pod = pods.get(planned.pod);
      const plan = withLocalBackends(planned, pod?.node);
      const revoked = plan.grants?.find((grant) => status.revoked?.includes(grant));
      const result = pod?.phase === "NotRun" || revoked !== undefined ? undefined : results.get(plan.id);
      return { plan, pod, revoked, result };
    });
  const signs = new Map(heard.filter(showsLife).map(({ plan, result }) => [plan.id, result?.samples]));
  const samplesOf = ({ path }: Check) => signs.get(path) ?? "";
  const checksOf = Map.groupBy(heard, ({ plan }) => plan.pod);
  return heard.map((path) => {
    const { plan, pod } = path;
    const checks = (checksOf.get(plan.pod) ?? []).map(({ plan: { check } }) => check);
    // Ids count a pod's checks in the order in which it tries them.
    const delay = STAGGER * checks.findIndex((check) => check.path === plan.id);
    const interval = roundInterval(spec.probing, checks.length);
    const sourceEvidence = sourceEvidenceOf(plan.check, { checks, samplesOf, ...timesOf(pod), interval });
    const change = status.targets?.changes.find(({ path: of }) => of === plan.id);
    const difference = sourceDifferenceOf(path, status);
    return triedPath({ ...path, change, difference, probing: spec.probing, interval, delay, sourceEvidence });
  });
}

/** A path whose source and probe pod are yet to be compared counts as one where they differ. */
function sourceDifferenceOf(
  { plan, result }: Pick<TriedPath, "plan" | "result">,
  { sources }: RunRecord["status"],
): TriedPath["difference"] {
  if (sources) return sources.differences.find(({ path }) => path === plan.id);
  return plan.sourceComparison !== undefined && result
    ? { message: `${plan.from} was not compared with its twin` }
    : undefined;
}

type Heard = Pick<TriedPath, "plan" | "pod">;

/**
 * Whether an answer shows that the probe pod's own network is up. Not one of a pod that admission has altered. Nor that of a
 * host-network pod on the probe's own node, where policy never holds; where the probe really ran is known only afterwards.
 */
export function showsLife({ plan, pod }: Heard): boolean {
  const mayBeOwnNode = plan.backends.some(
    ({ hostNetwork, node }) => hostNetwork && (pod?.node === undefined || pod.node === node),
  );
  return plan.check.provesSource && !mayBeOwnNode && !isAltered({ plan, pod });
}

/**
 * If only endpoints on the probe pod's own node answer, the others are not behind the address
 * (https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/).
 */
function withLocalBackends(plan: PlannedPath, node: string | undefined): PlannedPath {
  if (plan.local !== true || node === undefined) return plan;
  return { ...plan, backends: plan.backends.filter((backend) => backend.node === node) };
}

/**
 * Reports whether an injected sidecar may have answered for the target. Sidecars intercept TCP, and some of them DNS,
 * but not ping.
 */
export function isIntercepted({ plan, pod }: Heard): boolean {
  return (pod?.injected ?? []).length > 0 && plan.check.tool !== "icmp";
}

/** The fields that change only the results of paths that resolve a name. */
const RESOLVER_FIELDS: ReadonlySet<PodDifference["field"]> = new Set([
  "dnsPolicy",
  "dnsConfig",
  "hostAliases",
]);

/** Returns how the created probe pod differs from its source, as far as it may change the result of the path. */
export function differencesOf({ plan, pod }: Heard): PodDifference[] {
  const resolves = plan.check.tool === "dns" || plan.kind === "Host";
  return (pod?.differences ?? []).filter(({ field }) => resolves || !RESOLVER_FIELDS.has(field));
}

/** Reports whether admission has changed the probe pod so that the path proves nothing for another one. */
export const isAltered = (path: Heard) => isIntercepted(path) || differencesOf(path).length > 0;

/** The times of the rounds and of the node contacts, as the pod reported them. */
function timesOf(pod: PodStatus | undefined) {
  const { contact, roundsStartedAt } = pod ?? {};
  const startedAt = Date.parse(roundsStartedAt ?? "");
  const met: NodeContact | undefined = contact && {
    address: contact.address,
    first: Date.parse(contact.first),
    last: Date.parse(contact.last),
  };
  return { contact: met, startedAt: Number.isNaN(startedAt) ? undefined : startedAt };
}

interface PathRecord extends Pick<
  TriedPath,
  "plan" | "pod" | "result" | "change" | "difference" | "revoked" | "probing" | "interval" | "delay"
> {
  readonly sourceEvidence: SourceEvidence;
}

function triedPath({ sourceEvidence, ...path }: PathRecord): TriedPath {
  const { plan, result, probing } = path;
  if (!result) return { ...path, ...NO_RESULT };
  const samples = Array.from(result.samples, (letter) => describeSample(letter));
  const letters = plan.expect === "Denied" ? everyOpenAlike(result.samples) : result.samples;
  const settlement = settle({ ...probing, samples: letters, sourceEvidence });
  const startOf = clockOf(path);
  return {
    ...path,
    samples,
    settlement,
    openRounds: samples.flatMap(({ actual }, round) => (actual === "Allowed" ? [round] : [])),
    openStretches: openStretchesOf(samples, startOf),
    window: windowOf(settlement, samples.length, startOf),
  };
}

/** The evidence of a path without a result. */
const NO_RESULT = {
  samples: [],
  settlement: undefined,
  openRounds: [],
  openStretches: [],
  window: undefined,
} as const;

/**
 * If Denied is expected, every answer of an open path counts the same, so that a path with changing answers settles
 * as Allowed.
 */
function everyOpenAlike(samples: string): string {
  return Array.from(samples, (letter) => (describeSample(letter).actual === "Allowed" ? "C" : letter)).join(
    "",
  );
}

type RoundClock = (round: number) => number[];

/** Returns when a round started; none if the pod has not reported its start. */
function clockOf({ pod, interval }: Pick<TriedPath, "pod" | "interval">): RoundClock {
  const { startedAt } = timesOf(pod);
  return (round) => (startedAt === undefined ? [] : [startedAt + round * interval]);
}

function openStretchesOf(samples: readonly Sample[], startOf: RoundClock): Window[] {
  const stretches: Window[] = [];
  let last: Window | undefined;
  for (const [round, { actual }] of samples.entries()) {
    if (actual === "Denied") last = undefined;
    if (actual !== "Allowed") continue;
    for (const to of startOf(round)) {
      if (last) stretches.pop();
      last = { from: last?.from ?? to, to };
      stretches.push(last);
    }
  }
  return stretches;
}

function windowOf(settlement: Settlement, rounds: number, startOf: RoundClock): Window | undefined {
  const [first, last] = settlement.state === "Settled" ? [settlement.from, settlement.to] : [0, rounds - 1];
  const [from] = startOf(first);
  const [to] = startOf(last);
  return from === undefined || to === undefined ? undefined : { from, to };
}

/**
 * How certain it must be that observations of two pods overlap in time, because their clocks may differ. Certain: for
 * every difference within the measured bounds. Possible: for at least one.
 */
export type Certainty = "Certain" | "Possible";

/**
 * Reports whether attempts of `other` succeeded during the deciding rounds of the path: between the first and the last
 * of them, or both before and after without a failure in between. After such a failure the target may have been down
 * for exactly that time, as during a restart.
 */
export function succeededDuring(path: TriedPath, other: TriedPath, certainty: Certainty): boolean {
  const { window } = path;
  if (window === undefined || other.openStretches.length === 0) return false;
  return holds(stretchesFor(other, window).map(within(window)), { path, other, certainty });
}

/** Reports whether the rounds that decided on `other` overlap those that decided on the path. */
export function decidedDuring(path: TriedPath, other: TriedPath, certainty: Certainty): boolean {
  if (path.window === undefined || other.window === undefined) return false;
  return holds([within(path.window)(other.window)], { path, other, certainty });
}

/** The range by which the clock of a stretch may be ahead of the window's while the two overlap. */
const within =
  ({ from, to }: Window) =>
  (stretch: Window): Span => ({ from: stretch.from - to, to: stretch.to - from });

interface Comparison {
  readonly path: TriedPath;
  readonly other: TriedPath;
  readonly certainty: Certainty;
}

function holds(differences: readonly Span[], { path, other, certainty }: Comparison): boolean {
  const { from, to } = clockDifference(other.pod, path.pod);
  // An attempt starts a little after its round. A success counts if it started between the first and the last deciding attempt.
  const [least, most] = other === path ? [from, to] : [from - other.delay, to + path.delay];
  return differences.some((span) =>
    certainty === "Certain" ? span.from <= least && most <= span.to : span.from <= most && least <= span.to,
  );
}

/**
 * Joins stretches with gaps no longer than the window: if the window is in such a gap, a success at its edge lies in
 * the window.
 */
function stretchesFor({ openStretches }: TriedPath, window: Window): Window[] {
  const joined: Window[] = [];
  for (const stretch of openStretches) {
    const last = joined.at(-1);
    const isJoined = last !== undefined && stretch.from - last.to <= window.to - window.from;
    if (isJoined) joined.splice(-1, 1, { from: last.from, to: stretch.to });
    else joined.push(stretch);
  }
  return joined;
}

/** The results of the deciding rounds; none if nothing has settled. */
export function decidingSamples({ settlement, samples }: TriedPath): readonly Sample[] {
  return settlement?.state === "Settled" ? samples.slice(settlement.from, settlement.to + 1) : [];
}
