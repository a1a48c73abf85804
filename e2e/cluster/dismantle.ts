import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { cgroupsLeft, removeCgroups } from "./nodes/cgroups.ts";
import { attempt, run } from "../process/command.ts";
import { Failure } from "../process/failure.ts";
import { releaseIndex } from "./nodes/freeIndex.ts";
import { processesOf } from "./nodes/marker.ts";
import { dataFolder, hostLink } from "./nodes/spec.ts";
import { until } from "../process/until.ts";

/**
 * Ends every process of a cluster and removes its link, cgroups and data, in any state; fails if anything is
 * left. With `keepLogs` the folder with the logs stays for a person to read.
 */
export async function dismantle(name: string, { keepLogs = false } = {}): Promise<void> {
  await endProcesses(name);
  await removeLink(name);
  await removeCgroups(name);
  await removeData(name, keepLogs);
  await releaseIndex(name);
  const left = await leftovers(name);
  if (left.length > 0 && !keepLogs) throw new Failure(`cluster ${name} is down but left: ${left.join(", ")}`);
}

/** What is left of a cluster on this machine; empty when it is down. */
export async function leftovers(name: string): Promise<readonly string[]> {
  const data = dataFolder(name);
  const mounts = (await run("cat", ["/proc/self/mounts"])).split("\n").filter((line) => line.includes(data));
  return [
    ...(await processesOf(name)).map((pid) => `process ${pid}`),
    ...((await linkExists(name)) ? [`link ${hostLink(name)}`] : []),
    ...(await cgroupsLeft(name)).map((folder) => `cgroup ${folder}`),
    ...mounts.map((line) => `mount ${line.split(" ")[1] ?? ""}`),
    ...((await exists(data)) ? [`folder ${data}`] : []),
  ];
}

/**
 * Kills what carries the cluster's marker, several times over: a process may be starting another. With a node's first
 * process the kernel ends all of the node, pods included.
 */
async function endProcesses(name: string): Promise<void> {
  await until(
    `the processes of cluster ${name} end`,
    async () => {
      const pids = await processesOf(name);
      for (const pid of pids) kill(pid);
      return pids.length === 0 ? true : undefined;
    },
    { seconds: 20, everyMs: 30 },
  );
}

/** Ended by itself meanwhile: as good. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function removeData(name: string, keepLogs: boolean): Promise<void> {
  const data = dataFolder(name);
  const entries = await readdir(data).catch(() => []);
  for (const entry of entries) {
    if (keepLogs && entry === "log") continue;
    await rm(join(data, entry), { recursive: true, force: true, maxRetries: 5 });
  }
  if (!keepLogs) await rm(data, { recursive: true, force: true });
}

/** With the network at its other end the kernel removes the link by itself, but some moments later. */
async function removeLink(name: string): Promise<void> {
  const isGone = async (): Promise<true | undefined> => {
    if (!(await linkExists(name))) return true;
    await attempt("ip", ["link", "delete", hostLink(name)]);
    return undefined;
  };
  await until(`link ${hostLink(name)} can be removed`, isGone, { seconds: 10 });
}

async function linkExists(name: string): Promise<boolean> {
  return (await attempt("ip", ["link", "show", hostLink(name)])).code === 0;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
