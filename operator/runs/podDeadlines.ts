import { probingTimes } from "../../crds/connectivitytest.ts";
import { formatDuration } from "../../crds/duration.ts";
import { ENDED_AT } from "../../crds/group.ts";
import { MAX_CHECKS_PER_POD, type PodStatus, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { attemptLimit, gridPlaces, roundInterval } from "../../probes/timing.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { later } from "../runtime/clock.ts";

/** Until when a pod must have reached the next state. */
export interface PodDeadline {
  readonly deadline: Date;
  /** The message for a pod that has not reached it by then. */
  readonly words: string;
}

/** What the deadlines of the pods of a run depend on. */
export interface DeadlineInput {
  readonly run: ProbeRun;
  /** The maximum time until the container of a probe pod runs, in milliseconds. */
  readonly startTimeout: number;
  /** When the probes ended. A witness that has not started by then is too late, and one that runs is to be ended. */
  readonly neededUntil?: Date | undefined;
}

/** The time for the runner's own start and end, in milliseconds. */
const SPARE = 10_000;

/** How long a witness may take to end once the operator has ended it, in milliseconds. */
const END_TIMEOUT = 30_000;

/** The maximum run time of a started probe pod, in milliseconds: all rounds, and time for the last to end. */
export function probingWindow({ spec: { probing } }: Pick<ProbeRun, "spec">): number {
  const rounds = gridPlaces(probing) * roundInterval(probing, MAX_CHECKS_PER_POD);
  return rounds + attemptLimit(probingTimes(probing).timeout) + SPARE;
}

/** Until when a missing pod is created again. */
export function creationDeadline(input: DeadlineInput, before: PodStatus): PodDeadline {
  const { run, startTimeout } = input;
  // A pod that is rejected repeatedly has the same time as one that waits for its image.
  const limit = before.message === undefined ? startTimeout + probingWindow(run) : startTimeout;
  const words =
    run.metadata.deletionTimestamp === undefined
      ? `the pod did not exist ${formatDuration(limit)} after the run started`
      : "its ProbeRun is being deleted";
  return whileNeeded(input, { deadline: timeAfter(run.metadata, limit), words });
}

/** Until when a pod must run. */
export function startDeadline(input: DeadlineInput, { metadata }: ProbePod): PodDeadline {
  const { startTimeout } = input;
  const words = `not started within ${formatDuration(startTimeout)}`;
  return whileNeeded(input, { deadline: timeAfter(metadata, startTimeout), words });
}

/** Until when a pod that the scheduler has rejected must be gone. */
export function removalDeadline({ run, startTimeout }: DeadlineInput): PodDeadline {
  const words = "the scheduler rejected the pod, and it was not deleted to run on its source's node";
  return { deadline: timeAfter(run.metadata, startTimeout), words };
}

/** Until when a pod that runs and ends by itself must end. */
export function endDeadline(
  { run, startTimeout }: DeadlineInput,
  { metadata, nodeName }: ProbePod,
): PodDeadline {
  const limit = startTimeout + probingWindow(run);
  const words = `not ended ${formatDuration(limit)} after its creation. Check that the node ${nodeName} is up`;
  return { deadline: timeAfter(metadata, limit), words };
}

/**
 * Until when a pod must end that the operator has ended. Undefined before that: such a pod is needed as long as the probes run,
 * and these have deadlines. The time is in the pod itself, so it does not depend on which replica of the operator leads.
 */
export function endedDeadline({ metadata, nodeName }: ProbePod): PodDeadline | undefined {
  const endedAt = new Date(metadata.annotations[ENDED_AT] ?? Number.NaN);
  if (Number.isNaN(endedAt.getTime())) return undefined;
  const words = `not ended ${formatDuration(END_TIMEOUT)} after the probes. Check that the node ${nodeName} is up`;
  return { deadline: later(endedAt, END_TIMEOUT), words };
}

/** Reports whether the run still needs the pods that go on until they are ended. */
export const isNeeded = ({
  neededUntil,
  now,
}: Pick<DeadlineInput, "neededUntil"> & { readonly now: Date }): boolean =>
  neededUntil === undefined || now < neededUntil;

function whileNeeded({ neededUntil }: DeadlineInput, limit: PodDeadline): PodDeadline {
  if (neededUntil === undefined || limit.deadline <= neededUntil) return limit;
  return { deadline: neededUntil, words: "it had not started when the probes had ended" };
}

const timeAfter = ({ creationTimestamp }: Pick<ProbeRun["metadata"], "creationTimestamp">, limit: number) =>
  later(new Date(creationTimestamp ?? 0), limit);
