import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { baseImage, type BaseName } from "./baseImages.ts";
import { type BuildContext, keyOfContext, readContext, stageContext } from "./buildContext.ts";
import { cached, cachePath, cacheRoot, keyOf } from "./cache.ts";
import { buildArchive } from "./imageStore.ts";
import { type Report, withProgress } from "./report.ts";

/** An image to build. Paths are absolute. */
export interface ImageRequest {
  /** Becomes `localhost/<name>:<key>`. Lower case. */
  readonly name: string;
  readonly dockerfile: string;
  /** Folder that COPY lines refer to; its .dockerignore holds (see buildContext.ts), node_modules and .git never go in. */
  readonly context: string;
  /**
   * What `ARG BASE` of the Dockerfile becomes: "node" for node:24-bookworm-slim, "debian" for debian:bookworm-slim. Built
   * from packages where it is missing. Absent for `FROM scratch`.
   */
  readonly base?: BaseName;
  readonly buildArgs?: Readonly<Record<string, string>>;
}

export interface BuiltImage {
  /** `localhost/<name>:<key>` for a pod's `image`, with imagePullPolicy IfNotPresent or Never. */
  readonly reference: string;
  /** The oci-archive, for `cluster.load`. */
  readonly archive: string;
}

/**
 * Builds an image, or finds the one that was built from the same Dockerfile, context, arguments and base before. The tag
 * is derived from all of them, so a pod can never run a stale image.
 *
 * @example
 * const image = await buildImage(
 *   { name: "netverdict", dockerfile: join(root, "Dockerfile"), context: root, base: "node" },
 *   report,
 * );
 * await cluster.load(image.reference);
 * // then `image: ${image.reference}` and `imagePullPolicy: Never` in the pod
 *
 * The Dockerfile starts with `ARG BASE=node:24-bookworm-slim` and uses `FROM ${BASE}`, so that docker builds it as well.
 * RUN lines may use apt-get and npm: both reach their registries.
 */
export async function buildImage(request: ImageRequest, report: Report): Promise<BuiltImage> {
  const { name, dockerfile, buildArgs = {} } = request;
  const context = await readContext(request.context, dockerfile);
  const base = request.base && (await baseImage(request.base, report));
  const args = { ...buildArgs, ...(base !== undefined && { BASE: base }) };
  const key = keyOf(
    process.arch,
    await readFile(dockerfile),
    JSON.stringify(args),
    await keyOfContext(context),
  );
  const reference = `localhost/${name}:${key}`;
  const archive = await cached({ kind: "image", name, key }, (path) =>
    withProgress(report, `building image ${name}`, () =>
      inStagedContext(context, key, async (staged) => {
        await buildArchive({ reference, dockerfile, context: staged, buildArgs: args }, path);
      }),
    ),
  );
  return { reference, archive };
}

/** The archive of an image that buildImage has made, by its reference `localhost/<name>:<key>`. */
export function archiveOf(reference: string): string {
  const [name = "", key = ""] = reference.replace(/^localhost\//, "").split(":");
  return cachePath({ kind: "image", name, key });
}

/** The build sees a copy that holds the context's files and nothing else. */
async function inStagedContext(
  context: BuildContext,
  key: string,
  build: (folder: string) => Promise<void>,
): Promise<void> {
  const staged = join(cacheRoot(), "staged", key);
  await rm(staged, { recursive: true, force: true });
  try {
    await stageContext(context, staged);
    await build(staged);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}
