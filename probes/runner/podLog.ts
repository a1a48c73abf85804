import { formatLatency } from "../../crds/duration.ts";
import type { Check, Result, UnfinishedBody } from "../../crds/proberun/proberun.ts";
import { describeSample } from "../samples.ts";
import { authority } from "../tools/curl.ts";
import type { AttemptResult } from "./attempt.ts";

/**
 * The pod's log: one line per attempt, and one per check at the end. It is for people only; the operator never reads
 * it.
 */
export function attemptLine(
  check: Check,
  round: number,
  { letter, address, ...tried }: AttemptResult,
): string {
  const { outcome, resolving } = describeSample(letter);
  return logLine([
    `round ${round + 1}`,
    checkName(check),
    address === undefined ? "" : `at ${address}`,
    resolving ? `resolving: ${outcome}` : outcome,
    tried.httpStatus === undefined ? "" : `status ${tried.httpStatus}`,
    tried.latencyMs === undefined ? "" : `in ${formatLatency(tried.latencyMs)}`,
    tried.unfinished === undefined ? "" : unfinishedText(tried.unfinished),
    tried.answeredIn === undefined ? "" : `in ${tried.answeredIn.domain}`,
    tried.hint === undefined ? "" : `(${tried.hint})`,
  ]);
}

export function summaryLine(check: Check, { samples, latencyMs, hint }: Result): string {
  return logLine([
    checkName(check),
    samples,
    latencyMs === undefined ? "" : `in ${formatLatency(latencyMs)}`,
    hint === undefined ? "" : `(${hint})`,
  ]);
}

const unfinishedText = ({ received, promised }: UnfinishedBody) =>
  promised === undefined ? `unfinished after ${received} bytes` : `${received} of ${promised} bytes`;

function checkName({ path, tool, address, host = "", port }: Check): string {
  return `path ${path} ${tool} ${authority(address ?? host, port)}`;
}

const logLine = (words: readonly string[]) => `${words.filter((word) => word !== "").join(" ")}\n`;
