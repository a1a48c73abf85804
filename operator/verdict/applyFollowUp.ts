import { NO_POD } from "../../crds/proberun/proberun.ts";
import type { TriedPath } from "./evidence.ts";
import { followUpReasonOf } from "./followUpReason.ts";
import type { JudgedPath, JudgedRun } from "./judgePath.ts";
import { verdictOf } from "./verdictRules.ts";

/**
 * Returns a path with the result of the follow-up run, if the first run left it open. If the path was probed again
 * and its rounds have a result, they decide; otherwise the result of the first run stays. If only its witness ran,
 * that determines the reason, and never the verdict.
 */
export function applyFollowUp(judged: JudgedPath, second: JudgedRun | undefined): JudgedPath {
  const { id } = judged.path.plan;
  const reason = followUpReasonOf(judged);
  const followUp = reason && second?.paths.find(({ path }) => path.plan.id === id);
  if (!followUp) return judged;
  const wasProbed = followUp.path.plan.pod !== NO_POD;
  if (reason === "Witness") return wasProbed ? judged : withLaterWitness(judged, followUp);
  return wasProbed ? withProbeAgain(judged, followUp) : judged;
}

function withProbeAgain(first: JudgedPath, second: JudgedPath): JudgedPath {
  const { settlement } = second.path;
  const cameToNothing = settlement === undefined || settlement.state === "Starved";
  if (cameToNothing) return { ...first, followUp: { state: "CameToNothing", ...wordsOf(second.path) } };
  return { ...second, followUp: { state: "Decided" } };
}

function wordsOf({ pod, result }: TriedPath): { words?: string } {
  const words = pod?.message ?? result?.hint;
  return words === undefined ? {} : { words };
}

function withLaterWitness({ path, source, link }: JudgedPath, { target }: JudgedPath): JudgedPath {
  const known = { path, target, source, link };
  return { ...known, ...verdictOf(known), followUp: { state: "WitnessedAfterwards" } };
}
