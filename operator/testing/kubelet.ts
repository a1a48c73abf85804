import { z } from "zod";
import { checkSchema, type Check } from "../../crds/proberun/proberun.ts";
import { encodeReport } from "../../probes/report.ts";
import { podsPath } from "../runtime/resourcePaths.ts";
import type { MemoryApi } from "./memoryApi.ts";

const podSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.looseObject({
    containers: z.array(
      z.looseObject({ env: z.array(z.looseObject({ value: z.string().optional() })).default([]) }),
    ),
  }),
  status: z.unknown().optional(),
});
const ordersSchema = z.object({ checks: z.array(checkSchema) });

/**
 * Ends every probe pod that has not ended, as the kubelet of `node-1` would: with the report of a runner that saw these
 * letters, one a round, for each of its checks. Returns the names of the pods.
 */
export function endProbePods(memory: MemoryApi, samplesOf: (check: Check) => string): string[] {
  const running = memory.at(podsPath()).flatMap((object) => {
    const pod = podSchema.parse(object);
    const checks = checksOf(pod);
    return checks === undefined || pod.status !== undefined ? [] : [{ pod, checks }];
  });
  for (const { pod, checks } of running) {
    const results = checks.map((check) => ({ path: check.path, samples: samplesOf(check) }));
    const message = encodeReport({ startedAt: Date.now(), complete: true, results });
    const time = new Date().toISOString();
    memory.put(podsPath(pod.metadata.namespace, pod.metadata.name), {
      ...pod,
      spec: { ...pod.spec, nodeName: "node-1" },
      status: {
        phase: "Succeeded",
        podIPs: [{ ip: "10.1.0.99" }],
        containerStatuses: [
          {
            name: "probe",
            state: {
              terminated: { exitCode: 0, reason: "Completed", message, startedAt: time, finishedAt: time },
            },
          },
        ],
      },
    });
  }
  return running.map(({ pod }) => pod.metadata.name);
}

/** What a probe pod is to do; undefined: it is another pod. */
function checksOf({ spec }: z.infer<typeof podSchema>): readonly Check[] | undefined {
  const value = spec.containers[0]?.env[0]?.value;
  return value === undefined ? undefined : ordersSchema.parse(JSON.parse(value)).checks;
}
