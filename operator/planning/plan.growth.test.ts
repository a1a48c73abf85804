import { expect, it } from "vitest";
import type { Service } from "../cluster/service.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { noted } from "../testing/noted.ts";
import { connectivityTest, expectation, pod, service, snapshot } from "../testing/objects.ts";
import { planRun } from "./plan.ts";

const PODS = 300;

const addressOf = (index: number) => `10.1.${index >> 8}.${index & 255}`;

/** How often the addresses of a pod and of a Service are read while so many denials are planned in a cluster of 300 of each. */
function readsWith(denials: number): number {
  let reads = 0;
  const countedService = (one: Service): Service => ({
    ...one,
    spec: noted(one.spec, (property) => {
      if (property === "clusterIPs") reads += 1;
    }),
  });
  const counted = (one: WorkloadPod): WorkloadPod => ({
    ...one,
    status: noted(one.status, (property) => {
      if (property === "podIPs") reads += 1;
    }),
  });
  const pods = Array.from({ length: PODS }, (_, index) =>
    pod(`pod-${index}`, {
      ips: [addressOf(index), `fd00::${index.toString(16)}`],
      node: `node-${index % 10}`,
      labels: { app: index === 0 ? "ui" : "other" },
    }),
  );
  const services = Array.from({ length: PODS }, (_, index) =>
    service(`service-${index}`, { clusterIPs: [`10.96.${index >> 8}.${index & 255}`] }),
  );
  const expectations = Array.from({ length: denials }, (_, index) =>
    expectation({
      name: `denied-${index}`,
      expect: "Denied",
      to: { ip: addressOf(PODS - 1 - index) },
      tcp: { port: 80 },
    }),
  );
  const planned = planRun({
    test: connectivityTest({ spec: { expectations } }),
    run: { id: "abc", trigger: "Generation" },
    snapshot: snapshot({ pods: pods.map(counted), services: services.map(countedService) }),
    witness: { enabled: true, allow: [] },
  });
  if ("problem" in planned) throw new Error(planned.problem.message);
  expect(planned.spec.paths.filter(({ witness }) => witness !== undefined)).toHaveLength(denials);
  return reads;
}

it("one more denial makes planning read no more pods and Services of the cluster", () => {
  const perDenial = (readsWith(64) - readsWith(4)) / 60;
  expect(perDenial).toBeLessThan(20);
});
