import { access, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Failure } from "../../process/failure.ts";
import { nodeName, nodeNumbers, type Spec } from "./spec.ts";
import { until } from "../../process/until.ts";

/** Where every host has its control groups. */
export const CGROUP_ROOT = "/sys/fs/cgroup";
/** What kubelet asks of the root that it is given on a host with one hierarchy (cgroup v2). */
export const CONTROLLERS = ["cpuset", "cpu", "io", "memory", "pids"];

/**
 * The weight of a cluster's pods, by the file that each version of cgroups has for it: 16 times that of one process
 * outside. Where systemd runs, all daemons share one slice that the pods outweigh; here each daemon, and each process
 * of a test, competes for itself with all pods together, which would leave them a tenth of a busy machine.
 */
const CPU_WEIGHT: Readonly<Record<string, string>> = { "cpu.shares": "16384", "cpu.weight": "1600" };

/** The cgroup that a node's kubelet takes as its root; nodes must not share one: kubelet removes what it does not know. */
export function cgroupOf(name: string, i: number): string {
  return `/${name}/${nodeName(i)}`;
}

/** Makes each node's cgroup in every hierarchy of the host. */
export async function makeCgroups(spec: Spec): Promise<void> {
  const unified = await isUnified();
  for (const hierarchy of await hierarchies()) {
    const parent = join(hierarchy, spec.name);
    if (unified) await delegate(hierarchy);
    await makeOne(parent, hierarchy);
    await weigh(parent);
    if (unified) await delegate(parent);
    for (const i of nodeNumbers(spec)) await makeOne(join(parent, nodeName(i)), parent);
  }
}

/** The period in microseconds after which the kernel refills the CPU quota. */
const CPU_PERIOD = 100_000;

/** The files of each version of cgroups, and what they are to hold for so many microseconds a period. */
const CPU_QUOTA: Readonly<Record<string, (quota: number | undefined) => string>> = {
  "cpu.cfs_quota_us": (quota = -1) => String(quota),
  "cpu.max": (quota) => `${quota ?? "max"} ${CPU_PERIOD}`,
};

/** Lets all pods of a node together have so many processors, such as 0.5; undefined: as many as there are. */
export async function limitCpu(name: string, i: number, processors: number | undefined): Promise<void> {
  const quota = processors === undefined ? undefined : Math.round(processors * CPU_PERIOD);
  for (const hierarchy of await hierarchies()) {
    for (const [file, valueOf] of Object.entries(CPU_QUOTA)) {
      const path = join(hierarchy, cgroupOf(name, i), file);
      if (await exists(path)) await writeFile(path, valueOf(quota));
    }
  }
}

/** Where each version of cgroups counts CPU time, and the seconds in that text; NaN for a file of that name without it. */
const CPU_TIME: Readonly<Record<string, (text: string) => number>> = {
  "cpuacct.usage": (text) => Number(text) / 1e9,
  "cpu.stat": (text) => Number(/^usage_usec (\d+)$/m.exec(text)?.[1]) / 1e6,
};

/** The CPU seconds that all pods of a node have used, those that have ended among them. */
export async function podCpuSeconds(name: string, i: number): Promise<number> {
  for (const hierarchy of await hierarchies()) {
    for (const [file, secondsIn] of Object.entries(CPU_TIME)) {
      const path = join(hierarchy, cgroupOf(name, i), file);
      if (!(await exists(path))) continue;
      const seconds = secondsIn(await readFile(path, "utf8"));
      if (Number.isFinite(seconds)) return seconds;
    }
  }
  throw new Failure(`${nodeName(i)} of ${name}: no cgroup counts CPU time`);
}

/** Removes a cluster's cgroups; those of pods vanish as their last processes do, so this may have to wait. */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    await until(`cgroup ${name} in ${hierarchy} can be removed`, () => removeTree(join(hierarchy, name)), {
      seconds: 10,
    });
  }
}

/** The cgroup folders of a cluster that exist. */
export async function cgroupsLeft(name: string): Promise<readonly string[]> {
  const folders = (await hierarchies()).map((hierarchy) => join(hierarchy, name));
  const there = await Promise.all(folders.map(exists));
  return folders.filter((_, i) => there[i] === true);
}

/** The folders of the host's hierarchies: one with cgroup v2 alone, else one for each controller or several. */
export async function hierarchies(): Promise<readonly string[]> {
  if (await isUnified()) return [CGROUP_ROOT];
  const entries = await readdir(CGROUP_ROOT, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(CGROUP_ROOT, entry.name));
}

/** True on a host with cgroup v2 alone. */
export async function isUnified(): Promise<boolean> {
  return exists(join(CGROUP_ROOT, "cgroup.controllers"));
}

async function delegate(folder: string): Promise<void> {
  const there = (await readFile(join(folder, "cgroup.controllers"), "utf8")).trim().split(" ");
  const wanted = CONTROLLERS.filter((controller) => there.includes(controller)).map((one) => `+${one}`);
  await writeFile(join(folder, "cgroup.subtree_control"), wanted.join(" "));
}

/** A new cpuset of cgroup v1 is empty, and no process can enter it before it has processors and memory. */
async function makeOne(folder: string, parent: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (!folder.startsWith(join(CGROUP_ROOT, "cpuset/"))) return;
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    await writeFile(join(folder, file), await readFile(join(parent, file), "utf8"));
  }
}

async function weigh(folder: string): Promise<void> {
  for (const [file, weight] of Object.entries(CPU_WEIGHT)) {
    if (await exists(join(folder, file))) await writeFile(join(folder, file), weight);
  }
}

async function removeTree(folder: string): Promise<true | undefined> {
  if (!(await exists(folder))) return true;
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder);
  return true;
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
