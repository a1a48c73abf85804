import { rm } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "./cache.ts";
import { attempt } from "./command.ts";

/** Where buildah keeps what it builds, apart from images that the user may have. */
export interface ImageStorage {
  /** The flags that come before every command of buildah. */
  readonly flags: readonly string[];
  /** Whether it may keep the layers of a build for the next: where each is a whole copy, they cost more than they save. */
  readonly keepsLayers: boolean;
}

const DRIVERS = ["overlay", "vfs"] as const;

let found: Promise<ImageStorage> | undefined;

/** Layers laid over each other where the file system can; vfs, which copies them, works on every one. */
export async function imageStorage(): Promise<ImageStorage> {
  found ??= findStorage();
  return found;
}

async function findStorage(): Promise<ImageStorage> {
  for (const driver of DRIVERS) {
    const storage = storageOf(driver);
    if ((await attempt("buildah", [...storage.flags, "images", "--quiet"])).code === 0) return storage;
    await rm(folderOf(driver), { recursive: true, force: true });
  }
  return storageOf("vfs");
}

/** The run folder must not outlive the storage. */
function storageOf(driver: (typeof DRIVERS)[number]): ImageStorage {
  const folder = folderOf(driver);
  const folders = ["--root", join(folder, "storage"), "--runroot", join(folder, "run")];
  return { flags: [`--storage-driver=${driver}`, ...folders], keepsLayers: driver === "overlay" };
}

const folderOf = (driver: string) => join(cacheRoot(), `buildah-${driver}`);
