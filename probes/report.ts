import { z } from "zod";
import {
  MAX_BODY_BYTES,
  MAX_CHECKS_PER_POD,
  resultSchema,
  type AnsweredIn,
  type Check,
  type Result,
  type UnfinishedBody,
} from "../crds/proberun/proberun.ts";
import type { NodeContact } from "./nodeContact.ts";
import { printable } from "./printable.ts";
import { canSay } from "./samples.ts";

/** The results of one probe pod. */
export interface Report {
  /** Epoch milliseconds of the first round, by the node's clock. */
  readonly startedAt: number;
  /** Epoch milliseconds of the moment when this was written, by the same clock; left out by an older runner. */
  readonly writtenAt?: number;
  /** False while rounds are still to come: the runner was ended before its time. */
  readonly complete: boolean;
  /** The contact of the pod's own node. Default: none. */
  readonly contact?: NodeContact;
  readonly results: readonly Result[];
}

/**
 * The kubelet's limit of a termination message
 * (https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/).
 */
export const MAX_REPORT = 4_096;

/**
 * The exit code of a runner in whose container another process was started. The kernel reports it, so that process cannot change
 * it.
 */
export const ENTERED_EXIT_CODE = 86;

const { path, samples, latencyMs, httpStatus, hint, answeredIn } = resultSchema.shape;
const { domain, muslEnds } = answeredIn.unwrap().shape;
const bytes = z.int().min(0).max(MAX_BODY_BYTES);
/** An address from the resolver, with an optional zone (RFC 4007 §11). */
const address = z
  .string()
  .max(45)
  .regex(/^[0-9a-fA-F:.]+(%[\w.-]+)?$/);
// Up to the year 9999: RFC 3339 has no later times, and the API server would reject the whole status.
const time = z.int().min(0).max(253_402_300_799_999);
/** Short keys: 24 checks of 60 rounds, with all fields except `w`, `d` and `b`, must fit. */
const encodedReportSchema = z.strictObject({
  t: time,
  e: time.optional(),
  c: z.boolean(),
  n: z.strictObject({ a: address, f: time, l: time }).optional(),
  r: z
    .array(
      z.strictObject({
        p: path,
        s: samples,
        l: latencyMs,
        h: httpStatus,
        b: z.union([z.tuple([bytes]), z.tuple([bytes, bytes])]).optional(),
        a: address.optional(),
        d: z.union([z.tuple([domain]), z.tuple([domain, muslEnds.unwrap()])]).optional(),
        w: hint,
      }),
    )
    .max(MAX_CHECKS_PER_POD),
});
type EncodedReport = z.infer<typeof encodedReportSchema>;

/**
 * Formats the report as a termination message: ASCII, at most 4,096 bytes for the maximum number of checks. If it
 * would be longer, all hints are cut to the same length, or removed (so are longer search domains), and then the
 * bytes of unfinished answers.
 */
export function encodeReport({ startedAt, writtenAt, complete, contact, results }: Report): string {
  const encode = (hintLength: number, withBytes = true) =>
    JSON.stringify({
      t: startedAt,
      ...(writtenAt !== undefined && { e: writtenAt }),
      c: complete,
      ...(contact && { n: { a: contact.address, f: contact.first, l: contact.last } }),
      r: results.map((result) => encodeResult(result, { hintLength, withBytes })),
    } satisfies EncodedReport);
  const messages = [64, 48, 32, 24, 16, 8, 0].map((hintLength) => encode(hintLength));
  return messages.find(({ length }) => length <= MAX_REPORT) ?? encode(0, false);
}

interface EncodingOptions {
  readonly hintLength: number;
  readonly withBytes: boolean;
}

