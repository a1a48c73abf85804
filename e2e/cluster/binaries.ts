import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";

import { cached, cachePath, isCached, keyOf } from "./cache.ts";
import { run } from "./command.ts";
import { findGo, goEnvironment } from "./go.ts";
import { type Group, type GroupName, groups } from "./groups.ts";
import { type Report, withProgress } from "./report.ts";

const SOURCES = join(import.meta.dirname, "go");

/** The folders with the programs that every cluster has, one per group. */
export type BaseBinaries = Readonly<Record<GroupName, string>>;

/** Those of one cluster: of all engines its own alone. */
export type Binaries = BaseBinaries & { readonly engine: string };

/** Of the groups that a cluster with this engine needs, those that are not in the cache. */
export async function missingBinaries(engine: Group): Promise<readonly Group[]> {
  const needed = [...Object.values(groups), engine];
  const states = await Promise.all(needed.map(async (group) => isCached(await entryOf(group))));
  return needed.filter((_, i) => states[i] === false);
}

interface Build {
  readonly report: Report;
  readonly interrupted: AbortSignal;
}

/** Builds every group that is not in the cache, one after the other: each build uses all cores by itself. */
export async function buildBinaries(engine: Group, { report, interrupted }: Build): Promise<Binaries> {
  for (const group of await missingBinaries(engine)) await buildGroup(group, report, interrupted);
  return binaries(engine);
}

/** Where the programs are, without building any. */
export async function binaries(engine: Group): Promise<Binaries> {
  return { ...(await baseBinaries()), engine: cachePath(await entryOf(engine)) };
}

/** The same without those of an engine, for what works on a cluster of any. */
export async function baseBinaries(): Promise<BaseBinaries> {
  const folder = async (name: GroupName): Promise<string> => cachePath(await entryOf(groups[name]));
  return {
    kubernetes: await folder("kubernetes"),
    etcd: await folder("etcd"),
    containerd: await folder("containerd"),
    cni: await folder("cni"),
    coredns: await folder("coredns"),
    own: await folder("own"),
  };
}

/** A search path with every group's folder before the given one. */
export function searchPath(folders: Binaries, rest = process.env["PATH"] ?? ""): string {
  return [...Object.values(folders), rest].join(delimiter);
}

/** The flags of one group's build: with its module files, all that its programs depend on. */
export function linkerFlags(group: Group): string {
  return ["-s -w", ...(group.variables ?? []).map((variable) => `-X ${variable}`)].join(" ");
}

async function entryOf(group: Group) {
  const folder = join(SOURCES, group.name);
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => /\.(go|mod|sum)$/.test(file))
    .toSorted();
  const contents = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const key = keyOf(
    process.arch,
    linkerFlags(group),
    group.program ?? "",
    ...(group.packages ?? []),
    ...files,
    ...contents,
  );
  return { kind: "bin", name: group.name, key } as const;
}

async function buildGroup(group: Group, report: Report, interrupted: AbortSignal): Promise<void> {
  const what = `building ${group.name} ${group.version} (about ${group.coldSeconds} s on two cores, once)`;
  await cached(await entryOf(group), (folder) =>
    withProgress(report, what, () => compile(group, folder, interrupted)),
  );
}

async function compile(group: Group, folder: string, signal: AbortSignal): Promise<void> {
  const go = await findGo();
  const options = { cwd: join(SOURCES, group.name), env: goEnvironment(), seconds: 2400, signal };
  await mkdir(folder, { recursive: true });
  const output = join(folder, group.program ?? "/");
  const packages = group.packages ?? ["tool"];
  const args = ["build", "-ldflags", linkerFlags(group), "-o", output, ...packages];
  await run("nice", [go, ...args], options);
  if (group.files === undefined) return;
  const source = (await run(go, ["list", "-m", "-f", "{{.Dir}}", group.files.module], options)).trim();
  for (const path of group.files.paths)
    await cp(join(source, path), join(folder, basename(path)), { recursive: true });
}
