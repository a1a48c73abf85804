import { cp, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";

import { cached, cachePath, isCached, keyOf } from "./cache.ts";
import { attempt, run } from "../../process/command.ts";
import { BUILD_FLAGS, findGo, goEnvironment } from "./go.ts";
import { base, type Group } from "./groups.ts";
import type { Step } from "./prepare.ts";

const SOURCES = join(import.meta.dirname, "../go");

/** The folders with the programs of one cluster. */
export interface Binaries {
  /** What every cluster has. */
  readonly base: string;
  /** What connects its pods. */
  readonly engine: string;
}

/** Of the groups that a cluster with this engine needs, those that are not in the cache. */
export async function missingBinaries(engine: Group): Promise<readonly Group[]> {
  const needed = [base, engine];
  const states = await Promise.all(needed.map(async (group) => isCached(await entryOf(group))));
  return needed.filter((_, i) => states[i] === false);
}

/** Builds the programs of a cluster with this engine, one group after the other: each build uses all cores by itself. */
export async function binarySteps(engine: Group, interrupted: AbortSignal): Promise<readonly Step[]> {
  const own = await binaryStep(engine, interrupted);
  const shared = await binaryStep(base, interrupted);
  // The engine's modules arrive while the processors are busy with the programs before.
  const withDownload: Step["run"] = async (tick) => {
    await Promise.all([shared.run(tick), own.isDone ? undefined : download(engine, interrupted)]);
  };
  return [{ ...shared, run: withDownload }, own];
}

/** Where the programs are, without building any. */
export async function binaries(engine: Group): Promise<Binaries> {
  return { base: await baseBinaries(), engine: cachePath(await entryOf(engine)) };
}

/** The folder of those that every cluster has, for what works on a cluster of any engine. */
export async function baseBinaries(): Promise<string> {
  return cachePath(await entryOf(base));
}

/** A search path with both folders before the given one. */
export function searchPath(folders: Binaries, rest = process.env["PATH"] ?? ""): string {
  return [folders.base, folders.engine, rest].join(delimiter);
}

/** The linker's flags: no symbols, no debug information, and the versions that the programs report. */
export function linkerFlags({ variables = [] }: Group): string {
  return ["-s -w", ...variables.map((variable) => `-X ${variable}`)].join(" ");
}

async function entryOf(group: Group) {
  const folder = join(SOURCES, group.name);
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => /\.(go|mod|sum)$/.test(file))
    .toSorted();
  const contents = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const { packages, links = {}, files: { paths } = { paths: [] } } = group;
  const how = JSON.stringify([BUILD_FLAGS, linkerFlags(group), packages, links, paths]);
  return { kind: "bin", name: group.name, key: keyOf(process.arch, how, ...files, ...contents) } as const;
}

async function binaryStep(group: Group, interrupted: AbortSignal): Promise<Step> {
  const entry = await entryOf(group);
  return {
    title: `building ${group.title}`,
    seconds: group.coldSeconds,
    isDone: await isCached(entry),
    run: async (tick) => {
      await cached(entry, async (folder) => build({ group, folder, tick, signal: interrupted }));
    },
  };
}

/** Fetches a group's modules ahead of its build, which says what is wrong if that fails. */
async function download(group: Group, signal: AbortSignal): Promise<void> {
  const options = { cwd: join(SOURCES, group.name), env: goEnvironment(), seconds: 3600, signal };
  await attempt(await findGo(), ["mod", "download"], options).catch(() => undefined);
}

interface Build {
  readonly group: Group;
  readonly folder: string;
  readonly tick: (fraction: number) => void;
  readonly signal: AbortSignal;
}

/** Go names each package that it has compiled; what an interrupted build compiled stays in Go's own cache. */
async function build({ group, folder, tick, signal }: Build): Promise<void> {
  const go = await findGo();
  const options = { cwd: join(SOURCES, group.name), env: goEnvironment(), seconds: 3600, signal };
  await mkdir(folder, { recursive: true });
  let compiled = 0;
  const onLine = (): void => tick((compiled += 1) / group.packageCount);
  const args = [
    "build",
    "-v",
    ...BUILD_FLAGS,
    "-ldflags",
    linkerFlags(group),
    "-o",
    `${folder}/`,
    ...group.packages,
  ];
  await run("nice", [go, ...args], { ...options, onLine });
  for (const [program, names] of Object.entries(group.links ?? {}))
    for (const name of names) await symlink(program, join(folder, name));
  if (group.files === undefined) return;
  const source = (await run(go, ["list", "-m", "-f", "{{.Dir}}", group.files.module], options)).trim();
  for (const path of group.files.paths)
    await cp(join(source, path), join(folder, basename(path)), { recursive: true });
}
