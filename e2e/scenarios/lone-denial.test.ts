import { expect, it } from "vitest";

import { runTest } from "../harness/runTest.ts";
import { cluster } from "../harness/scenario.ts";
import { from, pods, proofsOf, shop, told } from "../harness/vault.ts";

const alone = { name: "vault", from, to: pods("vault"), tcp: { port: 8080 }, expect: "Denied" };

it("a denial alone passes in both families, because netverdict's own lookup proves the source", async () => {
  const here = await shop("lone");
  const test = await runTest({ namespace: here }, { expectations: [alone] });
  // No expectation of netverdict's own is beside that of the author.
  expect(Object.keys(told(test))).toEqual(["vault"]);
  expect(told(test)["vault"]).toMatchObject({ verdict: "Passed", reason: "AsExpected" });
  const link = cluster.nodes.length > 1 ? "LinkWitness" : "SameNode";
  const proof = { target: "Witness", source: "Observed", link };
  expect(proofsOf(test, "vault")).toEqual([proof, proof]);
  const paths = test.status.expectations?.[0]?.paths ?? [];
  const families = paths.map(({ address }) => (address.startsWith("[") ? "IPv6" : "IPv4"));
  expect(families.toSorted()).toEqual(["IPv4", "IPv6"]);
  // Five, and those that a busy node or the start of the other family's proof costs. The node's contact alone needs ten.
  const rounds = paths.map(({ samples }) => samples.replaceAll(/[-E]/g, "").length);
  expect(Math.max(...rounds)).toBeLessThan(10);
});

it("a closed path alone has failed in both families, because the follow-up run looks up a name beside it", async () => {
  const here = await shop("closed");
  const test = await runTest({ namespace: here }, { expectations: [{ ...alone, expect: "Allowed" }] });
  expect(told(test)["vault"]).toMatchObject({ verdict: "Failed", reason: "Blocked" });
  const paths = test.status.expectations?.[0]?.paths ?? [];
  expect(paths.map(({ reason }) => reason)).toEqual(["Blocked", "Blocked"]);
  // The kubelet contacts a pod over one family alone.
  expect(paths.map(({ proof }) => proof.source)).toContain("Observed");
});

it("a denial passes beside a path to a port without a listener, which has failed", async () => {
  const here = await shop("dead");
  const dead = { ...alone, name: "dead", tcp: { port: 9 }, expect: "Allowed" };
  const test = await runTest({ namespace: here }, { expectations: [alone, dead] });
  expect(told(test)).toMatchObject({
    vault: { verdict: "Passed", reason: "AsExpected" },
    dead: { verdict: "Failed", reason: "TargetDown" },
  });
});
