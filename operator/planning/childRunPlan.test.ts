import { describe, expect, it } from "vitest";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunSpecSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { probeRun } from "../testing/objects.ts";
import { grantNow, GRANTS, runWithChildren } from "../testing/runWithChildren.ts";
import { planChildRuns, revokedGrants } from "./childRunPlan.ts";
import { planWitnesses } from "./witnessPlan.ts";

const names = (run: ProbeRun) => planChildRuns(run).map(({ namespace, name }) => `${namespace}/${name}`);

describe("the branches of a run", () => {
  it("are none where all of its pods are in the parent's namespace", () => {
    expect(planChildRuns(runWithChildren({ one: {}, two: {} }))).toEqual([]);
  });

  it("are one for each other namespace and each grant there, of different names", () => {
    const run = runWithChildren({
      parent: {},
      one: { namespace: "vault", grant: "vault/b" },
      two: { namespace: "store", grant: "store/a" },
      three: { namespace: "vault", grant: "vault/a" },
      four: { namespace: "vault", grant: "vault/b" },
    });
    expect(names(run)).toEqual(["vault/shop.net-abc", "vault/shop.net-abc-2", "store/shop.net-abc"]);
    expect(planChildRuns(run).map(({ grant }) => grant)).toEqual([
      GRANTS.vaultB,
      GRANTS.vaultA,
      GRANTS.storeA,
    ]);
    expect(planChildRuns(run).map(({ spec }) => spec.pods.map(({ name }) => name))).toEqual([
      ["one", "four"],
      ["three"],
      ["two"],
    ]);
  });

  it("of a test without a namespace need no grant, and are named after the test alone", () => {
    const run = runWithChildren({ one: { namespace: "vault" } }, "ClusterConnectivityTest");
    const [childRun] = planChildRuns(run);
    expect(names(run)).toEqual(["vault/net-abc"]);
    expect(childRun?.grant).toBeUndefined();
    expect(childRun?.spec.test).toEqual(run.spec.test);
  });

  it("of sources that are nodes never have the name of the run's own witnesses, beside which they are", () => {
    const run = runWithChildren({ one: { namespace: "netverdict-witness" } }, "ClusterConnectivityTest");
    expect(names(run)).toEqual(["netverdict-witness/net-abc-nodes"]);
  });

  it("know of the run no more than their own paths, and nothing of what is behind the targets", () => {
    const planned = runWithChildren({ parent: {}, one: { namespace: "vault", grant: "vault/a" } });
    const paths = planned.spec.paths.map((path) => ({ ...path, witness: "near" }));
    const [childRun] = planChildRuns({ ...planned, spec: { ...planned.spec, paths } });
    expect(childRun?.spec).toMatchObject({
      test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace: "shop" },
      parent: { namespace: "shop", name: "net-abc", uid: "uid-net-abc" },
      expectations: [{ name: "check" }],
      grants: [GRANTS.vaultA],
      findings: [],
    });
    expect(childRun?.spec.paths.map(({ id, pod, backends }) => [id, pod, backends])).toEqual([
      [2, "one", []],
      [3, "one", []],
    ]);
    expect(childRun?.spec.pods.map(({ namespace }) => namespace)).toEqual([undefined]);
    expect(childRun && planWitnesses({ ...probeRun(), spec: childRun.spec })).toBeUndefined();
  });

  it("follow from the run alone, as the API server gives it back", () => {
    const run = runWithChildren({ one: { namespace: "vault", grant: "vault/a" } });
    const [childRun] = planChildRuns(run);
    const stored: unknown = JSON.parse(JSON.stringify(childRun?.spec));
    expect(probeRunSpecSchema.parse(stored)).toEqual(JSON.parse(JSON.stringify(childRun?.spec)));
  });
});

describe("a grant that a run depends on", () => {
  const seen = (metadata: object) => grantNow(GRANTS.vaultA, metadata);
  const revoked = (grant: ProbeGrant | undefined) =>
    revokedGrants([GRANTS.vaultA], { get: (key) => (key === "vault/a" ? grant : undefined) });

  it("holds as long as it is there, unchanged", () => {
    expect(revoked(seen({}))).toEqual([]);
  });

  it.each([
    ["is gone", undefined],
    ["is on its way out", seen({ deletionTimestamp: "2026-11-21T12:00:00Z" })],
    ["was changed", seen({ generation: 3 })],
    ["was taken away and given again", seen({ uid: "uid-new" })],
  ])("does not hold if it %s", (_, grant) => {
    expect(revoked(grant)).toEqual(["vault/a"]);
  });
});
