import type { Check } from "../crds/proberun.ts";
import {
  authority,
  curlBroke,
  curlCommand,
  notConnected,
  readWritten,
  TIMED_OUT,
  type Written,
} from "./curl.ts";
import { unanswered, type Attempt, type Tool } from "./tool.ts";

/** One GET by curl. Whatever HTTP answers shows an open path; the status decides whether it is the answer asked for. */
export const http: Tool = {
  commandLine: (check, target, timeoutMs) => {
    const { port = 80, urlPath = "/" } = check;
    const host = requestHost(check);
    // Literal: no globbing of {} and [], and no merging of dots.
    const more = ["--globoff", "--path-as-is"];
    if (host === undefined)
      return curlCommand(`http://${authority(target, port)}${urlPath}`, timeoutMs, more);
    const resolve = ["--resolve", `${host}:${port}:${authority(target, undefined)}`];
    return curlCommand(`http://${host}:${port}${urlPath}`, timeoutMs, [...more, ...resolve]);
  },
  classify: (exit, check) => {
    const written = readWritten(exit);
    if (!written) return curlBroke(exit);
    if (written.http_code > 0) return answered(written, check);
    if (written.num_connects === 0) return notConnected(exit, written);
    return connectedOnly(written);
  },
};

/**
 * The name to ask the server for; undefined: the address itself. A name that reads as an IPv4 address (`10`, `0x7f.1`) is
 * left out, since curl would dial that address whatever --resolve says.
 */
function requestHost({ host }: Check): string | undefined {
  const name = host?.replace(/\.$/, "");
  return name === undefined || /(^|\.)(\d+|0[xX][\da-fA-F]*)$/.test(name) ? undefined : name;
}

function connectedOnly({ exitcode, errormsg, time_connect: seconds }: Written): Attempt {
  const attempt = { ...unanswered("Connected", errormsg ?? ""), latencyMs: seconds * 1_000 };
  return exitcode === TIMED_OUT ? { ...attempt, wentSilent: true } : attempt;
}

function answered({ http_code: httpStatus, time_total: seconds }: Written, { status }: Check): Attempt {
  const asAsked = status === undefined ? httpStatus < 400 : status.some((asked) => covers(asked, httpStatus));
  return { outcome: "Answered", asAsked, httpStatus, latencyMs: seconds * 1_000 };
}

/** `200` covers 200, `2xx` all of its class. */
function covers(asked: string, status: number): boolean {
  return asked.endsWith("xx") ? asked[0] === String(status)[0] : asked === String(status);
}
