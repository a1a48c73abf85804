import { probingTimes, type Probing } from "../../crds/connectivitytest.ts";
import type { Check } from "../../crds/proberun/proberun.ts";
import { authority } from "./curl.ts";
import { lookupOptions } from "./dns.ts";
import { curlRequest } from "./http.ts";
import { inSeconds } from "./tool.ts";

const MAX_COMMAND = 512;

/**
 * Returns the command that a user can run for the same check, at most 512 characters, for a POSIX shell. It omits the
 * options that only protect the runner. A URL that would be too long ends in `…`.
 */
export function displayCommand(check: Check, probing: Probing): string {
  const { timeout } = probingTimes(probing);
  const command = argumentsOf(check, timeout).map(quoted).join(" ");
  return command.length <= MAX_COMMAND ? command : `${command.slice(0, MAX_COMMAND - 1)}…`;
}

function argumentsOf(check: Check, timeoutMs: number): string[] {
  const { tool, host = "", port, address } = check;
  const target = address ?? host;
  const seconds = inSeconds(timeoutMs);
  switch (tool) {
    case "http":
      return ["curl", "-sS", "--connect-timeout", seconds, ...named(check), ...request(check, target)];
    case "tcp":
      return [
        "curl",
        "-sS",
        ...named(check),
        "--connect-timeout",
        seconds,
        `telnet://${authority(target, port)}`,
      ];
    case "icmp":
      return ["ping", "-n", ...named(check), "-c", "1", "-W", seconds, target];
    case "dns":
      return [
        "nslookup",
        ...lookupOptions(check),
        `-timeout=${Math.ceil(timeoutMs / 1_000)}`,
        host,
        ...(address === undefined ? [] : [address]),
      ];
  }
}

/** The family is relevant for names only. */
const named = ({ address, family }: Check) =>
  address === undefined ? [family === "IPv6" ? "-6" : "-4"] : [];

function request(check: Check, target: string): string[] {
  const { url, options } = curlRequest(check, target);
  const literal = /[[\]{}]/.test(check.urlPath ?? "") ? ["-g"] : [];
  return [...literal, ...options, ...shownHeaders(check), url];
}

/** A longer value is cut, to leave room for the rest; the spec has the whole value. */
const LONGEST_VALUE = 40;

function shownHeaders({ headers = [] }: Check): string[] {
  return headers.flatMap(({ name, value }) => {
    const shown = value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE - 1)}…`;
    return ["--header", `${name}: ${shown}`];
  });
}

/** Quotes only arguments with characters that a shell would interpret. */
function quoted(argument: string): string {
  return /^[\w./:=@%+,-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
