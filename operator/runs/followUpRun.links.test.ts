import { describe, expect, it } from "vitest";
import { pod } from "../testing/objects.ts";
import { signOfLife, targetAlive, type PathSketch } from "../testing/probeRuns.ts";
import { asBefore, firstLook, judgedTwice, terrain } from "../testing/secondLooks.ts";
import { planSecondLook } from "./followUpRun.ts";

const denied: PathSketch = { samples: "....." };
const beside: PathSketch = {
  ...signOfLife,
  backends: [{ name: "catalog", uid: "uid-catalog", node: "near" }],
};
const blocked: PathSketch = {
  ...signOfLife,
  expectation: "blocked",
  check: { address: "10.1.0.9" },
  samples: ".....",
};
const on = terrain({ pods: [pod("mysql", { node: "far", ips: ["10.1.0.2"] })] });

describe("a denial of which nothing but the wire is not proven", () => {
  it("passes by witnesses of the second look, who know where the probe has run", () => {
    const seen = judgedTwice({
      paths: [denied, beside, targetAlive],
      on,
      telling: {
        probes: ({ check, expect: asked }) =>
          asked === "Denied" ? "....." : check.signOfLife ? "AAAAA" : "CCCCC",
      },
    });
    expect(seen).toMatchObject({
      looks: 2,
      verdict: "Passed",
      target: "Observed",
      source: "Observed",
      link: "Fabric",
    });
  });

  it("is probed again beside all that proved its ends", () => {
    const spec = planSecondLook(firstLook([denied, beside, targetAlive, blocked]), on);
    expect(spec?.paths.map(({ id, fabric }) => [id, fabric])).toEqual([
      [0, "near"],
      [1, undefined],
      [2, undefined],
    ]);
  });

  it("stays unproven where those witnesses do not reach each other", () => {
    const probes = asBefore.probes;
    const seen = judgedTwice({
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

  it("is not looked at again where a path has used the wire", () => {
    expect(planSecondLook(firstLook([denied, signOfLife, targetAlive]), on)).toBeUndefined();
  });
});
