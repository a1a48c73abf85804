import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../runner/exec.ts";
import { SEARCHES, type Search } from "./searches.ts";

/**
 * Records which names glibc's getaddrinfo asks for, for every list of searches.ts, as input of the unit tests:
 *
 *     sudo unshare --net --mount node probes/tools/testdata/recordSearches.ts
 *
 * Needs root, iproute2 and getent of glibc.
 */

const RESOLV_CONF = "/tmp/netverdict-resolv.conf";
const NSSWITCH_CONF = "/tmp/netverdict-nsswitch.conf";

async function run(...commandLine: readonly string[]): Promise<void> {
  const { code, stderr } = await exec(commandLine, { limitMs: 10_000 });
  if (code !== 0) throw new Error(`${commandLine.join(" ")}: ${stderr}`);
}

let asked: string[] = [];

async function record({ name, ndots, search }: Search) {
  const lines = ["nameserver 127.0.0.1", `search ${search.join(" ") || "."}`, `options ndots:${ndots}`];
  await writeFile(RESOLV_CONF, `${lines.join("\n")}\n`);
  asked = [];
  // Without the option getaddrinfo asks for no address of a family that only the loopback interface has.
  const { stdout } = await exec(["getent", "--no-addrconfig", "ahostsv4", name], { limitMs: 20_000 });
  // A name is asked for again after SERVFAIL: the number of attempts belongs to each name.
  const names = asked.filter((each, index) => each !== asked[index - 1]);
  return { name, ndots, search, found: stdout.includes("192.0.2.2"), asked: names };
}

await run("ip", "link", "set", "lo", "up");
await writeFile(RESOLV_CONF, "");
await writeFile(NSSWITCH_CONF, "hosts: dns\n");
await run("mount", "--bind", RESOLV_CONF, "/etc/resolv.conf");
await run("mount", "--bind", NSSWITCH_CONF, "/etc/nsswitch.conf");
const server = spawn(process.execPath, [join(import.meta.dirname, "servers.ts")], {
  stdio: ["ignore", "pipe", "inherit"],
});
server.stdout.setEncoding("utf8").on("data", (lines: string) => {
  asked.push(...lines.split("\n").filter((line) => line.endsWith(".")));
});
try {
  await once(server.stdout, "data");
  const recorded = [];
  for (const each of SEARCHES) recorded.push(await record(each));
  await writeFile(join(import.meta.dirname, "searches.json"), `${JSON.stringify(recorded, undefined, 2)}\n`);
} finally {
  server.kill();
}
