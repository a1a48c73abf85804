import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { RecheckedRun } from "../runs/recheckTargets.ts";
import type { EndedRun } from "../status/testState.ts";
import type { ActiveRun } from "../status/testState.ts";
import { verdictsOf } from "../verdict/judge.ts";
import { judgedExpectations } from "../verdict/judgedExpectation.ts";
import { startingReasonOf, transientReasonOf } from "../verdict/transient.ts";
import type { EndedAttempt } from "./repeat.ts";

/** The current run of a test: in progress, or ended and not yet published. Empty if there is none. */
export interface RunState {
  readonly active?: ActiveRun;
  readonly ended?: EndedRun & EndedAttempt;
}

/**
 * Returns the part of the status about the current run: its verdicts if it and its follow-up run have ended,
 * otherwise that it is in progress.
 */
export function runStateOf(rechecked: RecheckedRun | undefined): RunState {
  if (!rechecked) return {};
  const { run, witness, followUp, judgedRuns } = rechecked;
  const { finishedAt } = run.status;
  if (finishedAt === undefined || !judgedRuns) {
    return { active: activeRunOf(run) };
  }
  const startedAt = new Date(run.metadata.creationTimestamp ?? finishedAt);
  const ends = [witness, followUp?.run, followUp?.witness].flatMap(
    (record) => record?.status.finishedAt ?? [],
  );
  const judged = judgedExpectations(judgedRuns.first, judgedRuns.followUp);
  return {
    ended: {
      run,
      verdicts: verdictsOf(judged),
      transientReason: transientReasonOf(judged),
      startingReason: startingReasonOf(judged),
      startedAt,
      finishedAt: latest([finishedAt, ...ends]),
    },
  };
}

export function activeRunOf({ metadata, spec }: ProbeRun): ActiveRun {
  const { id, trigger, requests } = spec.run;
  return { id, trigger, runNamespace: metadata.namespace, ...(requests && { requests }) };
}

const latest = (times: readonly string[]) => new Date(Math.max(...times.map((time) => Date.parse(time))));
