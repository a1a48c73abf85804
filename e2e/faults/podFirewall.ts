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

/**
 * Puts a firewall into the network of a workload's only pod. It counts connections and no time, so that what the rounds
 * of a probe meet does not hang on how fast they are. The pod's own node (kubelet, witnesses) passes it uncounted.
 */
export async function refuseConnections(
  workload: { readonly namespace: string; readonly name: string },
  refusals: Readonly<Record<number, Refusal>>,
): Promise<void> {
  const { namespace, name } = workload;
  const args = ["get", "pods", `--namespace=${namespace}`, `--selector=app=${name}`, "-o", "json"];
  const answer: unknown = JSON.parse(await kubectl(args));
  for (const { metadata, spec } of podsSchema.parse(answer).items)
    await inPodNetwork({ node: spec.nodeName, uid: metadata.uid }, commands(refusals));
}

function commands(refusals: Readonly<Record<number, Refusal>>): string {
  const chain = "inet firewall input";
  return [
    "nft add table inet firewall",
    `nft add chain ${chain} '{ type filter hook input priority 0; }'`,
    ...Object.entries(refusals).map(
      ([port, refusal]) =>
        `nft add rule ${chain} ip saddr ${PODS} tcp dport ${port} tcp flags syn ${STATEMENTS[refusal]} reject with tcp reset`,
    ),
  ].join("\n");
}
