import { describe, expect, it } from "vitest";
import { firstRun, judgedWithFollowUp, sameAsBefore, witnessContext } from "../testing/followUps.ts";
import { pod } from "../testing/objects.ts";
import { liveSource, targetAlive, type PathSketch } from "../testing/probeRuns.ts";
import { judgeRun } from "../verdict/judgePath.ts";
import { planFollowUp } from "./followUpRun.ts";

const denied: PathSketch = { samples: "....." };
const beside: PathSketch = {
  ...liveSource,
  backends: [{ name: "catalog", uid: "uid-catalog", node: "near" }],
};
const blocked: PathSketch = {
  ...liveSource,
  expectation: "blocked",
  check: { address: "10.1.0.9" },
  samples: ".....",
};
const on = witnessContext({ pods: [pod("mysql", { node: "far", ips: ["10.1.0.2"] })] });

describe("a denial of which nothing but the link is not proven", () => {
  it("passes by witnesses of the follow-up run, who know where the probe has run", () => {
    const seen = judgedWithFollowUp({
      paths: [denied, beside, targetAlive],
      on,
      telling: {
        probes: ({ check, expect: asked }) =>
          asked === "Denied" ? "....." : check.provesSource ? "AAAAA" : "CCCCC",
      },
    });
    expect(seen).toMatchObject({
      looks: 2,
      verdict: "Passed",
      target: "Observed",
      source: "Observed",
      link: "LinkWitness",
    });
  });

  it("is probed again beside all that proved its ends", () => {
    const spec = planFollowUp(judgeRun(firstRun([denied, beside, targetAlive, blocked])), on);
    expect(spec?.paths.map(({ id, linkWitness }) => [id, linkWitness])).toEqual([
      [0, "near"],
      [1, undefined],
      [2, undefined],
    ]);
  });

  it("stays unproven where those witnesses do not reach each other", () => {
    const probes = sameAsBefore.probes;
    const seen = judgedWithFollowUp({
      paths: [{ ...denied, witness: "far" }, beside],
      witnesses: { paths: [{}] },
      on,
      telling: { probes, witnesses: ({ kind }) => (kind === "Pod" ? "........" : "CCCCCCCC") },
    });
    expect(seen).toMatchObject({
      looks: 2,
      verdict: "Inconclusive",
      reason: "LinkNotProven",
      target: "Witness",
    });
  });

  it("is not looked at again where a path has used the link", () => {
    expect(planFollowUp(judgeRun(firstRun([denied, liveSource, targetAlive])), on)).toBeUndefined();
  });
});
