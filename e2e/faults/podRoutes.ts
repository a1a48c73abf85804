import { openCluster } from "../cluster/cluster.ts";
import { Failure } from "../process/failure.ts";
import { addressesOf } from "../cluster/nodes/spec.ts";
import { cluster } from "../harness/scenario.ts";

/** How a node of a number reaches the pods of another one, in IPv4. */
interface Route {
  readonly node: string;
  readonly pods: string;
}

const routes: readonly Route[] = cluster.nodes.flatMap((node, at) =>
  cluster.nodes.flatMap((_, other) => (other === at ? [] : [{ node, pods: podsOf(other + 1) }])),
);

function podsOf(i: number): string {
  return addressesOf({ index: 0 }).podsOf(i)[0];
}

async function ip(node: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await (await openCluster(cluster.name)).exec(node, ["ip", "-4", ...args]);
  if (code !== 0) throw new Failure(`ip ${args.join(" ")} on ${node}: ${stderr}`);
  return stdout.trim();
}

/**
 * Cuts what carries the pods' traffic between the nodes, as a dead tunnel would; the nodes themselves, and with them
 * kubelets and the API server, still reach each other. Only for tests that run alone (e2e/node-faults). The returned function
 * mends it, and may be called twice.
 */
export async function cutPodRoutes(): Promise<() => Promise<void>> {
  const before = await Promise.all(
    routes.map(async (route) => ({ ...route, line: await ip(route.node, "route", "show", route.pods) })),
  );
  const mend = async () => {
    for (const { node, line } of before) await ip(node, "route", "replace", ...line.split(/\s+/));
  };
  try {
    for (const { node, pods } of before) await ip(node, "route", "replace", "blackhole", pods);
  } catch (error) {
    await mend();
    throw error;
  }
  return mend;
}
