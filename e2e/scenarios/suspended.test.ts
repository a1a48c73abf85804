import { expect, it } from "vitest";

import { runTest } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { readTest, requestRun, TESTS, waitForToken } from "../kube/connectivityTests.ts";
import { until } from "../process/until.ts";
import { clientReachesWeb, deployClientAndWeb } from "./clientAndWeb.ts";

it("a request is answered at once while the test is suspended, and suspending keeps the verdict until its time is over", async () => {
  const here = await namespace("suspended");
  const test = { namespace: here, name: "test" };
  await deployClientAndWeb(here);
  const first = await runTest(test, { expectations: [clientReachesWeb], schedule: { every: "1m" } });
  expect(first.status.verdict).toBe("Passed");
  await kubectl([
    "patch",
    `${TESTS}/test`,
    `--namespace=${here}`,
    "--type=merge",
    '--patch={"spec":{"suspend":true}}',
  ]);
  await requestRun(kubectl, test, "asked");
  await waitForToken(kubectl, test, { token: "asked", verdict: "Inconclusive" });
  const { metadata, status } = await readTest(read, test);
  expect(status).toMatchObject({ verdict: "Passed", observedGeneration: metadata.generation });
  expect(status.handledRequests).toMatchObject([{ token: "asked", reason: "Suspended" }]);
  expect(status).toMatchObject({ pendingRequests: ["asked"] });
  expect(status).not.toHaveProperty("lastHandledRequest");

  const expired = async () =>
    (await readTest(read, test)).status.verdict === "Inconclusive" ? true : undefined;
  await until("the verdict has expired", expired, { seconds: 200, everyMs: 2_000 });
  const { status: late } = await readTest(read, test);
  expect(late.conditions?.find(({ type }) => type === "Passed")).toMatchObject({
    status: "Unknown",
    reason: "Expired",
  });
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(late.validUntil ?? "") - 2_000);
});
