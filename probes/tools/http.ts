import type { Check } from "../../crds/proberun/proberun.ts";
import { readsAsAddress } from "../../crds/target.ts";
import { isRequestedStatus } from "../requestedStatus.ts";
import {
  authority,
  connectLatency,
  curlBroke,
  curlCommand,
  headersIn,
  notConnected,
  readWritten,
  TIMED_OUT,
  type Written,
} from "./curl.ts";
import { bodyEnd } from "./httpBody.ts";
import { unanswered, type Attempt, type Tool } from "./tool.ts";

/**
 * One request by curl, without a body. Any HTTP response proves an open path. It is the requested answer if it came as a
 * whole and has a requested status.
 */
export const http: Tool = {
  commandLine: (check, target, timeoutMs) => {
    const { url, options } = literalRequest(check, target);
    return curlCommand(url, timeoutMs, options);
  },
  classify: (exit, check) => {
    const written = readWritten(exit.stdout);
    if (!written) return curlBroke(exit);
    if (written.http_code > 0) return answered(headersIn(exit), written, check);
    if (written.num_connects === 0) return notConnected(exit, written);
    return connectedOnly(written, connectLatency(exit) ?? written.time_connect * 1_000);
  },
};

/** The arguments of a probe's own request, with its headers: no globbing of {} and [], no normalization of dots. */
export function literalRequest(check: Check, target: string): { url: string; options: string[] } {
  const { url, options } = curlRequest(check, target);
  return { url, options: ["--globoff", "--path-as-is", ...options, ...headerOptions(check)] };
}

/** The arguments of curl for a request: the connection uses `target` alone, independent of the name in the URL. */
export function curlRequest(check: Check, target: string): { url: string; options: string[] } {
  const { port = 80, urlPath = "/", scheme = "HTTP", requestHost } = check;
  const name = requestName(check);
  const at = requestHost === undefined || name === undefined ? authority(name ?? target, port) : name;
  const connectTo =
    name === undefined || (name === target && requestHost === undefined)
      ? []
      : ["--connect-to", `::${authority(target, port)}`];
  return {
    url: `${scheme.toLowerCase()}://${at}${urlPath}`,
    options: [...methodOf(check), ...trustOf(check), ...connectTo],
  };
}

/**
 * The name in the URL; undefined for the address itself. A name that reads as an IPv4 address (`10`, `0x7f.1`) is
 * omitted, because curl would connect to that address.
 */
function requestName({ requestHost, host }: Check): string | undefined {
  const name = (requestHost ?? host)?.replace(/\.$/, "");
  return name === undefined || readsAsAddress(name) ? undefined : name;
}

/** With --head curl expects no body. */
function methodOf({ method = "GET" }: Check): string[] {
  switch (method) {
    case "GET":
      return [];
    case "HEAD":
      return ["--head"];
    case "OPTIONS":
      return ["--request", "OPTIONS"];
  }
}

const trustOf = ({ insecureSkipTLSVerify = false }: Check) => (insecureSkipTLSVerify ? ["--insecure"] : []);

const headerOptions = ({ headers = [] }: Check) =>
  headers.flatMap(({ name, value }) => ["--header", `${name}: ${value}`]);

/**
 * TLS failures by curl's exit codes, with texts of our own: those of curl may contain data of the server's
 * certificate. The port is open in any case.
 */
const TLS_FAILURES: Readonly<Record<number, string>> = {
  35: "the TLS handshake failed",
  60: "the certificate could not be verified",
  77: "the probe has no certificates to verify by",
};

/** Returns the attempt of a connection without an HTTP answer. `latencyMs` is that of the connect. */
export function connectedOnly({ exitcode, errormsg }: Written, latencyMs: number): Attempt {
  const attempt = { ...unanswered("Connected", TLS_FAILURES[exitcode] ?? errormsg ?? ""), latencyMs };
  return exitcode === TIMED_OUT ? { ...attempt, wentSilent: true } : attempt;
}

/** Returns the attempt of an HTTP answer, with all its headers as they came. */
export function answered(headers: string, written: Written, check: Check): Attempt {
  const { exitcode, http_code: httpStatus, time_total: seconds } = written;
  const { isWhole, unfinished } = bodyEnd(headers, written, check);
  return {
    outcome: "Answered",
    matchesRequest: isWhole && isRequestedStatus(httpStatus, check),
    httpStatus,
    latencyMs: seconds * 1_000,
    ...(unfinished && { unfinished }),
    ...(!isWhole && exitcode === TIMED_OUT && { wentSilent: true }),
  };
}
