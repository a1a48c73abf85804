import { z } from "zod";

import { metadataSchema } from "../../crds/metadata.ts";
import { ranges } from "../cluster/nodes/spec.ts";
import { inPodNetwork } from "./podInterface.ts";
import { kubectl } from "../harness/scenario.ts";

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
  items: z.array(z.object({ metadata: metadataSchema, spec: z.object({ nodeName: z.string() }) })).length(1),
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

async function putChain(
  { namespace, name }: Victim,
  hook: "input" | "output",
  rules: readonly string[],
): Promise<void> {
  const args = ["get", "pods", `--namespace=${namespace}`, `--selector=app=${name}`, "-o", "json"];
  const answer: unknown = JSON.parse(await kubectl(args));
  for (const { metadata, spec } of podsSchema.parse(answer).items)
    await inPodNetwork({ node: spec.nodeName, uid: metadata.uid }, commands(hook, rules));
}

function commands(hook: "input" | "output", rules: readonly string[]): string {
  const chain = `inet firewall ${hook}`;
  return [
    "nft add table inet firewall",
    `nft add chain ${chain} '{ type filter hook ${hook} priority 0; }'`,
    ...rules.map((rule) => `nft add rule ${chain} ${rule}`),
  ].join("\n");
}
