import { run } from "../../process/command.ts";
import { must, pidOf } from "./exec.ts";
import { addressesOf, hostLink, nodeName, nodeNumbers, ranges, type Spec } from "./spec.ts";

/** Addresses of IPv6 are usable at once, without waiting for duplicate address detection. */
const SYSCTLS = ["net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0"];
const FORWARDING = [
  "net.ipv4.ip_forward=1",
  "net.ipv6.conf.all.forwarding=1",
  "net.ipv6.conf.default.forwarding=1",
];

/**
 * Connects the namespaces: a bridge in `lan` joins the nodes and the machine; `lan` routes between them and `wan`. None of
 * them has a route that leads on from there: nothing sent inside can leave the machine. The machine itself gets one link
 * and two addresses; its own routes, forwarding and firewall stay untouched.
 */
export async function makeLinks(spec: Spec): Promise<void> {
  await must(spec.name, "lan", { argv: ["sysctl", "-qw", ...FORWARDING, ...SYSCTLS] });
  await must(spec.name, "wan", { argv: ["sysctl", "-qw", ...SYSCTLS] });
  await batch(spec.name, "lan", await routerCommands(spec));
  await batch(spec.name, "wan", outsideCommands());
  for (const i of nodeNumbers(spec)) {
    await must(spec.name, nodeName(i), { argv: ["sysctl", "-qw", ...FORWARDING, ...SYSCTLS] });
    await batch(spec.name, nodeName(i), nodeCommands(spec, i));
  }
  await linkMachine(spec);
}

async function routerCommands(spec: Spec): Promise<readonly string[]> {
  const [router4, router6] = addressesOf(spec).router;
  const [outside4, outside6] = ranges.outsideRouter;
  const nodes = nodeNumbers(spec).map(async (i) => [
    `link add ${nodeName(i)} type veth peer name eth0 netns ${await pidOf(spec.name, nodeName(i))}`,
    `link set ${nodeName(i)} master br0 up`,
  ]);
  return [
    "link set lo up",
    "link add br0 type bridge",
    `address add ${router4}/24 dev br0`,
    `address add ${router6}/64 dev br0 nodad`,
    ...(await Promise.all(nodes)).flat(),
    "link set br0 up",
    `link add wan type veth peer name eth0 netns ${await pidOf(spec.name, "wan")}`,
    `address add ${outside4}/24 dev wan`,
    `address add ${outside6}/64 dev wan nodad`,
    "link set wan up",
    ...ranges.outsideToo.map((address) => `route add ${address} dev wan`),
  ];
}

function outsideCommands(): readonly string[] {
  const [address4, address6] = ranges.outside;
  const [router4, router6] = ranges.outsideRouter;
  return [
    "link set lo up",
    `address add ${address4}/24 dev eth0`,
    `address add ${address6}/64 dev eth0 nodad`,
    ...ranges.outsideToo.map((address) => `address add ${address}/32 dev eth0`),
    "link set eth0 up",
    `route add default via ${router4}`,
    `route add default via ${router6}`,
  ];
}

/** Routes between the nodes' pods are static: no tunnel, no routing protocol. */
function nodeCommands(spec: Spec, i: number): readonly string[] {
  const { node, router, podsOf } = addressesOf(spec);
  const [address4, address6] = node(i);
  const others = nodeNumbers(spec).filter((j) => j !== i);
  return [
    "link set lo up",
    `address add ${address4}/24 dev eth0`,
    `address add ${address6}/64 dev eth0 nodad`,
    "link set eth0 up",
    ...router.map((via) => `route add default via ${via}`),
    ...others.flatMap((j) =>
      podsOf(j).map((pods, family) => `route add ${pods} via ${node(j)[family] ?? ""}`),
    ),
  ];
}

async function linkMachine(spec: Spec): Promise<void> {
  const [machine4] = addressesOf(spec).machine;
  const link = hostLink(spec.name);
  const lan = await pidOf(spec.name, "lan");
  await run("ip", ["link", "add", link, "type", "veth", "peer", "name", "host", "netns", String(lan)]);
  await batch(spec.name, "lan", ["link set host master br0 up"]);
  await run("ip", ["address", "add", `${machine4}/24`, "dev", link]);
  await run("ip", ["link", "set", link, "up"]);
}

async function batch(name: string, place: string, commands: readonly string[]): Promise<void> {
  await must(name, place, { argv: ["ip", "-batch", "-"], input: `${commands.join("\n")}\n` });
}
