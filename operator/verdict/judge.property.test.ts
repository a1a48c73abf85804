import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verdictSchema, type Verdict } from "../../crds/vocabulary.ts";
import { BEGAN } from "../testing/objects.ts";
import { contacted, runOf, type PathSketch } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";
import { proven } from "./proof.ts";
import { runEvidenceOf } from "./runEvidence.ts";
import { rankOf, worstOf } from "./severity.ts";
import { verdictOf } from "./verdictRules.ts";

const letters = fc.constantFrom(...Array.from("AaCc.RUXFExn"));
const samples = fc.oneof(
  fc.string({ unit: letters, maxLength: 20 }),
  fc.constantFrom("CCCCC", ".....", "..........", "AAAAA", "CC.....", "EEEEEEEEEEEEEEE"),
);
const node = fc.constantFrom("a", "b");

/** Few addresses, pods and nodes, so that paths do prove each other. */
const path: fc.Arbitrary<PathSketch> = fc.record({
  expectation: fc.constantFrom("one", "two"),
  from: fc.constantFrom("Deployment/x", "Deployment/y"),
  pod: fc.constantFrom("probe-x", "probe-y"),
  kind: fc.constantFrom("Endpoint", "ClusterAddress", "Address", "Host"),
  samples,
  backends: fc.array(
    fc.record({
      name: fc.constantFrom("p", "q"),
      uid: fc.constantFrom("1", "2"),
      node,
      hostNetwork: fc.boolean(),
      readinessOnPort: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  check: fc.record({ address: fc.constantFrom("10.0.0.1", "10.0.0.2"), provesSource: fc.boolean() }),
});

/** Expectation `one` denies and `two` allows, so that both kinds stand in every run. */
const declared = (paths: readonly PathSketch[]) =>
  paths.map((sketch): PathSketch => ({
    ...sketch,
    expect: sketch.expectation === "one" ? "Denied" : "Allowed",
  }));

const expectations = [
  { name: "one", expect: "Denied" },
  { name: "two", expect: "Allowed" },
] as const;

const seconds = fc.integer({ min: -2, max: 22 });
const contact = fc.option(
  fc
    .record({ first: seconds, last: seconds })
    .map(({ first, last }) => contacted(first * 1_000, last * 1_000)),
  { nil: undefined },
);
const pod = fc.record({ node, contact }).map(({ node: where, contact: met }) => ({ node: where, ...met }));

const change = fc.record({
  path: fc.option(fc.nat({ max: 7 }), { nil: undefined }),
  expectation: fc.constantFrom("one", "two"),
  change: fc.constantFrom("Gone", "Moved", "Left", "Appeared"),
});

const run = fc.record({
  paths: fc.array(path, { minLength: 1, maxLength: 8 }).map(declared),
  x: pod,
  y: pod,
  changes: fc.array(change, { maxLength: 3 }),
});
type Drawn = typeof run extends fc.Arbitrary<infer Value> ? Value : never;
const recordOf = ({ paths, x, y, changes }: Drawn) =>
  runOf({ paths, expectations, changes: changes.map(defined), pods: { "probe-x": x, "probe-y": y } });
const defined = ({ path: of, ...rest }: Drawn["changes"][number]) => ({
  ...rest,
  ...(of !== undefined && { path: of }),
});

/** A denial that passes, by its node's contact: what random runs come upon too seldom to rely on it. */
const passing: Drawn = {
  paths: declared([
    {
      expectation: "one",
      from: "Deployment/x",
      pod: "probe-x",
      kind: "Endpoint",
      samples: "..........",
      backends: [{ name: "p", uid: "1", node: "a", hostNetwork: false, readinessOnPort: true }],
      check: { address: "10.0.0.1", provesSource: false },
    },
  ]),
  x: { node: "a", ...contacted(-1_000, 22_000) },
  y: { node: "b" },
  changes: [],
};

const verdictsIn = (record: ReturnType<typeof runOf>) => judge(record).map(({ verdict }) => verdict);

describe("for all samples and paths", () => {
  it("a denial passes only with all three proofs", () => {
    let met = 0;
    fc.assert(
      fc.property(run, (drawn) => {
        const passed = judge(recordOf(drawn)).flatMap(({ expected, paths }) =>
          expected === "Denied" ? paths.filter(({ verdict }) => verdict === "Passed") : [],
        );
        met += passed.length;
        for (const { proof, actual } of passed) {
          expect(actual).toBe("Denied");
          expect(Object.values(proof)).not.toContain("None");
        }
      }),
      { numRuns: 1_000, examples: [[passing]] },
    );
    expect(met).toBeGreaterThan(0);
  });

  it("a denial passes by node contact only with ten denials between the contacts, and none of anything else since", () => {
    let met = 0;
    fc.assert(
      fc.property(run, (drawn) => {
        const record = recordOf(drawn);
        const evidence = runEvidenceOf({ run: record });
        for (const each of evidence.run.filter(({ plan }) => plan.expect === "Denied")) {
          const known = proven(each, evidence);
          const { verdict } = verdictOf(known);
          if (verdict !== "Passed" || known.source !== "NodeContact") continue;
          met += 1;
          const [first, last] = [each.pod?.contact?.first, each.pod?.contact?.last].map((text) =>
            Date.parse(text ?? ""),
          );
          const since = each.samples.map((sample, round) => ({
            ...sample,
            at: Date.parse(BEGAN) + round * 1_000,
          }));
          const between = since.filter(
            ({ at, outcome }) => at >= (first ?? NaN) && at <= (last ?? NaN) && outcome !== "ProbeError",
          );
          expect(between.slice(-10).map(({ actual }) => actual)).toEqual(
            Array.from({ length: 10 }, () => "Denied"),
          );
          const after = since.filter(({ at, outcome }) => at > (last ?? NaN) && outcome !== "ProbeError");
          expect(after.every(({ actual }) => actual === "Denied")).toBe(true);
        }
      }),
      { numRuns: 1_500, examples: [[passing]] },
    );
    expect(met).toBeGreaterThan(0);
  });

  it("an expectation passes only if each of its paths has, and it has one", () => {
    fc.assert(
      fc.property(run, (drawn) => {
        for (const { name, expected, verdict, paths } of judge(recordOf(drawn))) {
          const holds = paths.length > 0 && paths.every((each) => each.verdict === "Passed");
          const isUntried = drawn.changes.some(
            (each) => each.path === undefined && each.expectation === name && expected === "Denied",
          );
          expect(verdict === "Passed").toBe(holds && !isUntried);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a denial whose target is another one at the end does not pass, and nothing gets worse by it", () => {
    fc.assert(
      fc.property(run, change, (drawn, more) => {
        // A path has one change at most.
        const others = drawn.changes.filter(({ path: of }) => of !== more.path);
        const before = judge(recordOf({ ...drawn, changes: others }));
        const after = judge(recordOf({ ...drawn, changes: [more, ...others] }));
        const isMeant = ({ name, paths }: (typeof after)[number]) =>
          more.path === undefined
            ? more.expectation === name && paths.length > 0
            : drawn.paths[more.path]?.expectation === name;
        const passed = after.filter((each) => isMeant(each) && each.expected === "Denied");
        expect(passed.map(({ verdict }) => verdict)).not.toContain("Passed");
        const red = (verdicts: typeof after) =>
          verdicts.filter(({ verdict }) => verdict === "Failed").map(({ name }) => name);
        expect(red(before)).toEqual(expect.arrayContaining(red(after)));
      }),
      { numRuns: 300, examples: [[passing, { path: 0, expectation: "one", change: "Gone" }]] },
    );
  });

  it("a path that fails never makes its expectation better", () => {
    fc.assert(
      fc.property(run, (drawn) => {
        const before = verdictsIn(recordOf(drawn))[0];
        const failing: PathSketch = { expectation: "one", expect: "Denied", samples: "CCC", pod: "probe-z" };
        const after = verdictsIn(recordOf({ ...drawn, paths: [...drawn.paths, failing] }))[0];
        expect(after).toBe("Failed");
        expect(rankOf(after ?? "Passed")).toBeGreaterThanOrEqual(rankOf(before ?? "Failed"));
      }),
    );
  });

  it("the order of paths, pods and results makes no difference", () => {
    fc.assert(
      fc.property(run, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (drawn, keys) => {
        const { spec, status } = recordOf(drawn);
        const shuffled = <Item>(items: readonly Item[]) =>
          items
            .map((item, index) => ({ item, key: keys[index] ?? 0 }))
            .toSorted((one, other) => one.key - other.key)
            .map(({ item }) => item);
        const other = {
          spec: { ...spec, paths: shuffled(spec.paths), pods: shuffled(spec.pods) },
          status: { ...status, pods: shuffled(status.pods), results: shuffled(status.results) },
        };
        expect(judge(other)).toEqual(judge({ spec, status }));
      }),
    );
  });
});

describe("the worst of some verdicts", () => {
  const verdicts = fc.array(fc.constantFrom(...verdictSchema.options));

  it("never gets better by one more", () => {
    const one = fc.constantFrom(...verdictSchema.options);
    fc.assert(
      fc.property(verdicts, one, (some: Verdict[], more: Verdict) => {
        fc.pre(some.length > 0);
        expect(rankOf(worstOf([...some, more]))).toBe(Math.max(rankOf(worstOf(some)), rankOf(more)));
      }),
    );
  });

  it("of none is Inconclusive", () => {
    expect(worstOf([])).toBe("Inconclusive");
  });
});
