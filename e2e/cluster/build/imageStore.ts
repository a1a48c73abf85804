import { join } from "node:path";

import { cacheRoot } from "./cache.ts";
import { attempt, run } from "../../process/command.ts";
import { imageStorage } from "./imageStorage.ts";
import { withLock } from "../../process/lock.ts";

interface Build {
  readonly reference: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** True if the project's own image storage holds the image. */
export async function isStored(reference: string): Promise<boolean> {
  const { flags } = await imageStorage();
  return (await attempt("buildah", [...flags, "inspect", "--type", "image", reference])).code === 0;
}

/** Builds a Dockerfile into the image storage, where it stays. */
export async function buildStored(build: Build): Promise<void> {
  await alone(() => buildHere(build));
}

/**
 * Builds a Dockerfile and writes the image to an oci-archive that carries its reference. No other process uses the storage
 * meanwhile, because pruning would remove images that another process has just built.
 */
export async function buildArchive(build: Build, archive: string): Promise<void> {
  await alone(async () => {
    await buildHere(build);
    await exportHere(build.reference, archive);
    await freeHere(build.reference);
  });
}

/**
 * The host's certificate authorities are visible to the RUN lines, read-only and not part of the image: where a proxy signs
 * what the registries answer, npm and others accept it.
 */
async function buildHere({ reference, dockerfile, context, buildArgs }: Build): Promise<void> {
  const args = Object.entries(buildArgs).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const authorities = ["--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"];
  const { keepsLayers } = await imageStorage();
  const how = ["--isolation=chroot", "--pull=missing", "--quiet", `--layers=${keepsLayers}`];
  await buildah([
    "build",
    ...how,
    ...authorities,
    ...args,
    "--file",
    dockerfile,
    "--tag",
    reference,
    context,
  ]);
}

/** zstd at its quickest takes half the time of gzip. */
async function exportHere(reference: string, archive: string): Promise<void> {
  const how = ["--quiet", "--compression-format=zstd", "--compression-level=1"];
  await buildah(["push", ...how, reference, `oci-archive:${archive}:${reference}`]);
}

/** So many images of all kinds, layers included, are worth keeping. */
const KEPT = 60;

/** Frees what the next build of the same image has no use for: older versions, and too many layers. Archives stay. */
async function freeHere(reference: string): Promise<void> {
  const { keepsLayers } = await imageStorage();
  const [name = ""] = reference.split(":");
  // An interrupted build leaves its container, whose image cannot be removed. No other build runs now.
  await buildah(["rm", "--all"]);
  const stored = (await buildah(["images", "--format", "{{.Name}}:{{.Tag}}"])).split("\n");
  for (const version of stored.filter((other) => other.startsWith(`${name}:`))) {
    if (version !== reference || !keepsLayers) await buildah(["rmi", version]);
  }
  const all = (await buildah(["images", "--all", "--quiet"])).split("\n");
  if (all.length > KEPT) await buildah(["rmi", "--prune"]);
}

/** One process at a time on the project's own storage. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  return withLock({ name: join(cacheRoot(), "buildah"), seconds: 1200 }, work);
}

async function buildah(args: readonly string[]): Promise<string> {
  const { flags } = await imageStorage();
  return run("buildah", [...flags, ...args], { seconds: 1200 });
}
