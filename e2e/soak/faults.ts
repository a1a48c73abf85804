import { setTimeout as sleep } from "node:timers/promises";

import { PROBE_RUN, WITNESS_NAMESPACE } from "../../crds/group.ts";
import { clusterStatus } from "../cluster/cluster.ts";
import { OPERATOR } from "../install/installOperator.ts";
import { until } from "../process/until.ts";
import { awaitDns, type Pods } from "./connections.ts";
import { holderOf, podOf, podOfHolder } from "./operatorPods.ts";
import { dnsOf, SOURCES } from "./scene.ts";
import type { Soaking } from "./soaking.ts";

export const FAULTS = [
  "the leader is killed",
  "the API server is killed",
  "the API server is killed and away for 12 s",
  "the API server is killed and away for 40 s",
  "felix of a node is killed",
  "felix of a node is killed and away for 15 s",
  "CoreDNS is killed",
  "all probe pods and witnesses are deleted",
] as const;
export type Fault = (typeof FAULTS)[number];

/** Whether the leader may lose its Lease by the fault. */
export const mayEndLeadership = (fault: Fault): boolean =>
  fault === "the leader is killed" || fault.startsWith("the API server");

/** Causes a fault, and waits until what it has hit works again. */
export async function cause(soaking: Soaking, pods: Pods, fault: Fault): Promise<void> {
  switch (fault) {
    case "the leader is killed":
      return killLeader(soaking);
    case "the API server is killed":
      return killApiServer(soaking, 0);
    case "the API server is killed and away for 12 s":
      return killApiServer(soaking, 12);
    case "the API server is killed and away for 40 s":
      return killApiServer(soaking, 40);
    case "felix of a node is killed":
      return killFelix(soaking, 0);
    case "felix of a node is killed and away for 15 s":
      return killFelix(soaking, 15);
    case "CoreDNS is killed":
      return killDns(soaking, pods);
    case "all probe pods and witnesses are deleted":
      return deleteProbePods(soaking);
  }
}

/** Kills every process of the leader's container, so that it releases nothing, and lets another pod take its place. */
async function killLeader({ cluster, kubectl, read }: Soaking): Promise<void> {
  const name = await until("there is a leader", async () => podOfHolder(await holderOf(read)), {
    seconds: 60,
    everyMs: 500,
  });
  const { uid, node } = await podOf(read, name);
  const script = `for file in $(grep -l ${uid} /proc/[0-9]*/cgroup 2>/dev/null); do
    pid=$(basename "$(dirname "$file")"); [ "$(cat /proc/$pid/comm)" != pause ] && kill -KILL "$pid" && echo "$pid"
  done; true`;
  const { stdout } = await cluster.exec(node, ["bash", "-c", script]);
  if (stdout.trim() === "") throw new Error(`no process of the leader ${name} was found on ${node}`);
  // The kubelet would restart its container after minutes when it was killed several times.
  await kubectl(["delete", "pod", "--namespace=netverdict-system", name, "--grace-period=0", "--force"]);
  await until("both replicas are ready", async () => rolledOut(kubectl), { seconds: 180, everyMs: 500 });
}

async function rolledOut(kubectl: Soaking["kubectl"]): Promise<true> {
  await kubectl(["wait", "--for=condition=Ready", "pods", ...OPERATOR, "--timeout=20s"]);
  return true;
}

async function killApiServer({ cluster }: Soaking, seconds: number): Promise<void> {
  const startAgain = await cluster.kill("kube-apiserver");
  await sleep(seconds * 1_000);
  await startAgain();
  const isReady = async () => ((await clusterStatus(cluster.name))?.apiServer === true ? true : undefined);
  await until("the API server is ready again", isReady, { seconds: 90, everyMs: 500 });
}

async function killFelix({ cluster }: Soaking, seconds: number): Promise<void> {
  const node = Date.now() % cluster.nodes.length;
  const startAgain = await cluster.kill(`felix-${node + 1}`);
  await sleep(seconds * 1_000);
  await startAgain();
  const asked = ["curl", "-sf", "--max-time", "2", "http://127.0.0.1:9099/readiness"];
  const isReady = async () =>
    (await cluster.exec(cluster.nodes[node] ?? "", asked)).code === 0 ? true : undefined;
  await until("felix is ready again", isReady, { seconds: 90, everyMs: 500 });
}

async function killDns(soaking: Soaking, pods: Pods): Promise<void> {
  const { truth, kubectl } = soaking;
  for (const source of SOURCES) truth.change(dnsOf(source), false, Date.now());
  const selected = ["--namespace=kube-system", "--selector=k8s-app=kube-dns"];
  await kubectl(["delete", "pods", ...selected, "--grace-period=0", "--force"]);
  for (const source of SOURCES) {
    truth.confirm(dnsOf(source), Date.now());
    truth.change(dnsOf(source), true, Date.now());
  }
  await awaitDns(soaking, pods);
  for (const source of SOURCES) truth.confirm(dnsOf(source), Date.now());
}

async function deleteProbePods({ kubectl, site }: Soaking): Promise<void> {
  const template = `{range .items[?(@.metadata.ownerReferences[0].kind=="${PROBE_RUN.kind}")]}{.metadata.name} {end}`;
  for (const namespace of [site.namespace, WITNESS_NAMESPACE]) {
    const where = `--namespace=${namespace}`;
    const names = (await kubectl(["get", "pods", where, `--output=jsonpath=${template}`]))
      .split(" ")
      .filter(Boolean);
    if (names.length > 0)
      await kubectl(["delete", "pods", where, ...names, "--ignore-not-found", "--grace-period=0", "--force"]);
  }
}
