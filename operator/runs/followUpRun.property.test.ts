import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { probeRunSpecSchema, type PlannedPath } from "../../crds/proberun/proberun.ts";
import { describeSample } from "../../probes/samples.ts";
import { followUpOf } from "../testing/followUps.ts";
import { pod, snapshot } from "../testing/objects.ts";
import { liveSource, runOf, witnessesOf, type PathSketch } from "../testing/probeRuns.ts";
import { judge } from "../verdict/judge.ts";
import { judgeRun } from "../verdict/judgePath.ts";
import { planFollowUp } from "./followUpRun.ts";

const tcpLetters = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from("C.RUE-")), maxLength: 16 }),
  fc.constantFrom("CCCCC", ".....", "..........", "CC.....", "CCCCCCCC", "........", "EEEEEEEEEEEEEEE"),
);
const samples = fc.option(tcpLetters, { nil: undefined });

/** Whose targets nobody else reaches, so that the witness of the second look is what counts. */
const path: fc.Arbitrary<PathSketch> = fc
  .record({
    kind: fc.constantFrom("Endpoint", "ClusterAddress", "Host"),
    expect: fc.constantFrom("Denied", "Allowed"),
    samples: fc.oneof(fc.constantFrom(".....", ".........."), tcpLetters),
    ready: fc.boolean(),
  })
  .map(({ kind, expect: declared, samples: letters, ready }): PathSketch => {
    const backends = [{ name: "p", uid: "uid-p", node: "far", readinessOnPort: ready }];
    const shared = { expectation: `${kind}-${declared}`, expect: declared, kind, samples: letters } as const;
    if (kind === "Host")
      return {
        ...shared,
        check: { address: undefined, host: "p" },
        backends: [],
        result: { address: "10.0.0.1" },
      };
    if (kind === "ClusterAddress") return { ...shared, check: { address: "10.96.0.1" }, backends };
    return { ...shared, check: { address: "10.0.0.1" }, backends, witness: "far" };
  });

const drawnLooks = fc.record({
  paths: fc.array(path, { minLength: 1, maxLength: 5 }),
  witness: samples,
  probesAgain: fc.array(samples, { minLength: 8, maxLength: 8 }),
  witnessAgain: samples,
});
type Drawn = typeof drawnLooks extends fc.Arbitrary<infer Value> ? Value : never;

const context = {
  namespace: "shop",
  snapshot: snapshot({ pods: [pod("p", { node: "far", ips: ["10.0.0.1"] })] }),
  settings: { enabled: true, allow: [] },
};

/** The sign of life is there both times, so that denials are often a proof away from passing. */
function looks({ paths, witness, probesAgain, witnessAgain }: Drawn) {
  const untimely = { "witness-far": { node: "far", roundsStartedAt: "2026-11-21T11:00:00.000Z" } };
  const first = {
    run: runOf({ paths: [...paths, liveSource] }),
    witness: witnessesOf({
      paths: witness === undefined ? [] : [{ samples: witness, check: { address: "10.0.0.1" } }],
      pods: untimely,
    }),
  };
  const probes = ({ id, check }: PlannedPath) => (check.provesSource ? "AAAAA" : probesAgain[id]);
  const followUp = followUpOf(first, context, { probes, witnesses: () => witnessAgain });
  return { first, followUp };
}

const passing: Drawn = {
  paths: [
    {
      expectation: "Host-Denied",
      expect: "Denied",
      kind: "Host",
      samples: ".....",
      check: { address: undefined, host: "p" },
      backends: [],
      result: { address: "10.0.0.1" },
    },
  ],
  witness: undefined,
  probesAgain: Array.from({ length: 8 }, () => "....."),
  witnessAgain: "CCCCCCCC",
};

describe("for all results of a first run and its follow-up run", () => {
  it("a denial passes only with all three proofs, and by a witness only if one got there", () => {
    let met = 0;
    fc.assert(
      fc.property(drawnLooks, (drawn) => {
        const { first, followUp } = looks(drawn);
        const passed = judge(first.run, first.witness, followUp).flatMap(({ expected, paths }) =>
          expected === "Denied" ? paths.filter(({ verdict }) => verdict === "Passed") : [],
        );
        for (const { proof, actual, samples: letters } of passed) {
          expect(actual).toBe("Denied");
          expect(Object.values(proof)).not.toContain("None");
          expect(describeSample(letters.replaceAll(/[E-]/g, "").at(-1) ?? "").actual).toBe("Denied");
          if (proof.target !== "Witness") continue;
          met += 1;
          expect(drawn.witnessAgain).toContain("C");
        }
      }),
      { numRuns: 300, examples: [[passing]] },
    );
    expect(met).toBeGreaterThan(0);
  });

  it("no denial passes whose target was another one at the end, though only the follow-up run proved it", () => {
    let met = 0;
    fc.assert(
      fc.property(drawnLooks, (drawn) => {
        const { first, followUp } = looks(drawn);
        const { spec, status } = first.run;
        const gone = (id: number) => ({
          expectation: "x",
          path: id,
          change: "Gone" as const,
          name: "p",
          more: 0,
        });
        const changes = spec.paths.map(({ id }) => gone(id));
        const run = {
          spec,
          status: { ...status, targets: { recheckedAt: "2026-11-21T12:10:00Z", changes } },
        };
        const denied = judge(run, first.witness, followUp).filter(({ expected }) => expected === "Denied");
        met += followUp ? 1 : 0;
        expect(denied.map(({ verdict }) => verdict)).not.toContain("Passed");
      }),
      { numRuns: 200, examples: [[passing]] },
    );
    expect(met).toBeGreaterThan(0);
  });

  it("the follow-up run changes no verdict on what is expected to be open, and never makes a failure better", () => {
    let met = 0;
    fc.assert(
      fc.property(drawnLooks, (drawn) => {
        const { first, followUp } = looks(drawn);
        const before = judge(first.run, first.witness);
        const after = judge(first.run, first.witness, followUp);
        for (const [index, { expected, verdict }] of before.entries()) {
          if (expected !== "Allowed" && verdict !== "Failed") continue;
          met += followUp ? 1 : 0;
          expect(after[index]?.verdict).toBe(verdict);
        }
      }),
      { numRuns: 300 },
    );
    expect(met).toBeGreaterThan(0);
  });

  it("its plan is a valid ProbeRun, asks nothing new except of witnesses, and begins no third run", () => {
    fc.assert(
      fc.property(drawnLooks, (drawn) => {
        const { first, followUp } = looks(drawn);
        const spec = planFollowUp(judgeRun(first), context);
        expect(spec === undefined || probeRunSpecSchema.safeParse(spec).success).toBe(true);
        const known = new Set(first.run.spec.paths.map(({ id }) => id));
        for (const { id, pod: by } of spec?.paths ?? []) expect(known.has(id) || by === "").toBe(true);
        expect(judge(first.run, first.witness, followUp)).toHaveLength(first.run.spec.expectations.length);
      }),
      { numRuns: 200 },
    );
  });
});
