import { expect, it } from "vitest";

import { until } from "../process/until.ts";
import { apply } from "../kube/deploy.ts";
import { isRunning, witnessPodsOf, witnessRunsFor } from "../harness/runs.ts";
import { kubectl } from "../harness/scenario.ts";
import { declare, networkPolicy, runTest } from "../harness/runTest.ts";
import { far, from, link, pods, proofsOf, shop, told, vault, web } from "../harness/vault.ts";
import { TESTS } from "../kube/connectivityTests.ts";
import { SLEEPER } from "../harness/workload.ts";

it("a denied Service and a denied ping pass although no readiness probe proves the target", async () => {
  const here = await shop("witness");
  const ping = { name: "ping", from, to: pods("vault"), icmp: {}, expect: "Denied" };
  const test = await runTest({ namespace: here }, { expectations: [web, vault, ping] });

  const { web: first, vault: second, ping: third } = told(test);
  expect([first?.verdict, second?.verdict, third?.verdict]).toEqual(["Passed", "Passed", "Passed"]);
  expect(second?.message).toContain(`target proven by Witness on ${far}`);
  expect(third?.message).toContain(`target proven by Witness on ${far}`);
  const proof = { target: "Witness", source: "Observed", link };
  expect(proofsOf(test, "vault")).toEqual([proof, proof]);
  expect(proofsOf(test, "ping")).toEqual([proof, proof]);

  const runs = await witnessRunsFor(here);
  // One for each run; there is a follow-up run where a busy node started the witness of the first one after its probes had ended.
  expect(new Set(runs.map(({ spec }) => spec.run.followUp)).size).toBe(runs.length);
  expect(runs.map(({ spec }) => spec.pods.map(({ witness }) => witness))).toEqual(
    runs.map(() => [{ node: far }]),
  );
  expect(runs).not.toEqual([]);
  const left = () => Promise.all(runs.map((run) => witnessPodsOf(run)));
  await expect.poll(left, { timeout: 30_000 }).toEqual(runs.map(() => []));
});

it("a denial proves nothing where the target does not listen, and an Allowed path there reports that it is down", async () => {
  const here = await shop("asleep", { script: SLEEPER });
  const expected = { ...vault, name: "expected", expect: "Allowed" };
  const seen = told(await runTest({ namespace: here }, { expectations: [web, vault, expected] }));
  expect(seen).toMatchObject({
    web: { verdict: "Passed" },
    vault: { verdict: "Inconclusive", reason: "TargetNotProven" },
    expected: { verdict: "Failed", reason: "TargetDown" },
  });
  expect(seen["vault"]?.message).toContain(`a witness on ${far} could not reach it either`);
});

it("an address outside is witnessed from the probe's node where the administrator allows it, and only there", async () => {
  const here = await shop("outside");
  const within = [{ to: [{ podSelector: {} }] }];
  await apply(
    kubectl,
    networkPolicy(
      { namespace: here, name: "confined" },
      { podSelector: pods("client").podSelector, egress: within, policyTypes: ["Egress"] },
    ),
  );
  const outside = (name: string, ip: string) => ({
    name,
    from,
    to: { ip },
    tcp: { port: 80 },
    expect: "Denied",
  });
  const test = await runTest(
    { namespace: here },
    {
      expectations: [
        web,
        outside("v4", "203.0.113.10"),
        outside("v6", "2001:db8:113::10"),
        outside("elsewhere", "198.51.100.10"),
      ],
    },
  );
  const proof = { target: "Witness", source: "Observed", link: "Observed" };
  expect(told(test)).toMatchObject({
    v4: { verdict: "Passed" },
    v6: { verdict: "Passed" },
    elsewhere: { verdict: "Inconclusive", reason: "TargetNotProven" },
  });
  expect([proofsOf(test, "v4"), proofsOf(test, "v6")]).toEqual([[proof], [proof]]);
  const runs = await witnessRunsFor(here);
  const asked = new Set(runs.flatMap(({ spec }) => spec.paths.map(({ to }) => to)));
  expect([...asked].toSorted()).toEqual(["2001:db8:113::10", "203.0.113.10"]);
});

it("no witness outlives its test, even one that is deleted in the middle of a run", async () => {
  const here = await shop("gone");
  // At least twelve seconds, so that the test is gone before the run has ended.
  const probing = { interval: "2s", deniedRounds: 6, maxRounds: 20 };
  await declare({ namespace: here }, { expectations: [web, vault], probing });
  const running = async () => {
    const [run] = await witnessRunsFor(here);
    return run && (await witnessPodsOf(run)).some(isRunning) ? run : undefined;
  };
  const run = await until("a witness runs", running, { seconds: 60 });
  await kubectl(["delete", TESTS, "test", `--namespace=${here}`]);
  await expect.poll(() => witnessRunsFor(here), { timeout: 60_000 }).toEqual([]);
  await expect.poll(() => witnessPodsOf(run), { timeout: 60_000 }).toEqual([]);
});
