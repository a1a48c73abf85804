import { expect, it } from "vitest";

import { cluster } from "../../harness/scenario.ts";
import { stage } from "../../harness/stage.ts";

const app = stage(import.meta.dirname);

const asMeant = {
  "frontend-never-pings-database": "Passed AsExpected",
  "frontend-uses-database": "Passed AsExpected",
  "frontend-pings-monitoring": "Passed AsExpected",
  "monitoring-pings-database": "Passed AsExpected",
  "database-pings-frontend": "Passed AsExpected",
};
const PING = "frontend-never-pings-database";

it("without the policy the front pings its database in both families, and the test says so", async () => {
  const reported = await app.judge();
  expect(reported.verdicts).toEqual({ ...asMeant, [PING]: "Failed Open" });
  expect(reported.expectation(PING).message).toMatch(/^2 of 2 paths are open: /);
});

it("a policy against ping alone denies it in both families, and affects neither TCP nor the ping of other pods", async () => {
  await app.apply(`policy-${cluster.engine}.yaml`);
  const reported = await app.judge();
  expect(reported.verdicts).toEqual(asMeant);
  const paths = reported.expectation(PING).paths.map(({ address, outcome, proof: { target, source } }) => ({
    family: address.includes(":") ? "IPv6" : "IPv4",
    outcome,
    source,
    isTargetProven: ["Observed", "Witness"].includes(target),
  }));
  // By the ping of another pod if that came at the same time, else by a witness.
  const denied = { outcome: "NoReply", source: "Observed", isTargetProven: true };
  expect(paths.toSorted((one, other) => one.family.localeCompare(other.family))).toEqual([
    { family: "IPv4", ...denied },
    { family: "IPv6", ...denied },
  ]);
});
