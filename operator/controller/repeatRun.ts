import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import { attemptOf } from "../../crds/proberun/proberun.ts";
import type { Reason } from "../../crds/reasons.ts";
import type { Log } from "../runtime/log.ts";
import type { WaitingRun } from "../status/queuedRun.ts";
import { repeatOf } from "./repeat.ts";
import { activeRunOf, type RunState } from "./runState.ts";
import type { RunStarter } from "./startRun.ts";

export interface RunRepeaterOptions {
  readonly starter: RunStarter;
  readonly log: Log;
  /** Called for each attempt after the first, with the reason of the one before. For metrics. */
  readonly onRepeated: (reason: Reason) => void;
}

export interface RepeatedRunState extends RunState {
  /** Set if the next attempt waits for its turn. */
  readonly queued?: WaitingRun | undefined;
  readonly requeueAt?: Date;
}

export interface RepeatInput {
  readonly state: RunState;
  /** The tokens that wait for a run, those of the run itself included. */
  readonly requests: readonly string[];
}

export type RepeatRun = (test: ConnectivityTest, input: RepeatInput, now: Date) => Promise<RepeatedRunState>;

/**
 * Repeats a run that is Inconclusive only for transient reasons. Until its last attempt has ended, it is in progress. If
 * the next attempt cannot start, the run ends with the result that it has.
 */
export function createRunRepeater({ starter, log, onRepeated }: RunRepeaterOptions): RepeatRun {
  return async (test, { state, requests }, now) => {
    const repeat = state.ended && repeatOf(test, state.ended, requests);
    if (!state.ended || !repeat) return state;
    const { run } = state.ended;
    if (now < repeat.at) return { active: { ...activeRunOf(run), repeat }, requeueAt: repeat.at };
    const started = await starter.startAgain(test, run, now);
    if (started.queued) {
      const { queued, requeueAt } = started;
      return { active: { ...activeRunOf(run), repeat }, queued, ...(requeueAt && { requeueAt }) };
    }
    if (!started.run) return state;
    const { reason } = repeat;
    const attempt = attemptOf(started.run);
    log.info("run repeated", { test: keyOf(test.metadata), run: run.spec.run.id, attempt, reason });
    onRepeated(reason);
    return { active: activeRunOf(started.run) };
  };
}
