import type { Probing } from "../crds/connectivitytest.ts";
import { roundInterval } from "../probes/pace.ts";
import type { Report } from "../probes/report.ts";

/**
 * In milliseconds. The kubelet tells whole seconds, and the clock of a sandboxed runtime (a VM) may differ a little from
 * the node's.
 */
const SLACK = 5_000;

/** When a container ran, as its kubelet tells, if it does. */
interface Life {
  readonly startedAt?: string | null | undefined;
  readonly finishedAt?: string | null | undefined;
}

/**
 * Whether every round and every contact that a report tells of lies in the life of the container that wrote it. So the
 * report of another run is none, and neither is one that was made up without waiting for its rounds.
 */
export function isWithinLife(report: Report, { startedAt, finishedAt }: Life, probing: Probing): boolean {
  const born = Date.parse(startedAt ?? "") - SLACK;
  const died = Date.parse(finishedAt ?? "") + SLACK;
  // What the kubelet did not tell is NaN: nothing is before or after it.
  return !timesIn(report, probing).some((time) => time < born || time > died);
}

function timesIn({ startedAt, contact, results }: Report, probing: Probing): number[] {
  const rounds = Math.max(0, ...results.map(({ samples }) => samples.length));
  const lastRound = Math.max(0, rounds - 1) * roundInterval(probing, results.length);
  return [startedAt, startedAt + lastRound, ...(contact ? [contact.first, contact.last] : [])];
}
