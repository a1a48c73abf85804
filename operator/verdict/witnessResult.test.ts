import { describe, expect, it } from "vitest";
import type { Proof } from "../../crds/vocabulary.ts";
import { later } from "../testing/objects.ts";
import {
  apart,
  liveSource,
  mysql,
  runOf,
  targetAlive,
  witnessesOf,
  type PathSketch,
  type RunSketch,
} from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

const denied: PathSketch = { samples: "....." };
const allowed: PathSketch = { expect: "Allowed", samples: "....." };

/** The verdict on the first path, which a witness has tried from the target's node; the source is alive. */
function judged(path: PathSketch, witnesses: RunSketch) {
  const run = runOf({ pods: apart, paths: [path, liveSource] });
  const [first] = judge(run, witnessesOf(witnesses));
  return {
    verdict: first?.verdict,
    reason: first?.reason,
    message: first?.message,
    ...first?.paths[0]?.proof,
  };
}

const alive: RunSketch = { paths: [{}] };
const down: RunSketch = { paths: [{ samples: "........" }] };
const refusing: RunSketch = { paths: [{ samples: "RRRRRRRR" }] };
const startedAt = (milliseconds: number) => ({
  "witness-far": { node: "far", roundsStartedAt: later(milliseconds).toISOString() },
});

describe("a denial", () => {
  it("passes by a witness that reached the target, and says where it was", () => {
    const seen = judged(denied, alive);
    expect(seen).toMatchObject({
      verdict: "Passed",
      target: "Witness",
      source: "Observed",
      link: "Observed",
    });
    expect(seen.message).toContain("target proven by Witness on far");
  });

  it.each([
    ["to another port", { paths: [{ check: { port: 3307 } }] }],
    ["to another address", { paths: [{ check: { address: "10.1.0.9" } }] }],
    ["by ping", { paths: [{ check: { tool: "icmp", port: undefined }, samples: "PPPPPPPP" }] }],
  ] as const)("is not proven by a witness %s", (_, witnesses) => {
    expect(judged(denied, { paths: [...witnesses.paths] })).toMatchObject({
      reason: "TargetNotProven",
      target: "None",
    });
  });

  it.each([[down], [refusing]])(
    "is Inconclusive if the witness could not reach the target either",
    (witnesses) => {
      const seen = judged(denied, witnesses);
      expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven", target: "None" });
      expect(seen.message).toContain("a witness on far could not reach it either");
    },
  );

  it("is Inconclusive if the witness did not run, with the cluster's own words", () => {
    const words = "exceeded quota: pods=0";
    const pods = { "witness-far": { node: undefined, phase: "NotRun", message: words } } as const;
    const seen = judged(denied, { ...alive, pods });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven" });
    expect(seen.message).toContain(`the witness on far did not run: ${words}`);
  });

  it.each([
    ["longer than the probes", "C".repeat(40)],
    ["on although the target ended afterwards", `${"C".repeat(20)}${".".repeat(20)}`],
  ])("passes by a witness that goes %s", (_, samples) => {
    const before = { paths: [{ samples }], pods: startedAt(-15_000) };
    expect(judged(denied, before)).toMatchObject({ verdict: "Passed", target: "Witness" });
  });

  it.each([
    ["in all of its rounds, however long it goes on", ".".repeat(40), -15_000, "could not reach it either"],
    ["in all four of its rounds", "....", 1_000, "could not reach it either"],
    ["in too few rounds", "...", 1_000, "did not reach it during the deciding rounds"],
    [
      "in all but an earlier one",
      `C${".".repeat(20)}`,
      -15_000,
      "did not reach it during the deciding rounds",
    ],
  ])("is Inconclusive if the witness failed %s", (...row) => {
    const [, samples, offset, says] = row;
    const seen = judged(denied, { paths: [{ samples }], pods: startedAt(offset) });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven", target: "None" });
    expect(seen.message).toContain(says);
  });

  it.each([
    ["long before", -60_000],
    ["long after", 60_000],
  ])("is Inconclusive if the witness ran %s", (_, offset) => {
    const seen = judged(denied, { ...alive, pods: startedAt(offset) });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven", target: "None" });
    expect(seen.message).toContain("did not reach it during the deciding rounds");
  });

  it.each([
    ["as the first probe's last round began", 4_000, "Witness"],
    ["later", 4_001, "None"],
    ["so early that its last round was the probe's first", -7_000, "Witness"],
    ["earlier", -7_001, "None"],
  ])("counts by the clock: a witness that started %s (%d ms): %s", (_, offset, target) => {
    expect(judged(denied, { ...alive, pods: startedAt(offset) }).target).toBe(target);
  });
});

