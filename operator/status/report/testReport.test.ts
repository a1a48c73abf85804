import { describe, expect, it } from "vitest";
import { connectivityTest, expectation, later } from "../../testing/objects.ts";
import { endedRun, published, verdictOn } from "../../testing/statuses.ts";
import { reportOf } from "./testReport.ts";

const now = later(30_000);
const spec = {
  schedule: { every: "10m" },
  expectations: ["a", "b"].map((name) =>
    expectation({ name, to: { service: { name: "web" } }, tcp: { port: 80 } }),
  ),
};
const test = connectivityTest({ spec });
const ended = {
  ...endedRun([]),
  verdicts: [verdictOn("a", { verdict: "Passed" }), verdictOn("b", { verdict: "Failed" })],
};
const failed = published({ test, ended, now });
const allPassed = published({ test, ended: { ...endedRun(["Passed", "Passed"]) }, now });

async function verdictsIn(of: typeof failed, at = now) {
  const { tests } = await reportOf([of], at);
  return tests.map(({ verdict, expectations }) => [verdict, ...expectations.map((result) => result.verdict)]);
}

describe("reportOf", () => {
  it("has the results of the run that decided", async () => {
    expect(await verdictsIn(failed)).toEqual([["Failed", "Passed", "Failed"]]);
    expect(await verdictsIn(allPassed)).toEqual([["Passed", "Passed", "Passed"]]);
    expect((await reportOf([failed], now)).tests[0]).toMatchObject({
      kind: "ConnectivityTest",
      namespace: "shop",
      name: "net",
      run: { id: "k3f9q", trigger: "Schedule" },
      expectations: [{ name: "a" }, { name: "b", reason: "Open" }],
    });
  });

  it("has no result of a run before the current spec, of a verdict that is over, or before a requested run", async () => {
    const changed = { ...allPassed, metadata: { ...allPassed.metadata, generation: 2 } };
    expect(await verdictsIn(changed)).toEqual([["Pending", "Pending", "Pending"]]);
    expect(await verdictsIn(allPassed, later(86_400_000))).toEqual([
      ["Inconclusive", "Inconclusive", "Inconclusive"],
    ]);
    const annotations = { "netverdict.dev/run-requested": "asked" };
    const requested = { ...allPassed, metadata: { ...allPassed.metadata, annotations } };
    expect(await verdictsIn(requested)).toEqual([["Pending", "Pending", "Pending"]]);
    expect(await verdictsIn(test)).toEqual([["Pending", "Pending", "Pending"]]);
  });

  it("has no Passed for an expectation without a result", async () => {
    const { expectations = [], ...status } = allPassed.status;
    const partly = { ...allPassed, status: { ...status, expectations: expectations.slice(0, 1) } };
    expect(await verdictsIn(partly)).toEqual([["Passed", "Passed", "Inconclusive"]]);
  });
});
