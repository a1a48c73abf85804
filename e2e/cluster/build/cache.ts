import { createHash } from "node:crypto";
import { access, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { withLock } from "../../process/lock.ts";

/** How many versions of one thing stay: several checkouts may use different ones. */
const KEPT = 8;

/** Where everything lives that is slow to make again; outside the checkout, shared by all checkouts. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  const base = env["XDG_CACHE_HOME"];
  return join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), "netverdict");
}

/** A short key of everything that the result of a build depends on. */
export function keyOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    // The length keeps ("ab", "c") and ("a", "bc") apart.
    hash.update(`${part.length}:`).update(part);
  }
  return hash.digest("hex").slice(0, 16);
}

interface Entry {
  readonly kind: "bin" | "image" | "download";
  readonly name: string;
  readonly key: string;
}

/** Where an entry of the cache is, or will be. */
export function cachePath({ kind, name, key }: Entry): string {
  return join(cacheRoot(), kind, `${name}@${key}`);
}

/** True if the entry was made to its end. */
export async function isCached(entry: Entry): Promise<boolean> {
  return access(cachePath(entry)).then(
    () => true,
    () => false,
  );
}

/**
 * The path of a file or folder, made once by `make(temporary path)`. An interrupted `make` leaves nothing that counts:
 * the result gets its name only when it is complete.
 */
export async function cached(entry: Entry, make: (path: string) => Promise<void>): Promise<string> {
  const path = cachePath(entry);
  if (!(await isCached(entry))) {
    await withLock({ name: path, seconds: 3600 }, async () => {
      if (await isCached(entry)) return;
      const unfinished = `${path}.unfinished`;
      await mkdir(dirname(path), { recursive: true });
      await rm(unfinished, { recursive: true, force: true });
      await make(unfinished);
      await rename(unfinished, path);
      await removeOlder(entry);
    });
  }
  await utimes(path, new Date(), new Date());
  return path;
}

async function removeOlder({ kind, name }: Entry): Promise<void> {
  const folder = join(cacheRoot(), kind);
  const versions = (await readdir(folder)).filter(
    (file) => file.startsWith(`${name}@`) && !file.includes("."),
  );
  const aged = await Promise.all(
    versions.map(async (file) => ({ file, used: (await stat(join(folder, file))).mtimeMs })),
  );
  const old = aged.toSorted((a, b) => b.used - a.used).slice(KEPT);
  await Promise.all(old.map(({ file }) => rm(join(folder, file), { recursive: true, force: true })));
}
