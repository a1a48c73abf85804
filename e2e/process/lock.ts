import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";

import type { Report } from "./report.ts";
import { until } from "./until.ts";

interface Lock {
  /** What is worked on: a path, or a name. */
  readonly name: string;
  /** How long to wait for another process at most. */
  readonly seconds: number;
  /** Called if another process has the lock. */
  readonly report?: Report;
}

/**
 * Does work while holding a lock of this machine, so that of two processes that want the same thing one waits for the
 * other. The lock is a socket without a file (a name that starts with NUL): the kernel gives it to one process only and
 * takes it back when that ends, however it ends.
 */
export async function withLock<T>({ name, seconds, report }: Lock, work: () => Promise<T>): Promise<T> {
  const server = (await take(name)) ?? (await wait({ name, seconds, ...(report && { report }) }));
  try {
    return await work();
  } finally {
    server.close();
  }
}

async function wait({ name, seconds, report }: Lock): Promise<Server> {
  report?.(`waiting for another process that works on ${name}`);
  return until(`another process ends its work on ${name}`, () => take(name), { seconds, everyMs: 200 });
}

async function take(name: string): Promise<Server | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  const server = createServer();
  server.on("error", (error) => {
    if ("code" in error && error.code === "EADDRINUSE") resolve(undefined);
    else reject(error);
  });
  const socket = `\0netverdict-${createHash("sha256").update(name).digest("hex")}`;
  server.listen(socket, () => resolve(server));
  return promise;
}
