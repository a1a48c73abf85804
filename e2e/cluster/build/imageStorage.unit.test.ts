import { access, chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { imageStorage } from "./imageStorage.ts";

let root: string;
let overlay: string;

/** A buildah of our own, found before the real one; it fails for these drivers, and makes the folder that it is given. */
async function buildah(...failing: readonly string[]): Promise<void> {
  const drivers = failing.map((driver) => `--storage-driver=${driver}`).join("|") || "none";
  const script = `#!/bin/sh\nmkdir -p "$3"\ncase $1 in ${drivers}) echo broken >&2; exit 1 ;; esac\n`;
  await writeFile(join(root, "buildah"), script);
  await chmod(join(root, "buildah"), 0o755);
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "netverdict-storage-"));
  overlay = join(root, "netverdict/buildah-overlay");
  vi.stubEnv("XDG_CACHE_HOME", root);
  vi.stubEnv("PATH", `${root}:${process.env["PATH"]}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

it("storage that existed before stays, also if buildah fails there: another process may be building there", async () => {
  await mkdir(overlay, { recursive: true });
  await buildah("overlay");
  await expect(imageStorage()).rejects.toThrow(`buildah cannot use ${overlay}: broken`);
  expect(await isThere(overlay)).toBe(true);
});

it("where layers cannot lie over each other they are copied, and nothing is left of the attempt", async () => {
  await buildah("overlay");
  expect(await imageStorage()).toMatchObject({ keepsLayers: false });
  expect(await isThere(overlay)).toBe(false);
});
