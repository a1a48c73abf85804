import { formatLatency } from "../../crds/duration.ts";
import type { Check, Result } from "../../crds/proberun/proberun.ts";
import type { Outcome } from "../../crds/vocabulary.ts";
import { oneLine } from "../../probes/printable.ts";
import type { TriedPath } from "./evidence.ts";
import { outcomeOf } from "./verdictRules.ts";

/** A name in a message may be this long; the status has it in full beside it. */
const LONGEST_NAME = 72;

/** `1.8 s` for `1.8s`, as prose has it. */
export const spaced = (duration: string) => duration.replaceAll(/([0-9])([a-z])/g, "$1 $2");

/** What was dialled: `10.96.31.7:3306`, `[fd00::1]:80`; for ping the address alone, for dns what was looked up. */
export function targetAddress({ plan: { check }, result }: TriedPath): string {
  const { tool, address = result?.address, host = "", port } = check;
  if (tool === "dns") return lookup(check);
  const dialled = address ?? host;
  if (port === undefined) return dialled;
  return dialled.includes(":") ? `[${dialled}]:${port}` : `${dialled}:${port}`;
}

/** `www.example.com`, `_http._tcp.web (SRV, TCP) at 10.96.0.10`: what is not there was left to the defaults. */
function lookup({ host = "", recordType, protocol, address }: Check): string {
  const how = [recordType, protocol].filter((word) => word !== undefined).join(", ");
  return `${host}${how === "" ? "" : ` (${how})`}${address === undefined ? "" : ` at ${address}`}`;
}

/** `Deployment/orders → catalog-mysql 10.96.31.7:3306` */
export function describePath(path: TriedPath): string {
  const { from, to, kind } = path.plan;
  const address = targetAddress(path);
  const name = oneLine(to.replace(/^Service\//, ""), LONGEST_NAME);
  const isTold = kind === "Address" || address.startsWith(to);
  const target = isTold ? address : `${name}${kind === "Resolver" ? " for" : ""} ${address}`;
  return `${oneLine(from, LONGEST_NAME)} → ${oneLine(target, 2 * LONGEST_NAME)}`;
}

/** What each outcome is called, and what of the result belongs to it. */
const OUTCOME_TEXTS: Readonly<Record<Outcome, (result: Partial<Result>) => string>> = {
  Answered: ({ httpStatus, latencyMs }) => `answered HTTP ${httpStatus ?? "?"}${inLatency(latencyMs)}`,
  Connected: ({ latencyMs }) => `connected${inLatency(latencyMs)}`,
  Replied: ({ latencyMs }) => `replied${inLatency(latencyMs)}`,
  Resolved: ({ latencyMs }) => `resolved${inLatency(latencyMs)}`,
  NoReply: () => "no reply",
  Refused: () => "refused",
  Unreachable: ({ hint }) => `unreachable${inBrackets(hint)}`,
  NameNotFound: () => "the resolver answered that there is no such record",
  ResolverFailed: ({ hint }) => `the resolver answered with a failure${inBrackets(hint)}`,
  ProbeError: ({ hint }) => `the attempt itself went wrong${inBrackets(hint)}`,
};

const inLatency = (latency?: number) =>
  latency === undefined ? "" : ` in ${spaced(formatLatency(latency))}`;

/** The tool's own words, which may hold anything. */
export const inBrackets = (hint?: string) => (hint === undefined ? "" : ` (${oneLine(hint, 64)})`);

/** What the last deciding attempt saw: `connected in 0.8 ms`, `answered HTTP 503 in 3 ms`, `no reply`. */
export function describeOutcome(path: TriedPath): string {
  const outcome = outcomeOf(path);
  return outcome === undefined ? "nothing was seen" : OUTCOME_TEXTS[outcome](path.result ?? {});
}

/** For how long the first rounds said something else than those that decided, in milliseconds; undefined: never. */
export function settleDelay({ settlement, interval }: TriedPath): number | undefined {
  if (settlement?.state !== "Settled" || !settlement.disagreedBefore) return undefined;
  return settlement.since * interval;
}
