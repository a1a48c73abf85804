import { expect, it, onTestFinished } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { until } from "../process/until.ts";
import { deploy } from "../kube/deploy.ts";
import { applyQuota } from "../faults/quota.ts";
import { holdByFinalizer } from "../faults/finalizerHold.ts";
import { declare, runTest } from "../harness/runTest.ts";
import { pods } from "../harness/sharedRun.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { readTest, requestRun } from "../kube/connectivityTests.ts";
import { podOf, server } from "../harness/workload.ts";

const spec = {
  expectations: [
    {
      name: "self",
      from: pods("web"),
      to: { service: { name: "web" } },
      tcp: { port: 80 },
      expect: "Allowed",
    },
  ],
};

/** Leaves no room for one more ProbeRun. */
const fillQuota = (here: string) =>
  applyQuota({ namespace: here, name: "no-runs", spec: { hard: { "count/proberuns.netverdict.dev": "0" } } });

async function place(purpose: string) {
  const here = await namespace(purpose);
  await deploy(kubectl, server({ namespace: here, name: "web" }));
  return { namespace: here, name: "test" };
}

/** The test once its condition Passed speaks of a probe that did not run. */
async function stuck(test: { namespace: string; name: string }): Promise<ConnectivityTest> {
  const check = async () => {
    const seen = await readTest(read, test);
    return passedOf(seen)?.reason === "ProbeNotRun" ? seen : undefined;
  };
  return until("the test tells that its run was refused", check, { seconds: 60, everyMs: 500 });
}

const passedOf = ({ status }: ConnectivityTest) => status.conditions?.find(({ type }) => type === "Passed");

it("a first run that the quota has no room for is reported, in the cluster's words", async () => {
  const here = await place("norun");
  await fillQuota(here.namespace);
  await declare(here, spec);
  const test = await stuck(here);
  expect(test.status.verdict).toBe("Pending");
  expect(passedOf(test)).toMatchObject({ status: "Unknown" });
  expect(passedOf(test)?.message).toMatch(/^the run could not start: .*exceeded quota: no-runs/);
});

it("a test that has passed is green no more once a run is refused, and a request gets that as its result", async () => {
  const here = await place("norun");
  expect((await runTest(here, spec)).status.verdict).toBe("Passed");
  await fillQuota(here.namespace);
  await requestRun(kubectl, here, "again");
  const { status } = await stuck(here);
  expect(status).toMatchObject({
    verdict: "Inconclusive",
    handledRequests: [{ token: "again", verdict: "Inconclusive", reason: "ProbeNotRun" }],
  });
  expect(status.handledRequests?.[0]).not.toHaveProperty("run");
  expect(status.lastHandledRequest).toBeUndefined();
});

it("a test that has passed is green no more while its own namespace is being deleted", async () => {
  const here = await place("norun");
  expect((await runTest(here, spec)).status.verdict).toBe("Passed");
  // A namespace loses its pods before anything else (KEP-5080): while there is one, there is the test.
  const object = await podOf(here.namespace, "web");
  const { release } = await holdByFinalizer({ namespace: here.namespace, object });
  onTestFinished(release);
  await kubectl(["delete", "namespace", here.namespace, "--wait=false"]);
  await until("its pod is on its way out", async () => isLeaving(here.namespace, object), { seconds: 60 });
  await requestRun(kubectl, here, "again");
  const test = await stuck(here);
  expect(test.status.verdict).toBe("Inconclusive");
  expect(passedOf(test)?.message).toContain("is being terminated");
});

async function isLeaving(where: string, object: string): Promise<true | undefined> {
  const since = "jsonpath={.metadata.deletionTimestamp}";
  return (await kubectl(["get", object, `--namespace=${where}`, "-o", since])) !== "" || undefined;
}
