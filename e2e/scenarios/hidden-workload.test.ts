import { expect, it } from "vitest";

import { API_VERSION, PROBE_RUN } from "../../crds/group.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { probeRunsOf } from "../harness/runs.ts";
import { declare } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { deployment, server } from "../harness/workload.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";

it("a pod cannot hide from the tests by an owner reference to a ProbeRun", async () => {
  const here = await namespace("hidden");
  const servers = ["client", "web"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  const spec = { expectations: [expectationToward("web", "Allowed")], ipFamilies: ["IPv4"] };
  await declare({ namespace: here, name: "before" }, spec);
  await waitForVerdict(read, { namespace: here, name: "before" });
  const [run] = await probeRunsOf({ namespace: here, name: "before" });

  const { template } = deployment({ namespace: here, name: "client" }).spec;
  const owner = { apiVersion: API_VERSION, kind: PROBE_RUN.kind, controller: true };
  const { name = "", uid = "" } = run?.metadata ?? {};
  const hidden = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "hidden",
      namespace: here,
      labels: template.metadata.labels,
      ownerReferences: [{ ...owner, name, uid }],
    },
    spec: template.spec,
  };
  await apply(kubectl, JSON.stringify(hidden));
  await kubectl(["wait", "--for=condition=Ready", "pod/hidden", `--namespace=${here}`, "--timeout=90s"], {
    seconds: 95,
  });

  await declare({ namespace: here }, spec);
  const { status } = await waitForVerdict(read, { namespace: here, name: "test" });
  const [{ paths, pathCount } = { paths: [], pathCount: 0 }] = status.expectations ?? [];
  expect(pathCount).toBe(2);
  expect(paths.map(({ from }) => from).toSorted()).toEqual(["Deployment/client", `ProbeRun/${name}`]);
});