describe("a target that is Ready by a probe on that very port", () => {
  const ready = [{ ...mysql, readinessOnPort: true }];
  const notRun = { "witness-far": { node: undefined, phase: "NotRun" } } as const;
  const cases: readonly [why: string, proof: Proof["target"], witnesses: RunSketch][] = [
    ["by a witness that reached it, which is stronger", "Witness", alive],
    ["by its readiness if no witness was asked", "Readiness", {}],
    [
      "not if the witness did not run: it may have gone since it was Ready",
      "None",
      { ...alive, pods: notRun },
    ],
    ["not if the witness came too late", "None", { ...alive, pods: startedAt(60_000) }],
    ["not if the witness failed too late", "None", { ...down, pods: startedAt(60_000) }],
    [
      "not if the witness reached it now and then, at another time",
      "None",
      { paths: [{ samples: "......C." }], pods: startedAt(-1_000) },
    ],
    ["not if the witness failed in time", "None", down],
    ["not if the witness was refused in time", "None", refusing],
  ];

  it.for(cases)("is proven %s: %s", ([, target, witnesses]) => {
    const verdict = target === "None" ? "Inconclusive" : "Passed";
    expect(judged({ ...denied, backends: ready }, witnesses)).toMatchObject({ verdict, target });
  });

  it("is named as proven by the weaker, in a denial without a witness", () => {
    const seen = judged({ ...denied, backends: ready }, {});
    expect(seen.message).toContain(
      "target proven by Readiness (weaker: as old as the last readiness probes)",
    );
  });

  it("is down for an Allowed path if the witness failed in time, and unknown if it failed too late", () => {
    const closed = { ...allowed, backends: ready };
    expect(judged(closed, down)).toMatchObject({ verdict: "Failed", reason: "TargetDown", target: "None" });
    expect(judged(closed, { ...down, pods: startedAt(60_000) }).reason).toBe("NotReachable");
  });

  it("is proven by another path that reached it, independent of its witness", () => {
    const run = runOf({ pods: apart, paths: [{ ...denied, backends: ready }, liveSource, targetAlive] });
    expect(judge(run, witnessesOf(down))[0]?.paths[0]?.proof.target).toBe("Observed");
  });
});

describe("an Allowed path that is closed", () => {
  it("is Blocked if a witness reached the target", () => {
    expect(judged(allowed, alive)).toMatchObject({ verdict: "Failed", reason: "Blocked" });
  });

  it("shows that the target is down if a witness could not reach it either", () => {
    const seen = judged(allowed, down);
    expect(seen).toMatchObject({ verdict: "Failed", reason: "TargetDown" });
    expect(seen.message).toContain("a witness on far could not reach it either");
  });

  it("is only NotReachable if the witness ran at another time, or reached it now and then", () => {
    expect(judged(allowed, { ...down, pods: startedAt(60_000) }).reason).toBe("NotReachable");
    const untimely = { paths: [{ samples: "......C." }], pods: startedAt(-1_000) };
    expect(judged(allowed, untimely).reason).toBe("NotReachable");
  });
});

describe("a cluster address", () => {
  const second = { name: "mysql-1", uid: "uid-mysql-1", node: "far" };
  const cluster: PathSketch = {
    ...denied,
    kind: "ClusterAddress",
    check: { address: "10.96.0.2" },
    backends: [mysql, second],
  };
  const paths = [
    cluster,
    denied,
    { ...denied, check: { address: "10.1.0.4" }, backends: [second] },
    liveSource,
  ];
  const both: readonly PathSketch[] = [{}, { check: { address: "10.1.0.4" } }];
  const proofs = (witnesses: RunSketch, more: readonly PathSketch[] = []) =>
    judge(runOf({ pods: apart, paths: [...paths, ...more] }), witnessesOf(witnesses))[0];

  it("is proven if a witness reached each of its backends", () => {
    expect(proofs({ paths: both })).toMatchObject({ verdict: "Passed", pathCount: 3 });
    expect(proofs({ paths: both })?.paths.map(({ proof }) => proof.target)).toEqual([
      "Witness",
      "Witness",
      "Witness",
    ]);
  });

  it("is proven if one was observed and a witness reached the other, as strongly as the weaker proof", () => {
    const seen = proofs({ paths: both.slice(1) }, [targetAlive]);
    const ofCluster = seen?.paths.find(({ address }) => address === "10.96.0.2:3306");
    expect([seen?.verdict, ofCluster?.proof.target]).toEqual(["Passed", "Witness"]);
  });

  it("is proven by readiness only for a backend that no witness was sent to", () => {
    const ready = { ...second, readinessOnPort: true };
    const behind = [{ ...cluster, backends: [mysql, ready] }, denied, { ...paths[2], backends: [ready] }];
    const proofOfCluster = (witnesses: readonly PathSketch[]) =>
      judge(
        runOf({ pods: apart, paths: [...behind, liveSource] }),
        witnessesOf({ paths: witnesses }),
      )[0]?.paths.find(({ address }) => address === "10.96.0.2:3306")?.proof.target;
    expect(proofOfCluster(both.slice(0, 1))).toBe("Readiness");
    expect(proofOfCluster([{}, { ...both[1], samples: "........" }])).toBe("None");
  });

  it("is not proven if one of them was not reached", () => {
    const half = [both[0] ?? {}, { ...both[1], samples: "........" }];
    expect(proofs({ paths: half })).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven" });
    expect(proofs({ paths: both.slice(1) })).toMatchObject({ reason: "TargetNotProven" });
  });
});

describe("an address outside of the cluster", () => {
  const outside: PathSketch = { ...denied, kind: "Address", backends: [] };
  const from = (node: string): RunSketch => ({ paths: [{ pod: "witness" }], pods: { witness: { node } } });

  it("is proven alive, and the link to it, by the witness on the probe's node", () => {
    expect(judged(outside, from("near"))).toMatchObject({
      verdict: "Passed",
      target: "Witness",
      link: "Observed",
    });
  });

  it("is proven alive by a witness on another node, but not the link to it", () => {
    expect(judged(outside, from("far"))).toMatchObject({ reason: "LinkNotProven", target: "Witness" });
  });
});

it("a witness proves no link between pods: it does not take their network", () => {
  const run = runOf({ paths: [denied, { ...liveSource, backends: [{ ...mysql, node: "third" }] }] });
  const onNear = { paths: [{ pod: "witness" }], pods: { witness: { node: "near" } } };
  expect(judge(run, witnessesOf(onNear))[0]).toMatchObject({ reason: "LinkNotProven" });
});
