import { z } from "zod";
import { outcomeOfErrno } from "./errno.ts";
import { broken, inSeconds, unanswered, type Attempt, type Exit } from "./tool.ts";

/** The output of `-w '%{json}'` (curl(1), since 7.75); its other fields are not read. */
const writtenSchema = z.object({
  exitcode: z.number(),
  errormsg: z.string().nullable(),
  http_code: z.number(),
  /**
   * The only reliable indication of an open path: exit codes 7 and 28 have many causes.
   */
  num_connects: z.number(),
  /** Bytes of the body, without the framing of chunks. */
  size_download: z.number(),
  /** Bytes of the headers, of interim responses too, without trailers. */
  size_header: z.number(),
  time_connect: z.number(),
  time_total: z.number(),
});
export type Written = z.infer<typeof writtenSchema>;

/**
 * Returns the arguments of a curl that dials one address and nothing else: no configuration, no proxy, no redirect.
 * `-v` prints the errno of a refusal, which no exit code and no message contains.
 */
export function curlCommand(url: string, timeoutMs: number, more: readonly string[] = []): string[] {
  const output = ["-v", "--trace-time", "-o", "/dev/null", "-w", "%{json}"];
  return ["curl", "-q", "-sS", "--noproxy", "*", ...curlLimits(timeoutMs), ...output, ...more, url];
}

/** Returns the options that end a transfer `timeoutMs` after its start. */
export function curlLimits(timeoutMs: number): string[] {
  return ["--connect-timeout", inSeconds(timeoutMs), "--max-time", inSeconds(timeoutMs)];
}

/** Formats an address and a port for a URL (RFC 3986 §3.2.2). */
export function authority(address: string, port: number | undefined): string {
  const host = address.includes(":") ? `[${address}]` : address;
  return port === undefined ? host : `${host}:${port}`;
}

/** Returns the output that curl wrote at the end of a transfer; undefined if it was killed before. */
export function readWritten(json: string): Written | undefined {
  try {
    return writtenSchema.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** curl's exit codes (https://curl.se/libcurl/c/libcurl-errors.html). */
const COULD_NOT_CONNECT = 7;
/** A time limit was reached, before or after the connection. */
export const TIMED_OUT = 28;

/** `connect to 192.0.2.2 port 80 failed: Connection refused`, `Immediate connect fail for …: Network is unreachable`. */
const CONNECT_FAILED = /^\S* ?\* +(?:connect to .* failed|Immediate connect fail for .*): (.+)$/gm;

/**
 * The text of strerror(3). A reset in reply to the connection request would be "refused" (tcp(7)). This one came
 * after the connection, and before curl could observe it.
 */
const RESET_AT_ONCE = "Connection reset by peer";

/** `12:00:00.000001 * Connected to 192.0.2.2 (192.0.2.2) port 3306 (#0)`; since curl 8.16 `Established connection to`. */
const CONNECTED = /^(\S+) \* +(?:Connected|Established connection) to /m;
const TRYING = /^(\S+) \* +Trying /m;

/**
 * Returns the duration of the connect in milliseconds, from the trace, which has it even if TLS failed afterwards.
 */
export function connectLatency({ stderr }: Exit): number | undefined {
  const [from, to] = [TRYING, CONNECTED].map((line) => timeOfDay(line.exec(stderr)?.[1]));
  if (from === undefined || to === undefined) return undefined;
  const passed = Math.round((to - from) * 1_000) / 1_000;
  return passed >= 0 ? passed : passed + 86_400_000;
}

/** Milliseconds since midnight of a time such as `12:00:00.000001`. */
function timeOfDay(text: string | undefined): number | undefined {
  const [hours, minutes, seconds] = text?.split(":").map(Number) ?? [];
  return hours === undefined || minutes === undefined || seconds === undefined
    ? undefined
    : (hours * 60 + minutes) * 60_000 + seconds * 1_000;
}

/** Returns the lines of the responses' headers in a trace. */
export function headersIn({ stderr }: Exit): string {
  const lines = stderr.split("\n").map((line) => /^\S+ < ([^]*)$/.exec(line)?.[1]);
  return lines.map((line) => (line === undefined ? "" : `${line}\n`)).join("");
}

/** Returns the attempt of a curl that did not connect, or whose connection was closed at once. */
export function notConnected(exit: Exit, written: Written): Attempt {
  const words = [...exit.stderr.matchAll(CONNECT_FAILED)].at(-1)?.[1] ?? "";
  if (words === RESET_AT_ONCE) return { ...unanswered("Connected", words), latencyMs: exit.elapsedMs };
  if (written.exitcode === TIMED_OUT) return unanswered("NoReply", words);
  const outcome = written.exitcode === COULD_NOT_CONNECT ? outcomeOfErrno(words) : undefined;
  return unanswered(outcome ?? "ProbeError", words === "" ? (written.errormsg ?? "") : words);
}

/** Returns the attempt of a curl whose end has no meaning for the network. */
export function curlBroke(exit: Exit): Attempt {
  return broken("curl", exit, /^curl: .*$/m.exec(exit.stderr)?.[0] ?? "");
}
