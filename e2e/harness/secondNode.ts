import { type Cluster, clusterStatus } from "../cluster/cluster.ts";
import { Failure } from "../process/failure.ts";
import type { Kubectl } from "../kube/kubectl.ts";

/** The e2e tests run in a cluster of so many nodes. */
export const NODES = 2;

const TAINT = { key: "netverdict.dev/e2e", value: "second", effect: "NoSchedule" } as const;

/** What the pods of a scenario about two nodes carry; their twins take it over. */
export const TOLERATES_SECOND_NODE = [{ ...TAINT, operator: "Equal" }] as const;

/** Keeps the last node for scenarios that ask for it by toleration, so that all others go on as on one node. */
export async function keepSecondNode(kubectl: Kubectl, nodes: readonly string[]): Promise<void> {
  const { key, value, effect } = TAINT;
  await kubectl(["taint", "nodes", secondOf(nodes), `${key}=${value}:${effect}`, "--overwrite"]);
}

/** Releases it for all pods, in a cluster that goes on after the tests. Each project of vitest ends with it. */
export async function giveSecondNodeBack(kubectl: Kubectl, { name, nodes }: Pick<Cluster, "name" | "nodes">) {
  if ((await clusterStatus(name)) === undefined) return;
  const { key, effect } = TAINT;
  const keys = await kubectl(["get", "node", secondOf(nodes), "--output=jsonpath={.spec.taints[*].key}"]);
  if (keys.split(" ").includes(key)) await kubectl(["taint", "nodes", secondOf(nodes), `${key}:${effect}-`]);
}

function secondOf(nodes: readonly string[]): string {
  const second = nodes[NODES - 1];
  if (second === undefined)
    throw new Failure(`the e2e tests need ${NODES} nodes, not ${nodes.join(" and ")}`);
  return second;
}
