import { formatLatency } from "../../crds/duration.ts";
import type { AnsweredIn, Check, Result } from "../../crds/proberun/proberun.ts";
import type { Outcome } from "../../crds/vocabulary.ts";
import { shorten } from "../../probes/messageLength.ts";
import { isRequestedStatus } from "../../probes/requestedStatus.ts";
import type { TriedPath } from "./evidence.ts";
import { outcomeOf } from "./verdictRules.ts";

/** Formats a duration for sentences: `1.8 s` for `1.8s`. */
export const spaced = (duration: string) => duration.replaceAll(/([0-9])([a-z])/g, "$1 $2");

/**
 * Returns the address of a path: `10.96.31.7:3306`, `[fd00::1]:80`; for ping the address alone, for dns the lookup.
 */
export function targetAddress({ plan: { check }, result }: Pick<TriedPath, "plan" | "result">): string {
  const { tool, address = result?.address, host = "", port } = check;
  if (tool === "dns") return lookup(check);
  const dialled = address ?? host;
  if (port === undefined) return dialled;
  return dialled.includes(":") ? `[${dialled}]:${port}` : `${dialled}:${port}`;
}

/** `www.example.com`, `_http._tcp.web (SRV, TCP) at 10.96.0.10`: omitted parts are the defaults. */
function lookup({ host = "", recordType, protocol, address }: Check): string {
  const how = [recordType, protocol].filter((word) => word !== undefined).join(", ");
  return `${host}${how === "" ? "" : ` (${how})`}${address === undefined ? "" : ` at ${address}`}`;
}

/** `Deployment/orders → catalog-mysql 10.96.31.7:3306` */
export function describePath(path: TriedPath): string {
  const { from, to, kind } = path.plan;
  const address = targetAddress(path);
  const name = shorten(to.replace(/^Service\//, ""), "name");
  const isTold = kind === "Address" || address.startsWith(to);
  const target = isTold ? address : `${name}${kind === "Resolver" ? " for" : ""} ${address}`;
  return `${shorten(from, "name")} → ${shorten(target, "target")}`;
}

/** The text of each outcome, with its part of the result. */
const OUTCOME_TEXTS: Readonly<Record<Outcome, (result: Partial<Result>) => string>> = {
  Answered: ({ httpStatus, latencyMs }) => `answered HTTP ${httpStatus ?? "?"}${inLatency(latencyMs)}`,
  Connected: ({ latencyMs }) => `connected${inLatency(latencyMs)}`,
  Replied: ({ latencyMs }) => `replied${inLatency(latencyMs)}`,
  Resolved: ({ latencyMs, answeredIn }) => `resolved${inLatency(latencyMs)}${inDomain(answeredIn)}`,
  NoReply: () => "no reply",
  Refused: () => "refused",
  Unreachable: ({ hint }) => `unreachable${inBrackets(hint)}`,
  NameNotFound: () => "the resolver answered that there is no such record",
  ResolverFailed: ({ hint }) => `the resolver answered with a failure${inBrackets(hint)}`,
  ProbeError: ({ hint }) => `the attempt itself failed${inBrackets(hint)}`,
};

/** ` in first.example`: musl's resolver walks the search list otherwise than glibc's. */
function inDomain(answered?: AnsweredIn): string {
  if (answered === undefined) return "";
  const { domain, muslEnds } = answered;
  const where = domain === "." ? " as it is" : ` in the search domain ${shorten(domain, "hint")}`;
  return muslEnds === undefined
    ? where
    : `${where}, which musl's resolver does not ask (${shorten(muslEnds, "hint")})`;
}

const inLatency = (latency?: number) =>
  latency === undefined ? "" : ` in ${spaced(formatLatency(latency))}`;

/** The tool's error message, which may contain any text. */
export const inBrackets = (hint?: string) => (hint === undefined ? "" : ` (${shorten(hint, "hint")})`);

/** The result of the last deciding attempt: `connected in 0.8 ms`, `answered HTTP 503 in 3 ms`, `no reply`. */
export function describeOutcome(path: TriedPath): string {
  const outcome = outcomeOf(path);
  if (outcome === undefined) return "no result";
  return `${OUTCOME_TEXTS[outcome](path.result ?? {})}${isUnfinished(path) ? describeUnfinished(path) : ""}`;
}

/** Reports whether an answer with a requested status had not ended. */
export function isUnfinished(path: TriedPath): boolean {
  const { httpStatus = 0, unfinished } = path.result ?? {};
  return outcomeOf(path) === "Answered" && !!unfinished && isRequestedStatus(httpStatus, path.plan.check);
}

/** `, but only 600 of 100000 bytes came` */
function describeUnfinished({ result, settlement }: TriedPath): string {
  const { received = 0, promised } = result?.unfinished ?? {};
  if (promised !== undefined) return `, but only ${received} of ${promised} bytes came`;
  return settlement?.state === "Settled" && settlement.matchesRequest
    ? `, a stream without an end (${received} bytes)`
    : `, but the answer broke off after ${received} bytes`;
}

/**
 * How long the first rounds had another result than the deciding ones, in milliseconds; undefined if they had not.
 */
export function settleDelay({ settlement, interval }: TriedPath): number | undefined {
  if (settlement?.state !== "Settled" || !settlement.disagreedBefore) return undefined;
  return settlement.since * interval;
}
