import { once } from "node:events";
import { createServer } from "node:net";
import { MAX_LAG } from "./eventLoopLag.ts";

/** Milliseconds from one beat to the next. */
const BEAT = 20;

interface Heartbeat {
  /** Rejects if there can be no such socket. */
  readonly beating: Promise<unknown>;
  readonly stop: () => void;
}

/**
 * A server on a Unix socket whose response is a line every 20 ms, so that the delay of each line in curl's output is the
 * lag of curl's own event loop. The response ends with `stop`.
 */
export function heartbeat(socketPath: string): Heartbeat {
  const stopped = new AbortController();
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy()).resume();
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const timer = setInterval(() => socket.write("\n"), BEAT);
    const stop = () => {
      clearInterval(timer);
      socket.end();
    };
    socket.once("close", stop);
    if (stopped.signal.aborted) stop();
    else stopped.signal.addEventListener("abort", stop);
  });
  server.listen(socketPath);
  return {
    beating: once(server, "listening"),
    stop: () => {
      stopped.abort();
      server.close();
    },
  };
}

export interface Pulse {
  /** Reports that a line came. */
  readonly beat: (now: number) => void;
  /**
   * Reports whether the process has paused for more than 300 ms and went on less than that time ago. Only such a pause can
   * cover the end of a transfer's timeout. After an earlier one the process saw what had come in the meantime, because
   * the timeout had not ended yet.
   */
  readonly wasLate: (now: number) => boolean;
}

const PAUSE = BEAT + MAX_LAG;

/** Watches the lines of a process. All times are monotonic, in milliseconds. */
export function watchPulse(startedAt: number): Pulse {
  let lastBeat = startedAt;
  let wentOnAt = Number.NEGATIVE_INFINITY;
  return {
    beat: (now) => {
      if (now - lastBeat > PAUSE) wentOnAt = now;
      lastBeat = now;
    },
    wasLate: (now) => now - wentOnAt < PAUSE,
  };
}
