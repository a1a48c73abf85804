import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

import type { Cluster } from "../cluster/cluster.ts";
import { cniFolder } from "../cluster/nodes/nodeFiles.ts";

const networkSchema = z.looseObject({ plugins: z.array(z.looseObject({ type: z.string() })) });

/** A folder in which felix never writes that the policies of a pod are in force. */
const NEVER_WRITTEN = "/run/netverdict-bench/no-endpoint-status";

/**
 * Makes Calico's CNI plugin wait for each new pod as long as it does at most: ten seconds. Its agent seems not to have
 * programmed the pod's policies. Pods on the host network start without a wait. Resolves to what restores the nodes.
 */
export async function slowNetwork(cluster: Cluster): Promise<() => Promise<void>> {
  const files = cluster.nodes.map((_, i) => join(cniFolder(cluster, i + 1), "10-calico.conflist"));
  const before = await Promise.all(files.map(async (file) => ({ file, text: await readFile(file, "utf8") })));
  await Promise.all(before.map(async ({ file, text }) => writeFile(file, waiting(text))));
  return async () => {
    await Promise.all(before.map(async ({ file, text }) => writeFile(file, text)));
  };
}

function waiting(text: string): string {
  const network = networkSchema.parse(JSON.parse(text));
  const plugins = network.plugins.map((plugin) =>
    plugin.type === "calico" ? { ...plugin, endpoint_status_dir: NEVER_WRITTEN } : plugin,
  );
  return JSON.stringify({ ...network, plugins });
}
