import type { Probing } from "../../crds/connectivitytest.ts";
import type {
  Check,
  PlannedPath,
  PodStatus,
  ProbeRun,
  Result,
  TargetChange,
} from "../../crds/proberun/proberun.ts";
import type { Actual } from "../../crds/vocabulary.ts";
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

/** A path of the plan together with all that its probe pod told of it. */
export interface TriedPath {
  readonly plan: PlannedPath;
  readonly pod: (PodStatus & Dated) | undefined;
  readonly result: Result | undefined;
  /** How what it was planned to meet differed at the end of the run. */
  readonly change: TargetChange | undefined;
  /** The ProbeGrant that it rested on, if that is no more: then what the probe pod told counts for nothing. */
  readonly revoked: string | undefined;
  readonly probing: Probing;
  /** Milliseconds from the start of one round to the next, as the probe pod kept it. */
  readonly interval: number;
  /** Milliseconds from the start of a round to that of the path's own attempt, at most. */
  readonly delay: number;
  /** What each round saw. */
  readonly samples: readonly Sample[];
  /** Undefined: the probe did not run, or told nothing of this path. */
  readonly settlement: Settlement | undefined;
  /** The rounds whose attempt got through. */
  readonly openRounds: readonly number[];
  /** When they began, by the clock of the probe pod's node; empty where the pod has not told when its first one did. */
  readonly successes: readonly number[];
  /** When those rounds began, by the same clock, whose attempt got nowhere. */
  readonly failures: readonly number[];
  /** From the start of the first deciding round to the start of the last; of all rounds where nothing has settled. */
  readonly window: Window | undefined;
}

/** Every path of the plan with its result, settled, in the order of the plan's ids. */
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
    return triedPath({ ...path, change, probing: spec.probing, interval, delay, sourceEvidence });
  });
}

type Heard = Pick<TriedPath, "plan" | "pod">;

/**
 * Whether an answer shows that the probe pod's own network is up. Not one that a sidecar may have given. Nor that of a
 * host-network pod on the probe's own node, where policy never holds; where the probe really ran is known only afterwards.
 */
export function showsLife({ plan, pod }: Heard): boolean {
  const mayBeOwnNode = plan.backends.some(
    ({ hostNetwork, node }) => hostNetwork && (pod?.node === undefined || pod.node === node),
  );
  return plan.check.provesSource && !mayBeOwnNode && !isIntercepted({ plan, pod });
}

/**
 * Where only endpoints of the probe's own node answer, the others are not behind the address
 * (https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/).
 */
function withLocalBackends(plan: PlannedPath, node: string | undefined): PlannedPath {
  if (plan.local !== true || node === undefined) return plan;
  return { ...plan, backends: plan.backends.filter((backend) => backend.node === node) };
}

/**
 * Whether a sidecar that admission injected may have spoken for the target. Sidecars take TCP, and some of them DNS; ping
 * they leave alone.
 */
export function isIntercepted({ plan, pod }: Heard): boolean {
  return (pod?.injected ?? []).length > 0 && plan.check.tool !== "icmp";
}

/** What the pod told of when its rounds and the contacts of its node were. */
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
  "plan" | "pod" | "result" | "change" | "revoked" | "probing" | "interval" | "delay"
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
  const roundsOf = (wanted: Actual) =>
    samples.flatMap(({ actual }, round) => (actual === wanted ? [round] : []));
  const openRounds = roundsOf("Allowed");
  return {
    ...path,
    samples,
    settlement,
    openRounds,
    successes: openRounds.flatMap(startOf),
    failures: roundsOf("Denied").flatMap(startOf),
    window: windowOf(settlement, samples.length, startOf),
  };
}

/** Of a path that nothing was told of. */
const NO_RESULT = {
  samples: [],
  settlement: undefined,
  openRounds: [],
  successes: [],
  failures: [],
  window: undefined,
} as const;

/**
 * Where Denied is expected, an open path is open whatever it answered: answers that differ are one, so that a path
 * that answers now this and now that has still settled as Allowed.
 */
function everyOpenAlike(samples: string): string {
  return Array.from(samples, (letter) => (describeSample(letter).actual === "Allowed" ? "C" : letter)).join(
    "",
  );
}

type RoundClock = (round: number) => number[];

/** When a round began: none where the pod has not told when it began. */
function clockOf({ pod, interval }: Pick<TriedPath, "pod" | "interval">): RoundClock {
  const { startedAt } = timesOf(pod);
  return (round) => (startedAt === undefined ? [] : [startedAt + round * interval]);
}

function windowOf(settlement: Settlement, rounds: number, startOf: RoundClock): Window | undefined {
  const [first, last] = settlement.state === "Settled" ? [settlement.from, settlement.to] : [0, rounds - 1];
  const [from] = startOf(first);
  const [to] = startOf(last);
  return from === undefined || to === undefined ? undefined : { from, to };
}

/**
 * How sure it must be that two pods saw something at the same time, since their clocks may differ: by whatever the clocks
 * differ within what was measured, or by some of it.
 */
export type Certainty = "Certain" | "Possible";

/**
 * Whether attempts of `other` got through while the rounds of the path decided: between the first and the last of them, or
 * both before and after, unless one in between got nowhere. Then the target may have been down for just so long, as one is
 * that restarts.
 */
export function succeededDuring(path: TriedPath, other: TriedPath, certainty: Certainty): boolean {
  const { window } = path;
  if (window === undefined) return false;
  return holds(stretchesOf(other, window).map(within(window)), { path, other, certainty });
}

/** Whether the rounds that decided on `other` overlap those that decided on the path. */
export function decidedDuring(path: TriedPath, other: TriedPath, certainty: Certainty): boolean {
  if (path.window === undefined || other.window === undefined) return false;
  return holds([within(path.window)(other.window)], { path, other, certainty });
}

/** By how much the clock of a stretch may be ahead of the window's, for the two to overlap. */
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
  // An attempt begins a little after its round. A success counts that began after the first deciding attempt, and before the last.
  const [least, most] = other === path ? [from, to] : [from - other.delay, to + path.delay];
  return differences.some((span) =>
    certainty === "Certain" ? span.from <= least && most <= span.to : span.from <= most && least <= span.to,
  );
}

/**
 * From the first to the last of successes that nothing comes between: no failure, or no longer time than the window is, so
 * that one of them lies in it.
 */
function stretchesOf({ successes, failures }: TriedPath, window: Window): Window[] {
  const stretches: Window[] = [];
  for (const time of successes) {
    const last = stretches.at(-1);
    const isUnbroken =
      last !== undefined &&
      (time - last.to <= window.to - window.from ||
        !failures.some((failure) => failure > last.to && failure < time));
    if (isUnbroken) stretches.splice(-1, 1, { from: last.from, to: time });
    else stretches.push({ from: time, to: time });
  }
  return stretches;
}

/** What each deciding round saw; none where nothing has settled. */
export function decidingSamples({ settlement, samples }: TriedPath): readonly Sample[] {
  return settlement?.state === "Settled" ? samples.slice(settlement.from, settlement.to + 1) : [];
}
