import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { until } from "./until.ts";

/**
 * Does work while holding a lock file, so that of two processes that want the same thing one waits for the other.
 * The lock of a process that has died is taken over.
 */
export async function withLock<T>(path: string, seconds: number, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  await until(`${path} is held by another process`, () => take(path), { seconds, everyMs: 200 });
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<true | undefined> {
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!(await ownerLives(path))) await rm(path, { force: true });
    return undefined;
  }
}

async function ownerLives(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => "");
  // Empty: its owner is about to write its number.
  if (text === "") return true;
  try {
    process.kill(Number(text), 0);
    return true;
  } catch {
    return false;
  }
}
