import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { checkSchema, type Check } from "../../../crds/proberun/proberun.ts";
import { exec } from "../../runner/exec.ts";
import { tcpProcess } from "../../runner/tcpProcess.ts";
import { tools } from "../registry.ts";
import { TCP_PROGRAM } from "../tcp.ts";
import { CASES, type Case } from "./cases.ts";

/**
 * Records what the real curl, tcp.pl, ping and nslookup say for every cause, or for those of some tools, as input of the
 * unit tests:
 *
 *     sudo node probes/tools/testdata/record.ts [http] [tcp] [icmp] [dns]
 *
 * A case that has a recording keeps it; delete its recording to record it again.
 *
 * Needs root, iproute2, nftables, curl, iputils-ping and bind9-dnsutils. Everything happens between two network
 * namespaces of its own, on documentation addresses; both are gone afterwards.
 */

const recordingsSchema = z.array(z.looseObject({ name: z.string() }));

const NEAR = "nvrecord1";
const FAR = "nvrecord2";
const INSIDE = ["ip", "netns", "exec", NEAR];
const RESOLVER = `/etc/netns/${NEAR}`;

/** Arguments that hold spaces follow the rest. */
async function run(commandLine: string, ...more: readonly string[]): Promise<void> {
  const { code, stderr } = await exec([...commandLine.split(" "), ...more], { limitMs: 10_000 });
  if (code !== 0) throw new Error(`${commandLine}: ${stderr}`);
}

/** As the container runtime starts a probe pod that may not use the ping sysctl. */
const UNPRIVILEGED =
  "setpriv --reuid=65532 --regid=65532 --clear-groups --bounding-set=-all --no-new-privs".split(" ");

/** As `setcap -r` in the image: Debian's ping has a file capability, and a process without that capability cannot start it. */
async function copyWithoutCapabilities(program: string): Promise<string> {
  const copy = join("/var/tmp", `${NEAR}-${program}`);
  await copyFile(join("/usr/bin", program), copy);
  return copy;
}

async function setUp(): Promise<void> {
  for (const namespace of [NEAR, FAR]) await run(`ip netns add ${namespace}`);
  await run(`ip link add ${NEAR} netns ${NEAR} type veth peer name ${FAR} netns ${FAR}`);
  for (const [namespace, host] of [
    [NEAR, 1],
    [FAR, 2],
  ] as const) {
    await run(`ip -n ${namespace} link set lo up`);
    await run(`ip -n ${namespace} addr add 192.0.2.${host}/24 dev ${namespace}`);
    await run(`ip -n ${namespace} addr add 2001:db8::${host}/64 dev ${namespace} nodad`);
    await run(`ip -n ${namespace} link set ${namespace} up`);
    // Else the kernel would answer only the first of the causes with an ICMP error.
    await run(`ip netns exec ${namespace} sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0`);
  }
  await mkdir(RESOLVER, { recursive: true });
}

async function tearDown(): Promise<void> {
  for (const namespace of [NEAR, FAR]) await exec(["ip", "netns", "del", namespace], { limitMs: 10_000 });
  await rm(RESOLVER, { recursive: true, force: true });
  await rm(join("/var/tmp", `${NEAR}-ping`), { force: true });
}

/** The far end's certificate as the only one that the near end trusts, or none but those of this machine. */
async function trust(trusted: boolean): Promise<void> {
  const folder = join(RESOLVER, "ssl");
  await rm(folder, { recursive: true, force: true });
  if (!trusted) return;
  const ask = ["curl", "-sk", "-o", "/dev/null", "-w", "%{certs}", "https://192.0.2.2:8443/"];
  const { stdout } = await exec(["ip", "netns", "exec", NEAR, ...ask], { limitMs: 10_000 });
  const [certificate = ""] = /-----BEGIN[^]*END CERTIFICATE-----\n/.exec(stdout) ?? [];
  await mkdir(join(folder, "certs"), { recursive: true });
  await writeFile(join(folder, "certs", "ca-certificates.crt"), certificate);
}

async function record(each: Case) {
  const { name, tool, target, check, rule, servers = ["192.0.2.2"] } = each;
  await writeFile(
    join(RESOLVER, "resolv.conf"),
    `${servers.map((server) => `nameserver ${server}`).join("\n")}\nsearch shop.example\noptions ndots:2\n`,
  );
  await run(`ip netns exec ${FAR} nft flush ruleset`);
  await trust(each.trusted ?? false);
  const chain = `table inet filter { chain input { type filter hook input priority 0; ${rule ?? ""}; }; }`;
  if (rule !== undefined) await run(`ip netns exec ${FAR} nft`, chain);
  const family = target.includes(":") ? "IPv6" : "IPv4";
  const whole = checkSchema.parse({ path: 0, tool, family, ...check });
  const seen =
    tool === "tcp"
      ? { reply: await replyTo(whole, target) }
      : { exit: await exitOf(tools[tool].commandLine(whole, target, 2_000), each) };
  return { name, check: whole, target, ...seen };
}

async function exitOf([program = "", ...args]: readonly string[], { capless = false }: Case) {
  const argv = capless
    ? [...UNPRIVILEGED, await copyWithoutCapabilities(program), ...args]
    : [program, ...args];
  return exec([...INSIDE, ...argv], { limitMs: 7_000 });
}

async function replyTo(check: Check, target: string) {
  const { connect, close } = tcpProcess([...INSIDE, ...TCP_PROGRAM]);
  try {
    return (await connect(check, target, 2_000)).reply;
  } finally {
    close();
  }
}

await tearDown();
await setUp();
const far = spawn("ip", ["netns", "exec", FAR, process.execPath, join(import.meta.dirname, "servers.ts")], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  await once(far.stdout, "data");
  // Neighbour discovery of a link that has just come up may take a second, which is not what is to be recorded.
  for (const address of ["192.0.2.2", "2001:db8::2"])
    await run(`ip netns exec ${NEAR} ping -c 1 -W 5 ${address}`);
  const chosen = process.argv.slice(2);
  for (const tool of new Set(CASES.map((each) => each.tool))) {
    if (chosen.length > 0 && !chosen.includes(tool)) continue;
    const file = join(import.meta.dirname, `${tool}.json`);
    const known = recordingsSchema.parse(JSON.parse(await readFile(file, "utf8")));
    const recordings = [];
    for (const each of CASES.filter((one) => one.tool === tool)) {
      recordings.push(known.find(({ name }) => name === each.name) ?? (await record(each)));
    }
    await writeFile(file, `${JSON.stringify(recordings, undefined, 2)}\n`);
  }
} finally {
  far.kill();
  await tearDown();
}
