import { expect, it } from "vitest";

import { runTest } from "../harness/runTest.ts";
import { probePodsIn, witnessRunsFor } from "../harness/runs.ts";
import { confine, dns, host, runsWithFollowUps, TWICE, within } from "./followUpRuns.ts";
import { kubectl } from "../harness/scenario.ts";
import { from, near, proofsOf, shop, told, vault, web } from "../harness/vault.ts";
import { SLEEPER } from "../harness/workload.ts";

const byText = (one: string, other: string) => (one < other ? -1 : 1);

it("a denied host is witnessed once its address is known, in a follow-up run that leaves nothing behind", async () => {
  const here = await shop("host");
  await confine(here, [within, dns]);
  const test = await runTest({ namespace: here }, { expectations: [web, host] });
  expect(told(test)).toMatchObject({ web: { verdict: "Passed" }, host: { verdict: "Passed" } });
  expect(told(test)["host"]?.message).toContain(TWICE);
  const proof = { target: "Witness", source: "Observed", link: "Observed" };
  expect(proofsOf(test, "host")).toEqual([proof, proof]);

  const { first, followUps } = await runsWithFollowUps(here);
  expect([first.length, followUps.length]).toEqual([1, 1]);
  expect(followUps[0]?.spec.run.id).toBe(test.status.run?.id);
  expect((await witnessRunsFor(here)).map(({ spec }) => spec.run.followUp)).toEqual([true]);
  await expect.poll(() => probePodsIn(here), { timeout: 30_000 }).toEqual([]);
});

it("a pod that may not send to the cluster's DNS passes as denied, since its servers answer their own nodes", async () => {
  const path = "jsonpath={.items[0].spec.nodeName}";
  const where = ["--namespace=kube-system", "--selector=k8s-app=kube-dns", "--output", path];
  const webNode = (await kubectl(["get", "pods", ...where])).trim();
  const here = await shop("dns", { webNode });
  await confine(here, [within]);
  const name = "kubernetes.default.svc.cluster.local";
  const test = await runTest(
    { namespace: here },
    { expectations: [web, { name: "dns", from, dns: { name }, expect: "Denied" }] },
  );
  expect(told(test)["dns"]?.message).toContain(TWICE);
  expect(told(test)["dns"]?.message).toContain(`target proven by Witness on ${webNode}`);
  expect(told(test)).toMatchObject({ web: { verdict: "Passed" }, dns: { verdict: "Passed" } });
  const wire = webNode === near ? "SameNode" : "Observed";
  expect(proofsOf(test, "dns")).toEqual([{ target: "Witness", source: "Observed", link: wire }]);
  const runs = await witnessRunsFor(here);
  const asked = runs.flatMap(({ spec }) =>
    spec.paths.map(({ from: node, check }) => `${node} ${check.tool} ${check.host}`),
  );
  const question = "dns kubernetes.default.svc.cluster.local.";
  const nodes = [`Node/${near} ${question}`, `Node/${webNode} ${question}`];
  expect(asked.toSorted(byText)).toEqual(nodes.toSorted(byText));
});

it.for([
  ["blocked", {}, "Blocked", "Witness"],
  ["down", { script: SLEEPER }, "TargetDown", "None"],
] as const)(
  "an Allowed target that is %s is recognized by a witness afterwards",
  async ([purpose, vaults, reason, target]) => {
    const here = await shop(purpose, vaults);
    const test = await runTest({ namespace: here }, { expectations: [web, { ...vault, expect: "Allowed" }] });
    const { vault: seen } = told(test);
    expect(seen).toMatchObject({ verdict: "Failed", reason });
    expect(seen?.message).toContain("The witness ran after the rounds");
    // The cluster address and the endpoint behind it; without a ready readiness probe the latter stands there in any case.
    expect(proofsOf(test, "vault")?.map((proof) => proof.target)).toEqual([target, target]);
  },
);
