import { z } from "zod";

import { metadataSchema } from "../../crds/metadata.ts";
import { openCluster } from "../cluster/cluster.ts";
import { ranges } from "../cluster/nodes/spec.ts";
import { inPodNetwork } from "./podInterface.ts";
import { cluster, kubectl } from "../harness/scenario.ts";
import { Failure } from "../process/failure.ts";

/** Which of the connections that other pods open to a port are refused: every second, the first two, or all others. */
export type Refusal = "EverySecond" | "FirstTwo" | "AllButFirstTwo";

const [PODS] = ranges.pods;

/** A limit is a bucket, here of two, which takes a day to fill again (nft(8)). */
const STATEMENTS: Readonly<Record<Refusal, string>> = {
  EverySecond: "numgen inc mod 2 0",
  FirstTwo: "limit rate 1/day burst 2 packets",
  AllButFirstTwo: "limit rate over 1/day burst 2 packets",
};

const podsSchema = z.object({
  items: z.tuple([
    z.object({
      metadata: metadataSchema,
      spec: z.object({ nodeName: z.string() }),
      status: z.object({ podIPs: z.array(z.object({ ip: z.string() })) }),
    }),
  ]),
});

interface Victim {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Drops what a workload's only pod sends from a port in packets of more than 1,000 bytes, as behind a router with a
 * smaller MTU whose ICMP errors get lost (RFC 2923 §2.1).
 */
export async function dropLargePackets(workload: Victim, port: number): Promise<void> {
  await putChain(workload, "output", [`tcp sport ${port} meta length gt 1000 drop`]);
}

/**
 * Puts a firewall into the network of a workload's only pod. It counts connections and no time, so that what the rounds
 * of a probe meet does not hang on how fast they are. The pod's own node (kubelet, witnesses) passes it uncounted.
 */
export async function refuseConnections(
  workload: Victim,
  refusals: Readonly<Record<number, Refusal>>,
): Promise<void> {
  const rules = Object.entries(refusals).map(
    ([port, refusal]) =>
      `ip saddr ${PODS} tcp dport ${port} tcp flags syn ${STATEMENTS[refusal]} reject with tcp reset`,
  );
  await putChain(workload, "input", rules);
}

/**
 * Puts a firewall into the node of a workload's only pod, as kind's network engine does: only the packets of root's
 * sockets on the node reach the pod. Returns the function that removes it.
 */
export async function letOnlyRootReach(workload: Victim): Promise<() => Promise<void>> {
  const { spec, status } = await onlyPodOf(workload);
  const table = `inet root_alone_${workload.namespace.replaceAll("-", "_")}`;
  const nft = async (script: string) => {
    const handle = await openCluster(cluster.name);
    const { code, stderr } = await handle.exec(spec.nodeName, ["sh", "-euc", script]);
    if (code !== 0) throw new Failure(`nft on ${spec.nodeName}: ${stderr.trim()}`);
  };
  // A packet that the node forwards has no socket here, so the rule about root does not match it (nft(8), meta skuid).
  const rules = [
    "ct state established,related accept",
    "meta skuid 0 accept",
    ...status.podIPs.map(({ ip }) => `${ip.includes(":") ? "ip6" : "ip"} daddr ${ip} drop`),
  ];
  await nft(commands(table, "postrouting", rules));
  return () => nft(`nft delete table ${table}`);
}

async function putChain(workload: Victim, hook: "input" | "output", rules: readonly string[]): Promise<void> {
  const { metadata, spec } = await onlyPodOf(workload);
  await inPodNetwork({ node: spec.nodeName, uid: metadata.uid }, commands("inet firewall", hook, rules));
}

async function onlyPodOf({ namespace, name }: Victim) {
  const args = ["get", "pods", `--namespace=${namespace}`, `--selector=app=${name}`, "-o", "json"];
  const answer: unknown = JSON.parse(await kubectl(args));
  return podsSchema.parse(answer).items[0];
}

function commands(table: string, hook: "input" | "output" | "postrouting", rules: readonly string[]): string {
  const chain = `${table} ${hook}`;
  return [
    `nft add table ${table}`,
    `nft add chain ${chain} '{ type filter hook ${hook} priority 0; }'`,
    ...rules.map((rule) => `nft add rule ${chain} ${rule}`),
  ].join("\n");
}
