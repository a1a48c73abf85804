import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";
import { itReports } from "../harness/itReports.ts";
import { runTest } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { deployment, podOf, server } from "../harness/workload.ts";

const amounts = z.record(z.string(), z.string()).default({});
const container = z.object({ resources: z.object({ requests: amounts }).prefault({}) });
const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ deletionTimestamp: z.string().optional() }),
      spec: z.object({ nodeName: z.string().default(""), containers: z.array(container) }),
      status: z.object({ phase: z.string() }),
    }),
  ),
});
const nodesSchema = z.object({
  items: z.array(
    z.object({ metadata: z.object({ name: z.string() }), status: z.object({ allocatable: amounts }) }),
  ),
});

/** Thousandths of a core. */
const millicores = (quantity = "0") =>
  quantity.endsWith("m") ? Number(quantity.slice(0, -1)) : 1_000 * Number(quantity);

/**
 * How much CPU no pod has requested on the first node, where pods without a toleration run. Undefined while a pod is being
 * deleted, which would leave more of it later.
 */
async function freeCpu(): Promise<number | undefined> {
  const [node = ""] = cluster.nodes;
  const nodes = nodesSchema.parse(JSON.parse(await read("/api/v1/nodes"))).items;
  const pods = podsSchema.parse(JSON.parse(await read("/api/v1/pods"))).items;
  if (pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined)) return undefined;
  const used = pods
    .filter(({ spec, status }) => spec.nodeName === node && /^(Running|Pending)$/.test(status.phase))
    .flatMap(({ spec }) => spec.containers)
    .reduce((sum, { resources }) => sum + millicores(resources.requests["cpu"]), 0);
  const allocatable = nodes.find(({ metadata }) => metadata.name === node)?.status.allocatable["cpu"];
  return millicores(allocatable) - used;
}

const reachesWeb = (app: string) => ({
  ipFamilies: ["IPv4"],
  expectations: [
    {
      name: "web",
      from: { podSelector: { matchLabels: { app } } },
      to: { service: { name: "web" } },
      http: { port: 80 },
      expect: "Allowed",
    },
  ],
});

const onePerNode = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "ingress" } } },
      ],
    },
  },
};

describe("on a node that is full of placeholders with a low priority", () => {
  let client: ConnectivityTest;
  let ingress: ConnectivityTest;
  let placeholders: readonly string[];

  beforeAll(async () => {
    const { name: here, remove } = await makeNamespace("full");
    const priorityClass = { name: `e2e-${here}` };
    await apply(
      kubectl,
      JSON.stringify({
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: priorityClass,
        value: -10,
      }),
    );
    const servers = [
      server({ namespace: here, name: "client" }),
      server({ namespace: here, name: "ingress", pod: onePerNode }),
      server({ namespace: here, name: "web" }),
    ];
    await deploy(kubectl, servers.join("\n---\n"));
    const free = await until("no pod is being deleted", freeCpu, { seconds: 120, everyMs: 1_000 });
    const cpu = `${free - 5}m`;
    const pod = { priorityClassName: priorityClass.name };
    await deploy(kubectl, JSON.stringify(deployment({ namespace: here, name: "placeholder", cpu, pod })));
    const placeholder = async () => podOf(here, "placeholder");
    const before = await placeholder();
    [client, ingress] = await Promise.all([
      runTest({ namespace: here, name: "plain" }, reachesWeb("client")),
      runTest({ namespace: here, name: "one-per-node" }, reachesWeb("ingress")),
    ]);
    placeholders = [before, await placeholder()];
    return async () => {
      // The next test needs the room on the node.
      const foreground = ["--cascade=foreground", "--timeout=60s"];
      await kubectl(["delete", "deployment", "placeholder", `--namespace=${here}`, ...foreground]);
      await remove();
      await kubectl(["delete", "priorityclass", priorityClass.name]);
    };
  });

  const notRun = { expect: "Allowed", verdict: "Inconclusive", reason: "ProbeNotRun" } as const;

  itReports(
    {
      ...notRun,
      when: "the node is full, and a probe pod could preempt a pod with a lower priority than the default",
      says: /Unschedulable: 0\/\d+ nodes are available: .*Insufficient cpu/,
    },
    async () => client,
  );
  itReports(
    {
      ...notRun,
      when: "the node is full, and the source's anti-affinity rejects the probe pod as well",
      says: /Unschedulable: 0\/\d+ nodes are available: .*Insufficient cpu/,
    },
    async () => ingress,
  );

  it("no pod is preempted for a probe pod", () => {
    expect(new Set(placeholders).size).toBe(1);
  });
});
