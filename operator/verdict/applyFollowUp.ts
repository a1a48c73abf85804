import { NO_POD } from "../../crds/proberun/proberun.ts";
import type { TriedPath } from "./evidence.ts";
import { wantOf } from "./followUpReason.ts";
import { judgedPath, type JudgedPath } from "./judgePath.ts";
import { proven } from "./proof.ts";
import { verdictOf } from "./verdictRules.ts";
import type { Trial } from "./witnessResult.ts";

/**
 * A path in the light of the run's second look, as far as the first one left it wanting. Where it was probed again and the
 * rounds came to something, they decide, whatever they say; where they did not, the first look stands. Where its witness
 * alone was asked, that tells the reason apart, and never the verdict.
 */
export function reconsidered(judged: JudgedPath, second: Trial | undefined): JudgedPath {
  const { id } = judged.path.plan;
  const want = wantOf(judged);
  const again = want && second?.run.find(({ plan }) => plan.id === id);
  if (!again || !second) return judged;
  const wasProbed = again.plan.pod !== NO_POD;
  if (want === "Witness") return wasProbed ? judged : witnessedAfterwards(judged, { again, second });
  return wasProbed ? probedAgain(judged, { again, second }) : judged;
}

interface Again {
  /** The path as the second look has it. */
  readonly again: TriedPath;
  readonly second: Trial;
}

function probedAgain(first: JudgedPath, { again, second }: Again): JudgedPath {
  const cameToNothing = again.settlement === undefined || again.settlement.state === "Starved";
  if (cameToNothing) return { ...first, again: { state: "CameToNothing", ...wordsOf(again) } };
  return { ...judgedPath(again, second), again: { state: "Decided" } };
}

function wordsOf({ pod, result }: TriedPath): { words?: string } {
  const words = pod?.message ?? result?.hint;
  return words === undefined ? {} : { words };
}

function witnessedAfterwards(first: JudgedPath, { again, second }: Again): JudgedPath {
  const { path, source, link } = first;
  const known = { path, target: proven(again, second).target, source, link };
  return { ...known, ...verdictOf(known), again: { state: "WitnessedAfterwards" } };
}
