import type { Check } from "../../crds/proberun/plannedpath.ts";
import { authority, curlLimits, readWritten, TIMED_OUT, type Written } from "./curl.ts";
import { answered, connectedOnly, literalRequest } from "./http.ts";
import { unanswered, type Attempt } from "./tool.ts";

/** The requests of several http checks by one curl (docs/decisions/0032-one-curl-per-round.md). */
export interface SharedRequest {
  readonly check: Check;
  /** The address to dial. */
  readonly target: string;
  readonly timeoutMs: number;
}

/** Transfers of one process, at most: the checks of a full pod. */
const MAX_TRANSFERS = 24;

/**
 * Distributes requests over processes. No two requests of a process dial the same address and port, because curl would
 * use the connection of the first for the second, and a connection that is not new proves nothing about the path. A
 * request that verifies a certificate has a process of its own.
 */
export function processesFor<Request extends SharedRequest>(requests: readonly Request[]): Request[][] {
  const processes: Map<string, Request>[] = [];
  for (const request of requests.filter((each) => !verifiesCertificate(each))) {
    const place = authority(request.target, request.check.port ?? 80);
    const free = processes.find((each) => each.size < MAX_TRANSFERS && !each.has(place));
    if (free) free.set(place, request);
    else processes.push(new Map([[place, request]]));
  }
  const verifying = requests.filter(verifiesCertificate).map((each) => [each]);
  return [...processes.map((each) => [...each.values()]), ...verifying];
}

/** curl then reads all certificates of the system, for each transfer: 20 to 50 ms, in which no other one advances. */
const verifiesCertificate = ({ check: { scheme, insecureSkipTLSVerify = false } }: SharedRequest) =>
  scheme === "HTTPS" && !insecureSkipTLSVerify;

export interface Files {
  /** The socket of a server whose response is beats: one line each, and no end before all transfers have ended. */
  readonly beats: string;
  /** Where curl writes the headers of the responses to a request, by its index. */
  readonly headers: (index: number) => string;
}

/**
 * Returns the command of one curl for all requests, side by side. It writes a line to stdout for each beat, and with the
 * next beat the results of the transfers that have ended. Other than for a single request there is no trace: curl does not
 * say to which transfer a line belongs (before 8.2, `--trace-ids`), and one response with many headers would keep curl
 * from all others for seconds, because it writes each line by itself.
 */
export function sharedCommand(requests: readonly SharedRequest[], files: Files): string[] {
  // Each transfer needs all options, because --next resets them. A session of TLS must not be shared either.
  const each = ["-s", "--noproxy", "*", "--no-sessionid"];
  const transfers = requests.flatMap(({ check, target, timeoutMs }, index) => {
    const { url, options } = literalRequest(check, target);
    const output = ["-o", "/dev/null", "-D", files.headers(index), "-w", `${RESULT}${index} %{json}\n`];
    return ["--next", ...each, ...curlLimits(timeoutMs), ...output, ...options, url];
  });
  // By default transfers may wait for a connection that they can share.
  const parallel = ["--parallel", "--parallel-immediate", "--parallel-max", String(requests.length + 1)];
  const beats = [...each, "--no-buffer", "-o", "-", "--unix-socket", files.beats, "http://beats/"];
  return ["curl", "-q", ...parallel, ...beats, ...transfers];
}

/** Not `@`: curl would read the format from a file. */
const RESULT = "#";

export interface TransferEnd {
  /** Of the request. */
  readonly index: number;
  /** undefined if curl's JSON cannot be read. */
  readonly written: Written | undefined;
}

/** Returns the end of a transfer in a line of the output; undefined for a beat. */
export function readTransferEnd(line: string): TransferEnd | undefined {
  const [, index, json = ""] = /^#(\d+) (.*)$/s.exec(line) ?? [];
  return index === undefined ? undefined : { index: Number(index), written: readWritten(json) };
}

/**
 * Exit codes of curl itself, not of the network: it could not write a file, or had no memory. Another transfer of the
 * process may have used both up.
 */
const OWN_FAILURES: readonly number[] = [23, 27];

/**
 * Returns the attempt; undefined if a curl of its own must make it, whose trace has the errno of a failure, and the
 * latency of a connection whose TLS failed. So an answer and a silence are complete without a trace, and nothing else.
 * `headers` is as long as curl says, unless it could not write all of them: curl reports no error for that.
 */
export function sharedAttempt(written: Written, headers: string, check: Check): Attempt | undefined {
  const { http_code, num_connects, exitcode, time_connect: seconds } = written;
  if (OWN_FAILURES.includes(exitcode) || headers.length < written.size_header) return undefined;
  if (num_connects === 0)
    return exitcode === TIMED_OUT && http_code === 0 ? unanswered("NoReply", "") : undefined;
  if (http_code > 0) return answered(headers, written, check);
  return seconds > 0 ? connectedOnly(written, seconds * 1_000) : undefined;
}
