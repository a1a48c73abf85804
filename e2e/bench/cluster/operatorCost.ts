import { z } from "zod";
import type { Kubectl } from "../../kube/kubectl.ts";
import { metricSum } from "../../kube/metricSum.ts";
import { until } from "../../process/until.ts";

const NAMESPACE = "netverdict-system";

/** What the operator has used since its last start, all replicas together. */
export interface OperatorCost {
  readonly restarts: number;
  /** Without those for the Lease, which are a matter of time and not of work. */
  readonly apiRequests: number;
  readonly cpuSeconds: number;
  /** Of the replica that uses most. */
  readonly residentBytes: number;
}

const podListSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({ containerStatuses: z.array(z.object({ restartCount: z.number() })).default([]) }),
    }),
  ),
});

/** Reads /metrics of every operator pod through the API server; an operator that has ended is waited for. */
export const operatorCost = async (kubectl: Kubectl): Promise<OperatorCost> =>
  until("the operator serves /metrics", async () => readCost(kubectl), { seconds: 180, everyMs: 200 });

async function readCost(kubectl: Kubectl): Promise<OperatorCost> {
  const list = podListSchema.parse(JSON.parse(await kubectl(["get", "pods", "-n", NAMESPACE, "-o", "json"])));
  const texts = await Promise.all(
    list.items.map(({ metadata: { name } }) =>
      kubectl(["get", "--raw", `/api/v1/namespaces/${NAMESPACE}/pods/${name}:8080/proxy/metrics`]),
    ),
  );
  const sum = (metric: string) => texts.reduce((total, text) => total + metricSum(text, metric, isOfWork), 0);
  const containers = list.items.flatMap(({ status }) => status.containerStatuses);
  return {
    restarts: containers.reduce((total, { restartCount }) => total + restartCount, 0),
    apiRequests: sum("netverdict_api_requests_total"),
    cpuSeconds: sum("process_cpu_seconds_total"),
    residentBytes: Math.max(...texts.map((text) => metricSum(text, "process_resident_memory_bytes"))),
  };
}

/** Those for the Lease are a matter of time and not of work. */
const isOfWork = (line: string) => !line.includes('resource="leases"');
