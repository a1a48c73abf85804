import { authority, curlBroke, curlCommand, notConnected, readWritten } from "./curl.ts";
import type { Tool } from "./tool.ts";

/** `12:00:00.000001 * Connected to 192.0.2.2 (192.0.2.2) port 3306 (#0)`; since curl 8.16 `Established connection to`. */
const CONNECTED = /^(\S+) \* +(?:Connected|Established connection) to /m;
const TRYING = /^(\S+) \* +Trying /m;

/**
 * One TCP connection by curl's telnet://, which sends nothing and says nothing before the server does. On an open port it
 * never ends by itself, so the runner ends it as soon as it has connected.
 */
export const tcp: Tool = {
  commandLine: ({ port }, target, timeoutMs) => curlCommand(`telnet://${authority(target, port)}`, timeoutMs),
  endsAt: CONNECTED,
  classify: (exit) => {
    const connectedAt = CONNECTED.exec(exit.stderr)?.[1];
    if (connectedAt !== undefined) {
      const latencyMs = millisecondsBetween(TRYING.exec(exit.stderr)?.[1], connectedAt);
      return { outcome: "Connected", asAsked: true, ...(latencyMs !== undefined && { latencyMs }) };
    }
    const written = readWritten(exit);
    return written ? notConnected(exit, written) : curlBroke(exit);
  },
};

/** Between two times of day of `--trace-time`, the second later, maybe after midnight. */
function millisecondsBetween(start: string | undefined, end: string): number | undefined {
  const [from, to] = [start, end].map((time) => {
    const [hours = "", minutes = "", seconds = ""] = time?.split(":") ?? [];
    return (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1_000;
  });
  if (start === undefined || from === undefined || to === undefined) return undefined;
  const passed = Math.round((to - from) * 1_000) / 1_000;
  return passed >= 0 ? passed : passed + 86_400_000;
}
