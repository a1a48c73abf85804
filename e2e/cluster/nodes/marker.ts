import { readdir, readFile } from "node:fs/promises";

import { dataFolder } from "./spec.ts";

/** In the environment of every process that a cluster starts on the host: a process id alone may be another's by now. */
const VARIABLE = "NETVERDICT_CLUSTER";

export function marked(name: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, [VARIABLE]: dataFolder(name) };
}

/** True if the process lives and belongs to the cluster. A zombie does not count. */
export async function isOurs(name: string, pid: number): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return environment.split("\0").includes(`${VARIABLE}=${dataFolder(name)}`);
}

/** Every living process of the cluster that carries the marker: all but those inside pods. */
export async function processesOf(name: string): Promise<readonly number[]> {
  const numbers = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const ours = await Promise.all(numbers.map((pid) => isOurs(name, pid)));
  return numbers.filter((pid, i) => ours[i] === true && pid !== process.pid);
}

/** The direct children of a process. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}
