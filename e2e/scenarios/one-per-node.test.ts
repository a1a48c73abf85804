import { expect, it } from "vitest";

import { deploy } from "../kube/deploy.ts";
import { runTest } from "../harness/runTest.ts";
import { probeRunsOf } from "../harness/runs.ts";
import { kubectl, namespace } from "../harness/scenario.ts";
import { near } from "../harness/vault.ts";
import { podOf, server } from "../harness/workload.ts";

/** One pod a node, as ingress controllers and databases ask for. */
const onePerNode = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "ingress" } } },
      ],
    },
  },
};

it("a source with required anti-affinity is tried from its own node, although the scheduler rejects its twin there", async () => {
  const here = await namespace("one-per-node");
  const ingress = server({ namespace: here, name: "ingress", pod: onePerNode });
  await deploy(kubectl, [ingress, server({ namespace: here, name: "web" })].join("\n---\n"));
  const uid = async () =>
    kubectl([
      "get",
      await podOf(here, "ingress"),
      `--namespace=${here}`,
      "--output=jsonpath={.metadata.uid}",
    ]);
  const before = await uid();

  const test = await runTest(
    { namespace: here },
    {
      ipFamilies: ["IPv4"],
      expectations: [
        {
          name: "web",
          from: { podSelector: { matchLabels: { app: "ingress" } } },
          to: { service: { name: "web" } },
          http: { port: 80 },
          expect: "Allowed",
        },
      ],
    },
  );
  const [reported] = test.status.expectations ?? [];
  expect(reported).toMatchObject({ verdict: "Passed", reason: "AsExpected" });
  expect(reported?.message).toContain(`so the operator assigned it to the source's node ${near}`);
  expect(new Set(reported?.paths.map(({ node }) => node))).toEqual(new Set([near]));
  const [run] = await probeRunsOf(test.metadata);
  expect(run?.status.pods).toMatchObject([{ phase: "Finished", node: near, assignedNode: near }]);
  expect(await uid()).toBe(before);
});
