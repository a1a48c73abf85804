import {
  authority,
  CONNECTED,
  connectLatency,
  curlBroke,
  curlCommand,
  notConnected,
  readWritten,
} from "./curl.ts";
import type { Attempt, Tool } from "./tool.ts";

/**
 * One TCP connection by curl's telnet://, which sends nothing before the server does. On an open port it never ends
 * by itself, so the runner ends it as soon as it has connected.
 */
export const tcp: Tool = {
  commandLine: ({ port }, target, timeoutMs) => curlCommand(`telnet://${authority(target, port)}`, timeoutMs),
  endsAt: CONNECTED,
  classify: (exit) => {
    if (CONNECTED.test(exit.stderr)) {
      const latencyMs = connectLatency(exit);
      return { outcome: "Connected", matchesRequest: true, ...(latencyMs !== undefined && { latencyMs }) };
    }
    const written = readWritten(exit);
    return written ? connectedIfOpen(notConnected(exit, written)) : curlBroke(exit);
  },
};

/** A connection is the requested result, independent of its end. */
const connectedIfOpen = (attempt: Attempt): Attempt => ({
  ...attempt,
  matchesRequest: attempt.outcome === "Connected",
});
