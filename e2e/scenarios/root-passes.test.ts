import { expect, it, onTestFinished } from "vitest";

import { letOnlyRootReach } from "../faults/podFirewall.ts";
import { runTest } from "../harness/runTest.ts";
import { far, from, pods, proofsOf, shop, told, vault, web } from "../harness/vault.ts";

it("a witness passes an engine whose policies let only the packets of the node's root pass", async () => {
  const here = await shop("root-passes");
  onTestFinished(await letOnlyRootReach({ namespace: here, name: "vault" }));
  const ping = { name: "ping", from, to: pods("vault"), icmp: {}, expect: "Denied" };
  const test = await runTest({ namespace: here }, { expectations: [web, vault, ping] });

  expect(told(test)).toMatchObject({
    web: { verdict: "Passed" },
    vault: { verdict: "Passed" },
    ping: { verdict: "Passed" },
  });
  expect(told(test)["vault"]?.message).toContain(`target proven by Witness on ${far}`);
  for (const name of ["vault", "ping"])
    expect(proofsOf(test, name)?.map((proof) => proof?.target)).toEqual(["Witness", "Witness"]);
});
