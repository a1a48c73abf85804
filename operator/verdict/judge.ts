import type { PathStatus, WrittenExpectation } from "../../crds/connectivitytest.ts";
import { formatDuration, formatLatency } from "../../crds/duration.ts";
import type { Finding, PlannedPod, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { displayCommand } from "../../probes/tools/displayCommand.ts";
import { appearedTargetFindings } from "./appearedTargets.ts";
import { applyFollowUp } from "./applyFollowUp.ts";
import type { RunRecord } from "./evidence.ts";
import { settleDelay, targetAddress } from "./formatting.ts";
import { withoutMissingFamilies } from "./hostFamilies.ts";
import { judgePath, runEvidenceOf, type JudgedPath } from "./judgePath.ts";
import { expectationMessage } from "./messages.ts";
import { proofsOf } from "./proof.ts";
import { bySeverity, type Judged } from "./severity.ts";
import { actualOf, outcomeOf } from "./verdictRules.ts";

/** The result of an expectation in one run: all its paths, worst first, without the time since when. */
export type ExpectationVerdict = Omit<WrittenExpectation, "lastTransitionTime">;

/** A first run or follow-up run: the record of its probes, and that of its witnesses if it has any. */
export interface RunWithWitness {
  readonly run: RunRecord;
  readonly witness?: RunRecord | undefined;
}

/**
 * Judges a run that has ended, from its plan and raw results, those of its witnesses, and those of its follow-up run
 * if there was one. Returns one verdict for each expectation, in the order of the test. The worst path or finding
 * decides. An expectation without a path or finding is Inconclusive.
 */
export function judge(
  { spec, status }: RunRecord,
  witness?: RunRecord,
  followUp?: RunWithWitness,
): ExpectationVerdict[] {
  const all = runWideStatus(status, followUp?.run.status);
  const first = runEvidenceOf(withRunWideStatus({ spec, status }, all), witness);
  const second = followUp && runEvidenceOf(withRunWideStatus(followUp.run, all), followUp.witness);
  const pods = [...spec.pods, ...(followUp?.run.spec.pods ?? [])];
  const judged = withoutMissingFamilies(first.run).map((path) =>
    applyFollowUp(judgePath(path, first), second),
  );
  const findings = [...spec.findings, ...appearedTargetFindings({ spec, status }, first.run)];
  return spec.expectations.map((expectation) =>
    judgeExpectation(expectation, {
      pods,
      paths: judged.filter(({ path }) => path.plan.expectation === expectation.name).toSorted(worstFirst),
      findings: findings.filter((finding) => finding.expectation === expectation.name),
    }),
  );
}

/** The values that apply to the first run and the follow-up run, from either record. */
type RunWideStatus = Pick<RunRecord["status"], "targets" | "revoked">;

/**
 * The targets are rechecked once, after the follow-up run, and paths keep their ids. A grant is revoked for the whole
 * run.
 */
function runWideStatus(first: RunRecord["status"], second: RunRecord["status"] | undefined): RunWideStatus {
  const { targets } = first;
  return {
    ...(targets && { targets }),
    revoked: [...(first.revoked ?? []), ...(second?.revoked ?? [])],
  };
}

const withRunWideStatus = ({ spec, status }: RunRecord, shared: RunWideStatus): RunRecord => ({
  spec,
  status: { ...status, ...shared },
});

// Among equal paths, the address of a Service comes last, because it does not identify the endpoint.
function worstFirst(one: JudgedPath, other: JudgedPath): number {
  return bySeverity(one, other) || Number(isInFront(one)) - Number(isInFront(other));
}

const isInFront = ({ path }: JudgedPath) => path.plan.kind === "ClusterAddress";

interface ExpectationMaterial {
  /** Of the first run and the follow-up run. */
  readonly pods: readonly PlannedPod[];
  /** Worst first. */
  readonly paths: readonly JudgedPath[];
  readonly findings: readonly Finding[];
}

function judgeExpectation(
  { name, expect }: ProbeRunSpec["expectations"][number],
  { pods, paths, findings }: ExpectationMaterial,
): ExpectationVerdict {
  const known = findings.map((finding) => ({ ...finding, verdict: "Inconclusive" as const }));
  const worstFinding = known.toSorted(bySeverity)[0] ?? (paths.length === 0 ? nothingPlanned : undefined);
  const worstPath = paths[0];
  const finding = tellsMore(worstFinding, worstPath) ? worstFinding : undefined;
  const { verdict, reason } = finding ?? worstPath ?? nothingPlanned;
  return {
    name,
    expected: expect,
    actual: finding || !worstPath ? "Unknown" : actualOf(worstPath.path),
    verdict,
    reason,
    message: expectationMessage({ expect, paths, pods, ...(finding && { finding }) }),
    pathCount: paths.length,
    paths: paths.map((path, place) => pathStatus(path, place === 0)),
  };
}

const nothingPlanned = {
  verdict: "Inconclusive",
  reason: "ProbeNotRun",
  message: "the plan of this run has no path for the expectation. Check the ProbeRun",
} as const;

/** Reports whether the finding is worse than the worst path, or equal: then it is the cause of the path's result. */
function tellsMore(finding: Judged | undefined, path: Judged | undefined): boolean {
  return finding !== undefined && (path === undefined || bySeverity(finding, path) <= 0);
}

function pathStatus(judged: JudgedPath, isWorst: boolean): PathStatus {
  const { path, verdict, reason } = judged;
  const { plan, pod, result, probing } = path;
  const outcome = outcomeOf(path);
  const settledAfter = settleDelay(path);
  return {
    from: plan.from,
    to: plan.to,
    address: targetAddress(path),
    verdict,
    reason,
    actual: actualOf(path),
    ...(outcome && { outcome }),
    samples: result?.samples ?? "",
    ...(settledAfter !== undefined && { settledAfter: formatDuration(settledAfter) }),
    ...(result?.latencyMs !== undefined && { latency: formatLatency(result.latencyMs) }),
    ...(pod?.node !== undefined && { node: pod.node }),
    ...(isWorst && { command: displayCommand(plan.check, probing) }),
    proof: proofsOf(judged),
  };
}
