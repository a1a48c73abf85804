import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";

import { until } from "./until.ts";

/**
 * Does work while holding a lock of this machine, so that of two processes that want the same thing one waits for the
 * other. The lock is a socket without a file (a name that starts with NUL): the kernel gives it to one process only and
 * takes it back when that ends, however it ends.
 */
export async function withLock<T>(name: string, seconds: number, work: () => Promise<T>): Promise<T> {
  const socket = `\0netverdict-${createHash("sha256").update(name).digest("hex")}`;
  const server = await until(`another process ends its work on ${name}`, () => take(socket), {
    seconds,
    everyMs: 200,
  });
  try {
    return await work();
  } finally {
    server.close();
  }
}

async function take(socket: string): Promise<Server | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  const server = createServer();
  server.on("error", (error) => {
    if ("code" in error && error.code === "EADDRINUSE") resolve(undefined);
    else reject(error);
  });
  server.listen(socket, () => resolve(server));
  return promise;
}
