import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { cached, cacheRoot, keyOf } from "./cache.ts";
import { run } from "../../process/command.ts";
import { buildStored, isStored } from "./imageStore.ts";
import { withLock } from "../../process/lock.ts";
import type { Step } from "./prepare.ts";
import type { Report } from "../../process/report.ts";

/** Stand-ins for images of a public registry, made from Debian and npm packages: nothing is pulled. */
export type BaseName = "debian" | "node";

const PACKAGES = ["--variant=minbase", "--include=ca-certificates", "bookworm"];
const NPM = "npm@11.21.2";
const DOCKERFILES = join(import.meta.dirname, "bases");

/** What makes a base image: its reference is derived from all that goes into it. */
interface BaseImage {
  readonly reference: string;
  /** Without network and packages, on two quiet cores. */
  readonly seconds: number;
  /** The base that it is built on. */
  readonly base?: BaseName;
  readonly build: (context: string) => Promise<void>;
}

/** The reference of a base image in the project's image storage. */
export async function baseReference(name: BaseName): Promise<string> {
  return (await baseImage(name)).reference;
}

/** The steps that build a base image, with those of the image below it. */
export async function baseSteps(name: BaseName, report: Report): Promise<readonly Step[]> {
  const image = await baseImage(name);
  const below = image.base === undefined ? [] : await baseSteps(image.base, report);
  const own: Step = {
    title: `building the base image ${name}`,
    seconds: image.seconds,
    // Without buildah, which an earlier step installs, there is no image either.
    isDone: await isStored(image.reference).catch(() => false),
    run: async () => ensure(image, report),
  };
  return [...below, own];
}

async function baseImage(name: BaseName): Promise<BaseImage> {
  return name === "debian" ? debianImage() : nodeImage();
}

/** As `debian:bookworm-slim`: the minimum, with ca-certificates. */
async function debianImage(): Promise<BaseImage> {
  const dockerfile = join(DOCKERFILES, "Dockerfile.debian");
  const reference = referenceOf("debian:bookworm-slim", [await readFile(dockerfile), ...PACKAGES]);
  return {
    reference,
    seconds: 20,
    async build(context) {
      await run("mmdebstrap", ["--quiet", ...PACKAGES, join(context, "base.tar")], { seconds: 600 });
      await buildStored({ reference, dockerfile, context, buildArgs: {} });
    },
  };
}

/** As `node:24-bookworm-slim`: Node where that image has it, npm and npx, the user `node`. */
async function nodeImage(): Promise<BaseImage> {
  const base = await baseReference("debian");
  const dockerfile = join(DOCKERFILES, "Dockerfile.node");
  const node = nodeProgram();
  const version = await run(node, ["--version"]);
  const parts = [base, await readFile(dockerfile), version, NPM];
  const reference = referenceOf("netverdict-base:24-bookworm-slim", parts);
  return {
    reference,
    seconds: 20,
    base: "debian",
    async build(context) {
      await copyFile(node, join(context, "node"));
      await chmod(join(context, "node"), 0o755);
      await copyFile(await npmPackage(), join(context, "npm.tgz"));
      await buildStored({ reference, dockerfile, context, buildArgs: { BASE: base } });
    },
  };
}

function referenceOf(name: string, parts: readonly (string | Uint8Array)[]): string {
  return `localhost/${name}-${keyOf(process.arch, ...parts)}`;
}

/** Builds in a folder of its own, one process at a time, unless the storage has the image. */
async function ensure({ reference, build }: BaseImage, report: Report): Promise<void> {
  const folder = join(cacheRoot(), "staged", reference.replace(/\W/g, "-"));
  await withLock({ name: folder, seconds: 1200, report }, async () => {
    if (await isStored(reference)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    try {
      await build(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** The Node of this checkout's packages; built for old C libraries, unlike one of a newer distribution. */
function nodeProgram(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`);
    return join(dirname(manifest), "bin/node");
  } catch {
    return process.execPath;
  }
}

/** npm's own package, with all that it depends on inside. */
async function npmPackage(): Promise<string> {
  const folder = await cached({ kind: "download", name: "npm", key: keyOf(NPM) }, async (path) => {
    await mkdir(path, { recursive: true });
    const file = (
      await run("npm", ["pack", "--silent", NPM, "--pack-destination", path], { seconds: 180 })
    ).trim();
    await writeFile(join(path, "name"), file);
  });
  return join(folder, await readFile(join(folder, "name"), "utf8"));
}
