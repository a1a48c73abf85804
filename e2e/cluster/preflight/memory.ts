import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Bytes that new processes can have: what the kernel holds to be available, with swap, but no more than the control
 * groups of this process allow. Undefined where the machine does not show it.
 */
export async function availableMemory(): Promise<number | undefined> {
  const machine = memoryOf(await readFile("/proc/meminfo", "utf8").catch(() => ""));
  if (machine === undefined) return undefined;
  const paths = cgroupPathsOf(await readFile("/proc/self/cgroup", "utf8").catch(() => ""));
  return Math.min(machine, ...(await Promise.all(paths.map(roomIn))));
}

/** MemAvailable and SwapFree of /proc/meminfo, in bytes. */
export function memoryOf(meminfo: string): number | undefined {
  const [available, swap = 0] = ["MemAvailable", "SwapFree"].map((field) => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  });
  return available === undefined ? undefined : available + swap;
}

/** The folders of the cgroups that limit the memory of a process, by its /proc/self/cgroup; from the inside out. */
export function cgroupPathsOf(cgroup: string): readonly string[] {
  return cgroup.split("\n").flatMap((line) => {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === "memory") return upwards("/sys/fs/cgroup/memory", path);
    return controllers === "" && path !== "" ? upwards("/sys/fs/cgroup", path) : [];
  });
}

function upwards(root: string, path: string): readonly string[] {
  const parts = path.split("/").filter(Boolean);
  return [...parts.keys(), parts.length].toReversed().map((depth) => join(root, ...parts.slice(0, depth)));
}

/**
 * Bytes that the cgroup of a folder allows beside what it has. File pages count as used, but the kernel gives the inactive
 * ones away. Infinity where there is no limit.
 */
export async function roomIn(folder: string): Promise<number> {
  const limit = await numberIn(folder, ["memory.max", "memory.limit_in_bytes"]);
  const used = await numberIn(folder, ["memory.current", "memory.usage_in_bytes"]);
  if (limit === undefined || used === undefined) return Infinity;
  const stat = await readFile(join(folder, "memory.stat"), "utf8").catch(() => "");
  // Version 1 counts what is below a cgroup in a field of its own.
  const [, inactive = 0] =
    /^total_inactive_file (\d+)$/m.exec(stat) ?? /^inactive_file (\d+)$/m.exec(stat) ?? [];
  return Math.max(0, limit - used + Number(inactive));
}

/** The number in the first of these files that there is; undefined for none, and for "max". */
async function numberIn(folder: string, files: readonly string[]): Promise<number | undefined> {
  for (const file of files) {
    const text = await readFile(join(folder, file), "utf8").catch(() => undefined);
    if (text !== undefined) return Number.isFinite(Number(text)) ? Number(text) : undefined;
  }
  return undefined;
}
