import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Check } from "../../crds/proberun/plannedpath.ts";
import { attemptLimit } from "../timing.ts";
import { TCP_PROGRAM, tcpReplySchema, tcpRequest, type TcpReply } from "../tools/tcp.ts";
import { TOOL_ENVIRONMENT } from "./exec.ts";

export interface TimedReply {
  readonly reply: TcpReply;
  /** Milliseconds from the request to the reply. */
  readonly elapsedMs: number;
}

export interface TcpProcess {
  /** Tries a connection. Rejects if the process could not be started, or ended before the reply. */
  readonly connect: (check: Check, target: string, timeoutMs: number) => Promise<TimedReply>;
  /** Lets the process end after the attempts that are still in progress. */
  readonly close: () => void;
}

/**
 * One process for all TCP attempts of a pod, however many are in progress. It starts with the first attempt, and starts
 * again if it has ended. It is killed if it does not reply in time, or writes anything but a reply.
 */
export function tcpProcess(program: readonly string[] = TCP_PROGRAM): TcpProcess {
  let running: Running | undefined;
  let lastId = 0;
  return {
    connect: async (check, target, timeoutMs) => {
      lastId++;
      const request = `${lastId} ${tcpRequest(check, target, timeoutMs)}\n`;
      running ??= start(program, (ended) => {
        if (running === ended) running = undefined;
      });
      return running.ask(lastId, request, attemptLimit(timeoutMs));
    },
    close: () => running?.close(),
  };
}

interface Running {
  readonly ask: (id: number, request: string, limitMs: number) => Promise<TimedReply>;
  readonly close: () => void;
}

interface Waiting {
  readonly startedAt: number;
  readonly resolve: (reply: TimedReply) => void;
  readonly reject: (error: Error) => void;
}

function start([name = "", ...args]: readonly string[], onEnd: (ended: Running) => void): Running {
  const child = spawn(name, args, { env: TOOL_ENVIRONMENT, stdio: ["pipe", "pipe", "pipe"] });
  const waiting = new Map<number, Waiting>();
  let complaint = "";
  const end = (error: Error) => {
    onEnd(running);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.once("error", end);
  child.once("close", (code, signal) =>
    end(new Error(complaint === "" ? `${name} ended with ${signal ?? `exit code ${code}`}` : complaint)),
  );
  // If the process has ended, its end says why.
  child.stdin.on("error", () => undefined);
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaint = (complaint + chunk).slice(0, 1_000);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const reply = readReply(line);
    if (reply === undefined) {
      complaint = `${name} wrote a line that is not a reply`;
      child.kill("SIGKILL");
      return;
    }
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    asked?.resolve({ reply, elapsedMs: performance.now() - asked.startedAt });
  });
  const running: Running = {
    ask: (id, request, limitMs) => {
      const { promise, resolve, reject } = Promise.withResolvers<TimedReply>();
      waiting.set(id, { startedAt: performance.now(), resolve, reject });
      child.stdin.write(request);
      const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
      return promise.finally(() => clearTimeout(timer));
    },
    close: () => void child.stdin.end(),
  };
  return running;
}

function readReply(line: string): TcpReply | undefined {
  try {
    return tcpReplySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
