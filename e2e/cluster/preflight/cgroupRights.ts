import { mkdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { CGROUP_ROOT, CONTROLLERS, exists, hierarchies, isUnified } from "../nodes/cgroups.ts";
import { messageOf } from "../../process/failure.ts";
import { GO_ELSEWHERE, type Problem } from "./problem.ts";

/** What the machine has of control groups. */
export interface CgroupFacts {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  /** Why no cgroup can be made; undefined where one can, or where this process is not root. */
  readonly refusal: string | undefined;
}

/** Without these kubelet does not start (validateSystemRequirements in its sources), or cannot limit pods. */
const NEEDED = { 1: ["cpu", "cpuacct", "cpuset", "memory"], 2: ["cpu", "cpuset", "memory"] } as const;

export async function readCgroups(): Promise<CgroupFacts> {
  const version = (await isUnified()) ? 2 : 1;
  const folders = await hierarchies().catch(() => []);
  return {
    version,
    controllers: version === 2 ? await wordsOf(CGROUP_ROOT, "cgroup.controllers") : await mounted(folders),
    refusal: process.getuid?.() === 0 ? await refusalOf(version, folders) : undefined,
  };
}

/** Version 1 has a folder for each controller, or for several: cpu,cpuacct. */
async function mounted(folders: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(folders.map((folder) => exists(join(folder, "cgroup.procs"))));
  return folders
    .filter((_, i) => there[i])
    .flatMap((folder) => folder.slice(CGROUP_ROOT.length + 1).split(","));
}

async function refusalOf(version: 1 | 2, folders: readonly string[]): Promise<string | undefined> {
  try {
    for (const folder of folders) {
      const one = join(folder, `netverdict-try-${process.pid}`);
      await mkdir(one);
      await rmdir(one);
    }
  } catch (error) {
    return messageOf(error);
  }
  return version === 2 && !(await canDelegate()) ? `${CGROUP_ROOT} holds processes of its own` : undefined;
}

/** Any cgroup but the first of the machine can hand its controllers on only while no process is in it (cgroups(7)). */
async function canDelegate(): Promise<boolean> {
  const [there, delegated, processes, isFirst] = await Promise.all([
    wordsOf(CGROUP_ROOT, "cgroup.controllers"),
    wordsOf(CGROUP_ROOT, "cgroup.subtree_control"),
    wordsOf(CGROUP_ROOT, "cgroup.procs"),
    exists(join(CGROUP_ROOT, "cgroup.type")).then((hasType) => !hasType),
  ]);
  const wanted = CONTROLLERS.filter((one) => there.includes(one) && !delegated.includes(one));
  return wanted.length === 0 || isFirst || processes.length === 0;
}

export function cgroupProblems({ version, controllers, refusal }: CgroupFacts): readonly Problem[] {
  const missing = NEEDED[version].filter((one) => !controllers.includes(one));
  const lacking: Problem = {
    subject: "cgroup controllers",
    observation: `cgroup v${version} in ${CGROUP_ROOT} lacks ${missing.join(", ")}, which kubelet needs`,
    action: missing.includes("memory")
      ? "Boot the kernel with cgroup_enable=memory and without cgroup_disable, or mount the controllers"
      : "Mount them there, or boot the kernel without cgroup_disable",
  };
  const refused: Problem = {
    subject: "cgroups",
    observation: `root cannot make a cgroup with controllers for the nodes (${refusal})`,
    action: GO_ELSEWHERE,
  };
  return [...(missing.length > 0 ? [lacking] : []), ...(refusal === undefined ? [] : [refused])];
}

async function wordsOf(folder: string, file: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, file), "utf8").catch(() => "");
  return text.split(/\s+/).filter(Boolean);
}
