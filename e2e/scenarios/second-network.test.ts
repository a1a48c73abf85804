import { expect, it } from "vitest";

import { deploy } from "../kube/deploy.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { until } from "../process/until.ts";
import { declare } from "../harness/runTest.ts";
import { isRunning, probePodsIn } from "../harness/runs.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { deployment, server } from "../harness/workload.ts";

it("a twin has no address of its source on a second network", async () => {
  const here = await namespace("second-network");
  const { spec, ...scada } = deployment({ namespace: here, name: "scada" });
  const networks = [{ name: "plant", ips: ["192.0.2.10/24"], mac: "c2:b0:57:49:47:f1" }];
  const annotations = { "k8s.v1.cni.cncf.io/networks": JSON.stringify(networks) };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, annotations } };
  const source = JSON.stringify({ ...scada, spec: { ...spec, template } });
  await deploy(kubectl, [source, server({ namespace: here, name: "web" })].join("\n---\n"));

  await declare(
    { namespace: here },
    {
      ipFamilies: ["IPv4"],
      // At least eight seconds, so that there is time to read the probe pod.
      probing: { interval: "2s", rounds: 5, deniedRounds: 5, maxRounds: 15 },
      expectations: [
        {
          name: "web",
          from: { podSelector: { matchLabels: { app: "scada" } } },
          to: { service: { name: "web" } },
          http: { port: 80 },
          expect: "Allowed",
        },
      ],
    },
  );
  const twin = await until("a probe pod runs", async () => (await probePodsIn(here)).find(isRunning), {
    seconds: 60,
  });
  expect(twin.metadata.annotations["k8s.v1.cni.cncf.io/networks"]).toBe('[{"name":"plant"}]');
  const test = await waitForVerdict(read, { namespace: here, name: "test" });
  expect(test.status.expectations).toMatchObject([{ verdict: "Passed", reason: "AsExpected" }]);
});
