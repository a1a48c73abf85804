import { NO_POD } from "../../crds/proberun/proberun.ts";
import type { TriedPath } from "./evidence.ts";
import { followUpReasonOf } from "./followUpReason.ts";
import { judgePath, type JudgedPath } from "./judgePath.ts";
import { proven } from "./proof.ts";
import { verdictOf } from "./verdictRules.ts";
import type { RunEvidence } from "./witnessResult.ts";

/**
 * Returns a path with the result of the follow-up run, if the first run left it open. If the path was probed again
 * and its rounds have a result, they decide; otherwise the result of the first run stays. If only its witness ran,
 * that determines the reason, and never the verdict.
 */
export function applyFollowUp(judged: JudgedPath, evidence: RunEvidence | undefined): JudgedPath {
  const { id } = judged.path.plan;
  const reason = followUpReasonOf(judged);
  const followUp = reason && evidence?.run.find(({ plan }) => plan.id === id);
  if (!followUp || !evidence) return judged;
  const wasProbed = followUp.plan.pod !== NO_POD;
  if (reason === "Witness") return wasProbed ? judged : withLaterWitness(judged, { followUp, evidence });
  return wasProbed ? withProbeAgain(judged, { followUp, evidence }) : judged;
}

interface FollowUpResult {
  /** The path in the follow-up run. */
  readonly followUp: TriedPath;
  readonly evidence: RunEvidence;
}

function withProbeAgain(first: JudgedPath, { followUp, evidence }: FollowUpResult): JudgedPath {
  const cameToNothing = followUp.settlement === undefined || followUp.settlement.state === "Starved";
  if (cameToNothing) return { ...first, followUp: { state: "CameToNothing", ...wordsOf(followUp) } };
  return { ...judgePath(followUp, evidence), followUp: { state: "Decided" } };
}

function wordsOf({ pod, result }: TriedPath): { words?: string } {
  const words = pod?.message ?? result?.hint;
  return words === undefined ? {} : { words };
}

function withLaterWitness(first: JudgedPath, { followUp, evidence }: FollowUpResult): JudgedPath {
  const { path, source, link } = first;
  const known = { path, target: proven(followUp, evidence).target, source, link };
  return { ...known, ...verdictOf(known), followUp: { state: "WitnessedAfterwards" } };
}