function encodeResult(
  result: Result,
  { hintLength, withBytes }: EncodingOptions,
): EncodedReport["r"][number] {
  const words = printable(result.hint ?? "", hintLength);
  return {
    p: result.path,
    s: result.samples,
    ...(result.latencyMs !== undefined && { l: Math.round(result.latencyMs * 10) / 10 }),
    ...(result.httpStatus !== undefined && { h: result.httpStatus }),
    ...(withBytes && result.unfinished && { b: encodeBytes(result.unfinished) }),
    ...(result.address !== undefined && { a: result.address }),
    ...(result.answeredIn && encodeAnswer(result.answeredIn, hintLength)),
    ...(words !== "" && { w: words }),
  };
}

/** A domain is never cut: it would be another one. */
function encodeAnswer(
  { domain: named, muslEnds: ends }: AnsweredIn,
  longest: number,
): Pick<EncodedReport["r"][number], "d"> {
  if (Math.max(named.length, ends?.length ?? 0) > longest) return {};
  return { d: ends === undefined ? [named] : [named, ends] };
}

const encodeBytes = ({ received, promised }: UnfinishedBody): [number] | [number, number] =>
  promised === undefined ? [received] : [received, promised];

export type ParsedReport =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly problem: string };

/**
 * Parses a termination message, which any process with control over the container may have written. A report is
 * accepted only as a whole: every planned check once, nothing else, and only letters that the check's tool can
 * produce.
 */
export function parseReport(message: string, checks: readonly Check[]): ParsedReport {
  if (message.trim() === "") return { ok: false, problem: "it is empty" };
  if (message.length > MAX_REPORT) return { ok: false, problem: `it is longer than ${MAX_REPORT} bytes` };
  const json = parseJson(message);
  if (json === undefined) return { ok: false, problem: "it is not JSON" };
  const encoded = encodedReportSchema.safeParse(json);
  if (!encoded.success) return { ok: false, problem: firstIssue(encoded.error) };
  const { t: startedAt, e: writtenAt, c: complete, n, r } = encoded.data;
  const contact = n && { address: n.a, first: n.f, last: n.l };
  const report = {
    startedAt,
    ...(writtenAt !== undefined && { writtenAt }),
    complete,
    ...(contact && { contact }),
    results: r.map(decodeResult),
  };
  const problem = mismatch(report.results, checks);
  return problem === undefined ? { ok: true, report } : { ok: false, problem };
}

function parseJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** Zod's messages may quote the input; the location is sufficient. */
function firstIssue({ issues }: z.ZodError): string {
  const at = issues[0]?.path.map(String).join(".") ?? "";
  return at === "" ? "it is not a report" : `it has no proper value at ${printable(at, 40)}`;
}

function decodeResult({ p, s, l, h, b, a, d, w }: EncodedReport["r"][number]): Result {
  const words = printable(w ?? "", 64);
  const [received, promised] = b ?? [];
  return {
    path: p,
    samples: s,
    ...(l !== undefined && { latencyMs: l }),
    ...(h !== undefined && { httpStatus: h }),
    ...(received !== undefined && { unfinished: { received, ...(promised !== undefined && { promised }) } }),
    ...(a !== undefined && { address: a }),
    ...(d && { answeredIn: decodeAnswer(d) }),
    ...(words !== "" && { hint: words }),
  };
}

const decodeAnswer = ([named, ends]: [string] | [string, string]): AnsweredIn => ({
  domain: named,
  ...(ends !== undefined && { muslEnds: printable(ends, 64) }),
});

function mismatch(results: readonly Result[], checks: readonly Check[]): string | undefined {
  const planned = new Map(checks.map((check) => [check.path, check.tool]));
  const reported = new Set(results.map((result) => result.path));
  const stranger = results.find((result) => !planned.has(result.path));
  if (stranger) return `path ${stranger.path} was not planned`;
  if (reported.size < results.length) return "a path is reported twice";
  const missing = checks.find((check) => !reported.has(check.path));
  if (missing) return `path ${missing.path} is missing`;
  const impossible = results.find((result) => !canSay(planned.get(result.path) ?? "dns", result.samples));
  return impossible && `path ${impossible.path} has samples that its tool cannot give`;
}
