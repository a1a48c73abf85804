import { z } from "zod";

import { metadataSchema } from "../../crds/metadata.ts";
import { openCluster } from "../cluster/cluster.ts";
import { cluster, kubectl } from "../harness/scenario.ts";
import { Failure } from "../process/failure.ts";

const podsSchema = z.object({
  items: z
    .array(
      z.object({
        metadata: metadataSchema,
        spec: z.object({ nodeName: z.string() }),
        status: z.object({ podIPs: z.array(z.object({ ip: z.string() })) }),
      }),
    )
    .length(1),
});

/**
 * Puts a firewall into the node of a workload's only pod, as kind's network engine does: only the packets of root's
 * sockets on the node reach the pod. Returns the function that removes it.
 */
export async function letOnlyRootReach(workload: {
  namespace: string;
  name: string;
}): Promise<() => Promise<void>> {
  const { namespace, name } = workload;
  const args = ["get", "pods", `--namespace=${namespace}`, `--selector=app=${name}`, "-o", "json"];
  const [pod] = podsSchema.parse(JSON.parse(await kubectl(args))).items;
  if (!pod) throw new Failure(`pods of ${name}: none was found`);
  const table = `inet root_alone_${namespace.replaceAll("-", "_")}`;
  const nft = async (script: string) => {
    const handle = await openCluster(cluster.name);
    const { code, stderr } = await handle.exec(pod.spec.nodeName, ["sh", "-euc", script]);
    if (code !== 0) throw new Failure(`nft on ${pod.spec.nodeName}: ${stderr.trim()}`);
  };
  await nft(commands(table, pod.status.podIPs));
  return () => nft(`nft delete table ${table}`);
}

// A packet that the node forwards has no socket here, so the rule about root does not match it (nft(8), meta skuid).
function commands(table: string, addresses: readonly { readonly ip: string }[]): string {
  const chain = `${table} postrouting`;
  return [
    `nft add table ${table}`,
    `nft add chain ${chain} '{ type filter hook postrouting priority 0; }'`,
    `nft add rule ${chain} ct state established,related accept`,
    `nft add rule ${chain} meta skuid 0 accept`,
    ...addresses.map(({ ip }) => `nft add rule ${chain} ${ip.includes(":") ? "ip6" : "ip"} daddr ${ip} drop`),
  ].join("\n");
}
