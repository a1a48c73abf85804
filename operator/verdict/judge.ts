import type { PathStatus, WrittenExpectation } from "../../crds/connectivitytest.ts";
import { formatDuration, formatLatency } from "../../crds/duration.ts";
import type { Finding, PlannedPod, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { shorten } from "../../probes/messageLength.ts";
import { displayCommand } from "../../probes/tools/displayCommand.ts";
import { applyFollowUp } from "./applyFollowUp.ts";
import type { RunRecord, TriedPath } from "./evidence.ts";
import { describePath, settleDelay, targetAddress } from "./formatting.ts";
import { withoutMissingFamilies } from "./hostFamilies.ts";
import { judgeRun, type JudgedPath, type JudgedRun } from "./judgePath.ts";
import { expectationMessage } from "./messages.ts";
import { proofsOf } from "./proof.ts";
import type { RunWithWitness } from "./runEvidence.ts";
import { bySeverity, type Judged } from "./severity.ts";
import { actualOf, outcomeOf } from "./verdictRules.ts";

/** The result of an expectation in one run: all its paths, worst first, without the time since when. */
export type ExpectationVerdict = Omit<WrittenExpectation, "lastTransitionTime">;

/**
 * Judges a run that has ended, from its plan and raw results, those of its witnesses, and those of its follow-up run
 * if there was one. Returns one verdict for each expectation, in the order of the test. The worst path or finding
 * decides. An expectation without a path or finding is Inconclusive.
 */
export function judge(run: RunRecord, witness?: RunRecord, followUp?: RunWithWitness): ExpectationVerdict[] {
  return verdictsOf(judgeRun({ run, witness }), followUp && judgeRun(followUp));
}

/** The same, of a first run and its follow-up run that have been judged by themselves. */
export function verdictsOf(first: JudgedRun, followUp?: JudgedRun): ExpectationVerdict[] {
  const shared = runWideStatus(first.run.status, followUp?.run.status);
  const { run, evidence, paths } = withRunWideStatus(first, shared);
  const second = followUp && withRunWideStatus(followUp, shared);
  const { spec } = run;
  const pods = [...spec.pods, ...(second?.run.spec.pods ?? [])];
  const counted = new Set(withoutMissingFamilies(evidence.run));
  const judged = paths.filter(({ path }) => counted.has(path)).map((path) => applyFollowUp(path, second));
  const findings = [...spec.findings, ...appearedTargetFindings(run, evidence.run)];
  return spec.expectations.map((expectation) =>
    judgeExpectation(expectation, {
      pods,
      paths: judged.filter(({ path }) => path.plan.expectation === expectation.name).toSorted(worstFirst),
      findings: findings.filter((finding) => finding.expectation === expectation.name),
    }),
  );
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
    return [{ expectation, reason: "TargetChanged", message: words }];
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
