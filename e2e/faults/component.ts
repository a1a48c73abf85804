import { openCluster } from "../cluster/cluster.ts";
import { until } from "../process/until.ts";
import { cluster, kubectl } from "../harness/scenario.ts";

/** A program on the first node that every pod there lives by: only for tests that run alone (e2e/node-faults). */
export interface Component {
  /** Holds it up where it stands, by SIGSTOP: all that it has done so far stays in force. */
  readonly stop: () => Promise<void>;
  /** Lets it go on, and waits until it says that it is well. Harmless where it was never stopped. */
  readonly goOn: () => Promise<void>;
}

/** What programs the network policies. */
export const felix = component("felix-1", async () => {
  const argv = ["curl", "-sf", "--max-time", "2", "http://127.0.0.1:9099/readiness"];
  const [node = ""] = cluster.nodes;
  return (await (await openCluster(cluster.name)).exec(node, argv)).code === 0 ? true : undefined;
});

/** Starts pods, and reports their state and that of the node to the cluster. */
export const kubelet = component("kubelet-1", async () => {
  await kubectl(["wait", "--for=condition=Ready", "nodes", "--all", "--timeout=5s"]);
  // What runs on a node that was not ready counts as not ready either, until the kubelet says otherwise.
  for (const namespace of ["kube-system", "netverdict-system"])
    await kubectl([
      "wait",
      "--for=condition=Available",
      "deployments",
      "--all",
      "-n",
      namespace,
      "--timeout=5s",
    ]);
  return true;
});

function component(name: string, isWell: () => Promise<true | undefined>): Component {
  const send = async (signal: "SIGSTOP" | "SIGCONT") =>
    (await openCluster(cluster.name)).signal(name, signal);
  return {
    stop: async () => send("SIGSTOP"),
    goOn: async () => {
      await send("SIGCONT");
      await until(`${name} is well again`, isWell, { seconds: 60, everyMs: 500 });
    },
  };
}
