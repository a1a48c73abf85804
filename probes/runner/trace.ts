import { formatLatency } from "../../crds/duration.ts";
import type { Check, Result } from "../../crds/proberun/proberun.ts";
import { describeSample } from "../samples.ts";
import { authority } from "../tools/curl.ts";
import type { Tried } from "./attempt.ts";

/**
 * The pod's log: one line per attempt, and one per check at the end. It is for people only; the operator never reads
 * it.
 */
export function attemptLine(check: Check, round: number, { letter, address, ...tried }: Tried): string {
  const { outcome, resolving } = describeSample(letter);
  return sentence([
    `round ${round + 1}`,
    nameOf(check),
    address === undefined ? "" : `at ${address}`,
    resolving ? `resolving: ${outcome}` : outcome,
    tried.httpStatus === undefined ? "" : `status ${tried.httpStatus}`,
    tried.latencyMs === undefined ? "" : `in ${formatLatency(tried.latencyMs)}`,
    tried.hint === undefined ? "" : `(${tried.hint})`,
  ]);
}

export function summaryLine(check: Check, { samples, latencyMs, hint }: Result): string {
  return sentence([
    nameOf(check),
    samples,
    latencyMs === undefined ? "" : `in ${formatLatency(latencyMs)}`,
    hint === undefined ? "" : `(${hint})`,
  ]);
}

function nameOf({ path, tool, address, host = "", port }: Check): string {
  return `path ${path} ${tool} ${authority(address ?? host, port)}`;
}

const sentence = (words: readonly string[]) => `${words.filter((word) => word !== "").join(" ")}\n`;
