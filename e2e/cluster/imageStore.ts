import { join } from "node:path";

import { cacheRoot } from "./cache.ts";
import { attempt, run } from "./command.ts";
import { withLock } from "./lock.ts";

interface Build {
  readonly reference: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** True if the project's own image storage holds the image. */
export async function isStored(reference: string): Promise<boolean> {
  return (await attempt("buildah", [...storage(), "inspect", "--type", "image", reference])).code === 0;
}

/**
 * Builds a Dockerfile into the image storage. The host's certificate authorities are visible to its RUN lines, read-only
 * and not part of the image: where a proxy signs what the registries answer, npm and others accept it.
 */
export async function buildStored({ reference, dockerfile, context, buildArgs }: Build): Promise<void> {
  const args = Object.entries(buildArgs).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const authorities = ["--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"];
  const how = ["--isolation=chroot", "--pull=missing", "--quiet", ...authorities, ...args];
  await buildah(["build", ...how, "--file", dockerfile, "--tag", reference, context]);
}

/** Writes a stored image to an oci-archive that carries its reference. */
export async function exportStored(reference: string, archive: string): Promise<void> {
  await buildah(["push", "--quiet", reference, `oci-archive:${archive}:${reference}`]);
}

/** Frees the storage of an image; its archive stays. */
export async function removeStored(reference: string): Promise<void> {
  await buildah(["rmi", reference]);
}

/** Runs buildah on the project's own storage, which shares nothing with images that the user may have. */
async function buildah(args: readonly string[]): Promise<string> {
  return withLock({ name: join(cacheRoot(), "buildah"), seconds: 1200 }, () =>
    run("buildah", [...storage(), ...args], { seconds: 1200 }),
  );
}

/** vfs works on every file system; the run folder must not outlive the storage. */
function storage(): readonly string[] {
  const folder = join(cacheRoot(), "buildah");
  return ["--storage-driver=vfs", "--root", join(folder, "storage"), "--runroot", join(folder, "run")];
}
