import { afterAll, beforeAll, onTestFinished } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { until } from "../process/until.ts";
import { deploy } from "../kube/deploy.ts";
import { holdByFinalizer } from "../faults/finalizerHold.ts";
import { itReports } from "../harness/itReports.ts";
import { declare, networkPolicy, runTest } from "../harness/runTest.ts";
import { pods } from "../harness/sharedRun.ts";
import { isRunning, probePodsIn } from "../harness/runs.ts";
import { kubectl, makeNamespace, namespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { deployment, podOf, server } from "../harness/workload.ts";

const from = pods("client");

/** Deletes a namespace and waits until but what is held is left in it: so it goes on being deleted. */
async function endNamespace(name: string, held: string): Promise<void> {
  await kubectl(["delete", "namespace", name, "--wait=false"]);
  const isEmpty = async () => {
    const left = await kubectl(["get", "pods,services", `--namespace=${name}`, "--output=name"]);
    return left.trim() === held || undefined;
  };
  await until(`only ${held} is left in ${name}`, isEmpty, { seconds: 60, everyMs: 500 });
}

const ends: (() => Promise<void>)[] = [];
let test: ConnectivityTest;

/** The namespace of the targets goes on being deleted: of `kept` the Service is left without its pods, of `gone` nothing. */
beforeAll(async () => {
  const own = await makeNamespace("caller");
  ends.push(own.remove);
  const other = await makeNamespace("ending");
  ends.push(other.remove);
  const servers = ["kept", "gone"].map((name) => server({ namespace: other.name, name }));
  const client = JSON.stringify(deployment({ namespace: own.name, name: "client" }));
  await deploy(kubectl, [server({ namespace: own.name, name: "web" }), client, ...servers].join("\n---\n"));
  ends.push((await holdByFinalizer({ namespace: other.name, object: "service/kept" })).release);
  await endNamespace(other.name, "service/kept");
  const to = (name: string, where: string) => ({
    from,
    to: { service: { name, namespace: where } },
    tcp: { port: 80 },
  });
  test = await runTest(
    { namespace: own.name },
    {
      expectations: [
        { name: "alive", expect: "Allowed", ...to("web", own.name) },
        { name: "kept", expect: "Denied", ...to("kept", other.name) },
        { name: "gone", expect: "Denied", ...to("gone", other.name) },
        { name: "wants-kept", expect: "Allowed", ...to("kept", other.name) },
        { name: "wants-gone", expect: "Allowed", ...to("gone", other.name) },
      ],
    },
  );
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

const podsGone = "the target's namespace is being deleted, and its pods are gone";
const allGone = "the target's namespace is being deleted, and its Service is gone";
const run = async () => test;

itReports(
  {
    when: podsGone,
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "TargetNotProven",
    says: "no ready endpoint",
    expectation: "kept",
  },
  run,
);
itReports(
  {
    when: podsGone,
    expect: "Allowed",
    verdict: "Failed",
    reason: "TargetDown",
    says: "no ready endpoint",
    expectation: "wants-kept",
  },
  run,
);
for (const expected of ["Denied", "Allowed"] as const) {
  itReports(
    {
      when: allGone,
      expect: expected,
      verdict: "Inconclusive",
      reason: "TargetNotFound",
      says: "does not exist",
      expectation: expected === "Denied" ? "gone" : "wants-gone",
    },
    run,
  );
}

itReports(
  {
    when: "the test's own namespace is being deleted, and the probe pod with it during the run",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: "not probed",
  },
  async () => {
    const here = await namespace("ending");
    const own = { namespace: here, name: "test" };
    const client = JSON.stringify(deployment({ namespace: here, name: "client" }));
    const nobody = { podSelector: pods("vault").podSelector, policyTypes: ["Ingress"] };
    const closed = networkPolicy({ namespace: here, name: "nobody" }, nobody);
    await deploy(kubectl, [server({ namespace: here, name: "vault" }), client, closed].join("\n---\n"));
    const vault = { to: { service: { name: "vault" } }, tcp: { port: 80 } };
    await declare(own, {
      // Nothing shows that the source is alive, so it takes thirty rounds: the run is surely under way when its namespace goes.
      probing: { interval: "2s", deniedRounds: 15, maxRounds: 30 },
      expectations: [{ name: "vault", from, ...vault, expect: "Denied" }],
    });
    await until("a probe pod runs", async () => isProbing(here), { seconds: 60, everyMs: 500 });
    // A namespace loses its pods before anything else (KEP-5080): while there is one, there is the test.
    const { release } = await holdByFinalizer({ namespace: here, object: await podOf(here, "client") });
    onTestFinished(release);
    await kubectl(["delete", "namespace", here, "--wait=false"]);
    return waitForVerdict(read, own, { seconds: 150 });
  },
);

async function isProbing(where: string): Promise<true | undefined> {
  return (await probePodsIn(where)).some(isRunning) || undefined;
}
