import { afterAll, beforeAll, expect, it } from "vitest";

import type { ConnectivityTest, ExpectationStatus } from "../../crds/connectivitytest.ts";
import { timedReport } from "../process/report.ts";
import { probePodsIn, probeRunsOf } from "../harness/runs.ts";
import { kubectl, load } from "../harness/scenario.ts";
import { TESTS } from "../kube/connectivityTests.ts";
import { buildShopImages } from "../shop/images.ts";
import { shopIn } from "../shop/shop.ts";

const shop = shopIn(kubectl);
const names = ["ui", "orders", "catalog"];
let foundRunning = false;

beforeAll(async () => {
  foundRunning = (await kubectl(["get", "namespace", "catalog", "--ignore-not-found"])) !== "";
  await shop.deploy(await buildShopImages(timedReport(), load));
}, 600_000);

// A shop that somebody was looking at stays, guarded by its policies.
afterAll(async () => {
  if (!foundRunning) await shop.remove();
});

it("without policies, all that must be denied is open, and no wait for Passed succeeds", async () => {
  const expectations = expectationsOf(await shop.runTests());
  expect(expectations.find(({ name }) => name === "orders-never-touch-mysql")).toMatchObject({
    expected: "Denied",
    actual: "Allowed",
    verdict: "Failed",
    reason: "Open",
  });
  for (const { name, expected, verdict, reason } of expectations) {
    const open = { verdict: "Failed", reason: "Open" };
    const asExpected = { verdict: "Passed", reason: "AsExpected" };
    expect({ name, verdict, reason }).toEqual({ name, ...(expected === "Denied" ? open : asExpected) });
  }
  await expect(waitForPassed("orders", "3s")).rejects.toThrow(/timed out/);
});

it("with policies, a requested run passes every test, and each wait for Passed succeeds", async () => {
  const tests = await shop.applyPolicies(`test-${Date.now()}`);
  const failures = expectationsOf(tests).filter(({ verdict }) => verdict !== "Passed");
  expect(failures.map(({ name, reason, message }) => `${name}: ${reason}: ${message}`)).toEqual([]);
  expect(tests.map(({ status }) => status.verdict)).toEqual(["Passed", "Passed", "Passed"]);
  await Promise.all(names.map(async (name) => waitForPassed(name, "5s")));
});

it.each(names)("after the runs no probe pod is left in %s, and the last run can be read", async (name) => {
  await expect.poll(() => probePodsIn(name), { timeout: 30_000 }).toEqual([]);
  const get = ["get", TESTS, name, `--namespace=${name}`, "-o", "jsonpath={.status.run.id}"];
  const runs = await probeRunsOf({ namespace: name, name });
  expect(runs.map(({ spec }) => spec.run.id)).toEqual([await kubectl(get)]);
  expect(runs.flatMap(({ status }) => status.results).length).toBeGreaterThan(0);
});

function expectationsOf(tests: readonly ConnectivityTest[]): ExpectationStatus[] {
  return tests.flatMap(({ status }) => status.expectations ?? []);
}

/** What a pipeline does to go on only with a green test. */
async function waitForPassed(name: string, timeout: string): Promise<string> {
  const condition = ["--for=condition=Passed", `--timeout=${timeout}`];
  return kubectl(["wait", `${TESTS}/${name}`, `--namespace=${name}`, ...condition]);
}
