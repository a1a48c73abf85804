import { access, rm } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "./cache.ts";
import { attempt } from "../../process/command.ts";
import { Failure } from "../../process/failure.ts";
import { withLock } from "../../process/lock.ts";

/** Where buildah keeps what it builds, apart from images that the user may have. */
export interface ImageStorage {
  /** The flags that come before every command of buildah. */
  readonly flags: readonly string[];
  /** Whether it may keep the layers of a build for the next: where each is a whole copy, they cost more than they save. */
  readonly keepsLayers: boolean;
}

const DRIVERS = ["overlay", "vfs"] as const;
type Driver = (typeof DRIVERS)[number];

let found: Promise<ImageStorage> | undefined;

/** Layers laid over each other where the file system can; vfs, which copies them, works on every one. */
export async function imageStorage(): Promise<ImageStorage> {
  found ??= findStorage().catch((error: unknown) => {
    found = undefined;
    throw error;
  });
  return found;
}

/**
 * One process at a time, so that none takes what another is just trying for storage that was there before. Not the lock
 * of imageStore.ts, whose holder asks for the storage.
 */
async function findStorage(): Promise<ImageStorage> {
  return withLock({ name: join(cacheRoot(), "buildah-drivers"), seconds: 300 }, async () => {
    for (const driver of DRIVERS) if (await works(driver)) return storageOf(driver);
    throw new Failure(`buildah has storage of no kind: ${DRIVERS.join(", ")}`);
  });
}

/**
 * Asks for nothing that lies in the storage, since images come and go there. Storage that was there before has worked
 * before, and others may be building in it: it is never removed, independent of buildah's result.
 */
async function works(driver: Driver): Promise<boolean> {
  const folder = folderOf(driver);
  const isKnown = await access(folder).then(
    () => true,
    () => false,
  );
  const { code, stderr } = await attempt("buildah", [...storageOf(driver).flags, "info"]);
  if (code === 0) return true;
  if (isKnown) throw new Failure(`buildah cannot use ${folder}: ${stderr.trim()}`);
  await rm(folder, { recursive: true, force: true });
  return false;
}

/** The run folder must not outlive the storage. */
function storageOf(driver: Driver): ImageStorage {
  const folder = folderOf(driver);
  const folders = ["--root", join(folder, "storage"), "--runroot", join(folder, "run")];
  return { flags: [`--storage-driver=${driver}`, ...folders], keepsLayers: driver === "overlay" };
}

const folderOf = (driver: Driver) => join(cacheRoot(), `buildah-${driver}`);
