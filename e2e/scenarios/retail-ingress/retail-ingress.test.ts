import { expect, it } from "vitest";

import { until } from "../../process/until.ts";
import { roundsBegun } from "../../harness/roundsBegun.ts";
import { kubectl, read } from "../../harness/scenario.ts";
import { stage } from "../../harness/stage.ts";
import { readTest, requestRun, waitForVerdict } from "../../kube/connectivityTests.ts";

const shop = stage(import.meta.dirname);

const passed = "Passed AsExpected";
const open = "Failed Open";

it("before any policy ui and orders both reach the catalog, and its database", async () => {
  const reported = await shop.judge();
  expect(reported.verdicts).toEqual({
    "ui-reads-catalog": passed,
    "ui-places-orders": passed,
    "orders-never-call-catalog": open,
    "orders-never-touch-mysql": open,
    "orders-call-ui": passed,
    "catalog-reads-mysql": passed,
  });
  expect(reported.expectation("orders-never-call-catalog").message).toMatch(
    /^2 of 2 paths are open: Deployment\/orders → catalog\.catalog [0-9.]+:8080 answered HTTP 200 in /,
  );
});

it("with the policies only the ui reaches the catalog, and only the catalog its database", async () => {
  await shop.apply("policy-catalog.yaml");
  await shop.apply("policy-database.yaml");
  const reported = await shop.judge();
  expect(reported.tests.map(({ status }) => status.verdict)).toEqual(["Passed", "Passed", "Passed"]);
  expect(reported.expectation("orders-never-touch-mysql").message).toContain(
    "Deployment/orders → catalog-mysql.catalog ",
  );
});

/** In milliseconds: the requested run is repeated if the rollout changed its target, and the schedule counts from then. */
const TWO_ATTEMPTS_AND_A_SCHEDULE = 300_000;

it(
  "a rollout in the middle of a run is no failure, and the next run of the schedule has passed",
  async () => {
    const test = { namespace: shop.namespace("orders"), name: "shop" };
    await requestRun(kubectl, test, "rollout");
    await roundsBegun(test.namespace, 1);
    await shop.kubectl("catalog", ["rollout", "restart", "deployment/catalog"]);

    const { status: during } = await waitForVerdict(read, test, { token: "rollout" });
    expect(`${during.verdict} ${during.message}`).not.toMatch(/^Failed/);

    await shop.kubectl("catalog", ["rollout", "status", "deployment/catalog", "--timeout=60s"]);
    const rolledOut = new Date().toISOString();
    const afterwards = async () => {
      const { status } = await readTest(read, test);
      const { trigger, startedAt = "" } = status.run ?? {};
      return trigger === "Schedule" && startedAt > rolledOut ? status : undefined;
    };
    const status = await until("a run by the schedule", afterwards, { seconds: 150, everyMs: 2_000 });
    expect({ verdict: status.verdict, message: status.message }).toEqual({
      verdict: "Passed",
      message: "3 of 3 expectations hold",
    });
  },
  TWO_ATTEMPTS_AND_A_SCHEDULE,
);
