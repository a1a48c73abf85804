import { expect, it } from "vitest";

import { expectationToward } from "../harness/expectationToward.ts";
import { probePodsIn } from "../harness/runs.ts";
import { declare } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";

/** In milliseconds. */
const LONGEST = 2_000;

it("a probe pod is deleted within two seconds of its report", async () => {
  const here = await namespace("pod-life");
  const servers = ["client", "web"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  await declare(
    { namespace: here },
    { expectations: [expectationToward("web", "Allowed")], ipFamilies: ["IPv4"] },
  );
  let reportedAt: number | undefined;
  let isCreated = false;
  await until(
    "the deletion of the probe pod",
    async () => {
      const pods = await probePodsIn(here);
      isCreated ||= pods.length > 0;
      if (pods.some(({ status }) => status.phase === "Succeeded")) reportedAt ??= Date.now();
      return (isCreated && pods.length === 0) || undefined;
    },
    { seconds: 120, everyMs: 20 },
  );
  const deletedAt = Date.now();
  // Not even seen: deleted between two reads.
  expect(deletedAt - (reportedAt ?? deletedAt)).toBeLessThan(LONGEST);
  const { status } = await waitForVerdict(read, { namespace: here, name: "test" });
  expect(status.verdict).toBe("Passed");
});
