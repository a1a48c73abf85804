import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { attemptLimit, STAGGER } from "../timing.ts";
import {
  processesFor,
  readTransferEnd,
  sharedAttempt,
  sharedCommand,
  type SharedRequest,
  type TransferEnd,
} from "../tools/sharedHttp.ts";
import type { Attempt } from "../tools/tool.ts";
import { TOOL_ENVIRONMENT } from "./exec.ts";
import { heartbeat, watchPulse } from "./heartbeat.ts";

export interface SharedAttempt {
  readonly attempt: Attempt;
  /** Milliseconds from the start of the process to the result. */
  readonly elapsedMs: number;
  /** The process was late just before the result: it may have called an answer silence. */
  readonly wasLate: boolean;
}

export interface SharedCurl {
  /**
   * Makes the attempt in a process that it shares with others of the same moment. Resolves to undefined if a process of
   * its own must make it, when it is that one's turn to start. Rejects if the process did not start, or was killed.
   */
  readonly request: (request: SharedRequest) => Promise<SharedAttempt | undefined>;
  /** Removes the folder. */
  readonly close: () => void;
}

/** Requests that come within this many milliseconds share a process: names take some time to resolve. */
const GATHERING = 10;

interface PendingRequest extends SharedRequest {
  readonly resolve: (shared: SharedAttempt | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export interface SharedCurlOptions {
  /** Where a folder for sockets and headers is created. Default: the memory that every container may write to. */
  readonly parent?: string;
  /** The program and its first arguments, for tests. */
  readonly program?: readonly string[];
  readonly say?: (line: string) => void;
}

/**
 * One curl for all http attempts of a round. A process of a single attempt is left to the caller. So are all of them
 * where no folder can be written to.
 */
export function sharedCurl({ parent = "/dev/shm", program, say }: SharedCurlOptions = {}): SharedCurl {
  const folder = createFolder(parent, say);
  let gathered: PendingRequest[] = [];
  let processes = 0;
  let lastStart = 0;
  /** Processes start one by one: see STAGGER. */
  const turn = async () => {
    const now = performance.now();
    lastStart = Math.max(now, lastStart + STAGGER);
    await wait(lastStart - now);
  };
  const leave = ({ resolve }: PendingRequest) => void turn().then(() => resolve(undefined));
  const start = () => {
    const all = gathered;
    gathered = [];
    for (const batch of processesFor(all)) {
      if (folder === undefined || batch.length === 1) batch.forEach(leave);
      else {
        void turn()
          .then(() => run(batch, { place: join(folder, String(++processes)), program, leave }))
          .catch((error: unknown) => batch.forEach(({ reject }) => reject(error)));
      }
    }
  };
  return {
    request: (request) => {
      const { promise, resolve, reject } = Promise.withResolvers<SharedAttempt | undefined>();
      if (gathered.length === 0) setTimeout(start, GATHERING);
      gathered.push({ ...request, resolve, reject });
      return promise;
    },
    close: () => folder !== undefined && rmSync(folder, { recursive: true, force: true }),
  };
}

function createFolder(parent: string, say: SharedCurlOptions["say"]): string | undefined {
  try {
    return mkdtempSync(join(parent, "netverdict-"));
  } catch (error) {
    say?.(`each http attempt starts a process of its own: ${String(error)}\n`);
    return undefined;
  }
}

interface Setting {
  /** The beginning of the paths of this process's files. */
  readonly place: string;
  readonly program: readonly string[] | undefined;
  /** Leaves an attempt to a process of its own. */
  readonly leave: (waiting: PendingRequest) => void;
}

/** Runs one process, and settles every request. Rejects if the process cannot be created. */
async function run(batch: readonly PendingRequest[], { place, program, leave }: Setting): Promise<void> {
  const files = { beats: `${place}.beats`, headers: (index: number) => `${place}.${index}` };
  const heart = heartbeat(files.beats);
  try {
    await heart.beating;
  } catch {
    batch.forEach(leave);
    return;
  }
  const [curl = "", ...args] = sharedCommand(batch, files);
  const [name = curl, ...first] = program ?? [];
  const startedAt = performance.now();
  const child = spawn(name, [...first, ...args], {
    env: TOOL_ENVIRONMENT,
    stdio: ["ignore", "pipe", "ignore"],
    timeout: attemptLimit(Math.max(...batch.map(({ timeoutMs }) => timeoutMs))),
    killSignal: "SIGKILL",
  });
  const left = new Map(batch.entries());
  const pulse = watchPulse(startedAt);
  const settle = ({ index, written }: TransferEnd) => {
    const waiting = left.get(index);
    if (waiting === undefined) return;
    left.delete(index);
    const attempt = written && sharedAttempt(written, readHeaders(files.headers(index)), waiting.check);
    const now = performance.now();
    if (attempt) waiting.resolve({ attempt, elapsedMs: now - startedAt, wasLate: pulse.wasLate(now) });
    else leave(waiting);
  };
  onLines(child.stdout, (line) => {
    pulse.beat(performance.now());
    const end = readTransferEnd(line);
    if (end) settle(end);
    if (left.size === 0) heart.stop();
  });
  const endAll = (settleOne: (waiting: PendingRequest) => void) => {
    for (const waiting of left.values()) settleOne(waiting);
    left.clear();
    heart.stop();
    for (const index of batch.keys()) rmSync(files.headers(index), { force: true });
  };
  child.once("error", (error) => endAll(({ reject }) => reject(error)));
  // A curl that ends by itself without a result did not understand one of the requests: each then shows its own error.
  child.once("close", (_, signal) =>
    endAll((waiting) =>
      signal === null ? leave(waiting) : waiting.reject(new Error(`${name} ended with ${signal}`)),
    ),
  );
}

/** node:readline also ends a line at U+2028 and U+2029, which a server may write into the JSON of curl. */
function onLines(stream: Readable, receive: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(receive);
  });
}

/** Returns a character for each byte of the headers; none if curl could not create the file. */
function readHeaders(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
