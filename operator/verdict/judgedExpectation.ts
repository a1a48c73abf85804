import type { Finding, PlannedPod, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { shorten } from "../../probes/messageLength.ts";
import { applyFollowUp } from "./applyFollowUp.ts";
import type { RunRecord, TriedPath } from "./evidence.ts";
import { describePath } from "./formatting.ts";
import { withoutMissingFamilies } from "./hostFamilies.ts";
import { judgeRun, type JudgedPath, type JudgedRun } from "./judgePath.ts";
import { bySeverity, type Judged } from "./severity.ts";
import type { PathVerdict } from "./verdictRules.ts";

type PlannedExpectation = ProbeRunSpec["expectations"][number];

/** An expectation with everything that its verdict depends on. */
export interface JudgedExpectation extends PlannedExpectation {
  /** Of the first run and the follow-up run. */
  readonly pods: readonly PlannedPod[];
  /** Worst first. */
  readonly paths: readonly JudgedPath[];
  readonly findings: readonly JudgedFinding[];
}

/** A source or a target without a path. */
export interface JudgedFinding extends Omit<Finding, "expectation"> {
  readonly verdict: "Inconclusive";
}

/** Returns the expectations of a first run and its follow-up run that have been judged by themselves. */
export function judgedExpectations(first: JudgedRun, followUp?: JudgedRun): JudgedExpectation[] {
  const shared = runWideStatus(first.run.status, followUp?.run.status);
  const { run, evidence, paths } = withRunWideStatus(first, shared);
  const second = followUp && withRunWideStatus(followUp, shared);
  const { spec } = run;
  const pods = [...spec.pods, ...(second?.run.spec.pods ?? [])];
  const counted = new Set(withoutMissingFamilies(evidence.run));
  const judged = paths.filter(({ path }) => counted.has(path)).map((path) => applyFollowUp(path, second));
  const findings = [...spec.findings, ...appearedTargetFindings(run, evidence.run)];
  return spec.expectations.map((expectation) => ({
    ...expectation,
    pods,
    paths: judged.filter(({ path }) => path.plan.expectation === expectation.name).toSorted(worstFirst),
    findings: findings
      .filter((finding) => finding.expectation === expectation.name)
      .map((finding) => ({ ...finding, verdict: "Inconclusive" })),
  }));
}

interface Decisive {
  readonly verdict: PathVerdict["verdict"];
  readonly reason: Finding["reason"];
  /** Set if a finding decides. */
  readonly finding?: JudgedFinding | undefined;
  /** The worst path. */
  readonly path?: JudgedPath | undefined;
}

/** Returns what decides the verdict: the worst path or finding. An expectation without either is Inconclusive. */
export function decisiveOf({ paths: [path], findings }: JudgedExpectation): Decisive {
  const worst = findings.toSorted(bySeverity)[0] ?? (path === undefined ? nothingPlanned : undefined);
  const finding = tellsMore(worst, path) ? worst : undefined;
  const { verdict, reason } = finding ?? path ?? nothingPlanned;
  return { verdict, reason, finding, path };
}

const nothingPlanned: JudgedFinding = {
  verdict: "Inconclusive",
  reason: "ProbeNotRun",
  message: "the plan of this run has no path for the expectation. Check the ProbeRun",
};

/** Reports whether the finding is worse than the worst path, or equal: then it is the cause of the path's result. */
function tellsMore(finding: Judged | undefined, path: Judged | undefined): boolean {
  return finding !== undefined && (path === undefined || bySeverity(finding, path) <= 0);
}

/**
 * Returns a finding for each expectation with `expect: Denied` whose target got a pod or an endpoint after the run
 * was planned. It was not tested, so its state is unknown. An expectation with Allowed needs no such finding.
 */
function appearedTargetFindings({ spec, status }: RunRecord, run: readonly TriedPath[]): Finding[] {
  const changes = status.targets?.changes ?? [];
  return changes.flatMap(({ path, expectation, name, more }) => {
    const tried = run.find(({ plan }) => plan.expectation === expectation);
    const isDenied = spec.expectations.some((one) => one.name === expectation && one.expect === "Denied");
    if (path !== undefined || !isDenied || tried === undefined) return [];
    const words = `${describePath(tried)}: ${shorten(name, "name")}${more === 0 ? "" : ` and ${more} more`} was added to the target after the run was planned and was not tested. Run the test again when the rollout has finished`;
    return [{ expectation, reason: "TargetChanged", message: words, transient: true }];
  });
}

/** The values that apply to the first run and the follow-up run, from either record. */
interface RunWideStatus extends Pick<RunRecord["status"], "targets" | "sources"> {
  readonly revoked: readonly string[];
}

/**
 * The targets and the sources are rechecked once, after the follow-up run, and paths keep their ids. A grant is revoked
 * for the whole run.
 */
function runWideStatus(first: RunRecord["status"], second: RunRecord["status"] | undefined): RunWideStatus {
  const { targets, sources } = first;
  return {
    ...(targets && { targets }),
    ...(sources && { sources }),
    revoked: [...(first.revoked ?? []), ...(second?.revoked ?? [])],
  };
}

/** Judges the run again if a value of the other record applies to it that it was not judged by. */
function withRunWideStatus(judged: JudgedRun, shared: RunWideStatus): JudgedRun {
  const { run, witness } = judged;
  const { targets, sources, revoked } = run.status;
  const isJudgedByAll =
    sources === shared.sources &&
    (shared.targets?.changes ?? []).every((change) => targets?.changes.includes(change)) &&
    shared.revoked.every((grant) => revoked?.includes(grant));
  if (isJudgedByAll) return judged;
  const status = { ...run.status, ...shared, revoked: [...shared.revoked] };
  return judgeRun({ run: { spec: run.spec, status }, witness });
}

// Among equal paths, the address of a Service comes last, because it does not identify the endpoint.
function worstFirst(one: JudgedPath, other: JudgedPath): number {
  return bySeverity(one, other) || Number(isInFront(one)) - Number(isInFront(other));
}

const isInFront = ({ path }: JudgedPath) => path.plan.kind === "ClusterAddress";
