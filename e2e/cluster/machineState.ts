import { readdir, readFile, readlink } from "node:fs/promises";

import { run } from "../process/command.ts";

/** Places where a cluster's programs keep things by default, or where this project does. */
const FOLDERS = ["/run", "/run/netns", "/var/lib", "/var/log", "/var/tmp", "/opt", "/etc", "/sys/fs/bpf"];
const NAMESPACES = ["net", "mnt", "pid"] as const;

const COMMANDS = {
  link: "ip -o -br link",
  address: "ip -o -br address",
  route: "ip route show table all",
  route6: "ip -6 route show table all",
  nft: "nft list ruleset",
  mount: "cat /proc/self/mounts",
  cgroup: "find /sys/fs/cgroup -type d",
  sysctl: "sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding",
};

/** What of a machine a cluster could change, a line each: compare it before and after. */
export async function machineState(): Promise<readonly string[]> {
  const said = Object.entries(COMMANDS).map(async ([kind, line]) => {
    const [command = "", ...args] = line.split(" ");
    return linesOf(kind, await run(command, args));
  });
  const entries = FOLDERS.map(async (folder) => {
    const names: string[] = await readdir(folder).catch(() => []);
    return linesOf(folder, names.join("\n"));
  });
  return (await Promise.all([...said, ...entries, isolatedProcesses()])).flat();
}

function linesOf(kind: string, text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => `${kind}: ${line.trim()}`);
}

/** Processes with a network, mount or process namespace of their own: all of a cluster's, and those of its pods. */
async function isolatedProcesses(): Promise<readonly string[]> {
  const numbers = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const own = await namespacesOf("self");
  const found = await Promise.all(
    numbers.map(async (pid) => {
      const namespaces = await namespacesOf(pid);
      if (namespaces === undefined || namespaces === own) return [];
      const command = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
      return [`process: ${pid} ${command}`];
    }),
  );
  return found.flat();
}

/** Undefined for a process that has ended meanwhile. */
async function namespacesOf(pid: string): Promise<string | undefined> {
  const links = NAMESPACES.map((kind) => readlink(`/proc/${pid}/ns/${kind}`));
  return Promise.all(links).then(
    (all) => all.join(" "),
    () => undefined,
  );
}
