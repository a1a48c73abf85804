import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { type BaseName, baseReference, baseSteps } from "./baseImages.ts";
import { type BuildContext, keyOfContext, readContext, stageContext } from "./buildContext.ts";
import { cached, cachePath, cacheRoot, isCached, keyOf } from "./cache.ts";
import { buildArchive } from "./imageStore.ts";
import { prepare, type Step } from "./prepare.ts";
import type { Report } from "../../process/report.ts";

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
  /** What it takes from nothing on two quiet cores; 20 if left out. */
  readonly seconds?: number;
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
  await prepare(await imageSteps([request], report), report);
  return builtImage(request);
}

/** Where the image of a request is, or will be. */
async function builtImage(request: ImageRequest): Promise<BuiltImage> {
  const { entry, reference } = await plan(request);
  return { reference, archive: cachePath(entry) };
}

/** The steps that build these images, with the base images that they need. */
export async function imageSteps(
  requests: readonly ImageRequest[],
  report: Report,
): Promise<readonly Step[]> {
  const images = await Promise.all(requests.map(async (request) => imageStep(request)));
  const bases = new Set(
    images.flatMap(({ base, step }) => (base === undefined || step.isDone ? [] : [base])),
  );
  const below = (await Promise.all([...bases].map(async (base) => baseSteps(base, report)))).flat();
  const unique = below.filter((step, i) => below.findIndex(({ title }) => title === step.title) === i);
  return [...unique, ...images.map(({ step }) => step)];
}

async function imageStep(request: ImageRequest): Promise<{ step: Step; base: BaseName | undefined }> {
  const { entry, reference, context, args } = await plan(request);
  const { dockerfile, base } = request;
  const step: Step = {
    title: `building the image ${request.name}`,
    seconds: request.seconds ?? 20,
    isDone: await isCached(entry),
    run: async () => {
      await cached(entry, async (path) =>
        inStagedContext(context, entry.key, async (staged) => {
          await buildArchive({ reference, dockerfile, context: staged, buildArgs: args }, path);
        }),
      );
    },
  };
  return { step, base };
}

/** What an image is built from, and the names that follow from it. */
async function plan({ name, dockerfile, base, buildArgs = {}, context: folder }: ImageRequest) {
  const context = await readContext(folder, dockerfile);
  const args = { ...buildArgs, ...(base !== undefined && { BASE: await baseReference(base) }) };
  const key = keyOf(
    process.arch,
    await readFile(dockerfile),
    JSON.stringify(args),
    await keyOfContext(context),
  );
  return {
    entry: { kind: "image", name, key },
    reference: `localhost/${name}:${key}`,
    context,
    args,
  } as const;
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
