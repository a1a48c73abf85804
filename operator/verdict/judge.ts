import type { PathStatus, WrittenExpectation } from "../../crds/connectivitytest.ts";
import { formatDuration, formatLatency } from "../../crds/duration.ts";
import { displayCommand } from "../../probes/tools/displayCommand.ts";
import type { RunRecord } from "./evidence.ts";
import { settleDelay, targetAddress } from "./formatting.ts";
import { decisiveOf, judgedExpectations, type JudgedExpectation } from "./judgedExpectation.ts";
import { judgeRun, type JudgedPath } from "./judgePath.ts";
import { expectationMessage } from "./messages.ts";
import { proofsOf } from "./proof.ts";
import type { RunWithWitness } from "./runEvidence.ts";
import { actualOf, outcomeOf } from "./verdictRules.ts";

/** The result of an expectation in one run: all its paths, worst first, without the time since when. */
export type ExpectationVerdict = Omit<WrittenExpectation, "lastTransitionTime">;

/**
 * Judges a run that has ended, from its plan and raw results, those of its witnesses, and those of its follow-up run
 * if there was one. Returns one verdict for each expectation, in the order of the test. The worst path or finding
 * decides. An expectation without a path or finding is Inconclusive.
 */
export function judge(run: RunRecord, witness?: RunRecord, followUp?: RunWithWitness): ExpectationVerdict[] {
  return verdictsOf(judgedExpectations(judgeRun({ run, witness }), followUp && judgeRun(followUp)));
}

/** The same, of expectations whose paths have been judged. */
export function verdictsOf(judged: readonly JudgedExpectation[]): ExpectationVerdict[] {
  return judged.map(verdictOfExpectation);
}

function verdictOfExpectation(judged: JudgedExpectation): ExpectationVerdict {
  const { name, expect, pods, paths } = judged;
  const { verdict, reason, finding, path } = decisiveOf(judged);
  return {
    name,
    expected: expect,
    actual: finding || !path ? "Unknown" : actualOf(path.path),
    verdict,
    reason,
    message: expectationMessage({ expect, paths, pods, ...(finding && { finding }) }),
    pathCount: paths.length,
    paths: paths.map((each, place) => pathStatus(each, place === 0)),
  };
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
