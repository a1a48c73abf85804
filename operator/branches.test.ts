import { describe, expect, it } from "vitest";
import { probeGrantSchema } from "../crds/probegrant.ts";
import { probeRunSpecSchema, type PlannedPod, type ProbeRun } from "../crds/proberun.ts";
import { planBranches, revokedGrants } from "./branches.ts";
import { planWitnesses } from "./witnessPlan.ts";
import { probeRun } from "./testing/objects.ts";
import { plannedRun } from "./testing/plannedRun.ts";

type Place = Pick<PlannedPod, "namespace" | "grant">;

const grantOf = (namespace: string, name: string) => ({ namespace, name, uid: `uid-${name}`, generation: 2 });
const grants = [grantOf("vault", "a"), grantOf("vault", "b"), grantOf("store", "a")];

/** A run with a probe pod for each place, of two checks each. */
function runWith(places: Readonly<Record<string, Place>>, kind = "ConnectivityTest"): ProbeRun {
  const run = plannedRun(Object.fromEntries(Object.keys(places).map((name) => [name, 2])));
  const backend = { name: "web", uid: "uid-web", node: "near" };
  const spec = probeRunSpecSchema.parse({
    ...run.spec,
    test: { ...run.spec.test, kind },
    expectations: [
      { name: "check", expect: "Denied" },
      { name: "another", expect: "Allowed" },
    ],
    grants,
    pods: run.spec.pods.map((pod) => ({ ...pod, ...places[pod.name] })),
    paths: run.spec.paths.map((path) => ({ ...path, backends: [backend], backendCount: 1, witness: "near" })),
  });
  return { ...run, spec };
}

const names = (run: ProbeRun) => planBranches(run).map(({ namespace, name }) => `${namespace}/${name}`);

describe("the branches of a run", () => {
  it("are none where all of its pods are at home", () => {
    expect(planBranches(runWith({ one: {}, two: {} }))).toEqual([]);
  });

  it("are one for each other namespace and each grant there, of different names", () => {
    const run = runWith({
      home: {},
      one: { namespace: "vault", grant: "vault/b" },
      two: { namespace: "store", grant: "store/a" },
      three: { namespace: "vault", grant: "vault/a" },
      four: { namespace: "vault", grant: "vault/b" },
    });
    expect(names(run)).toEqual(["vault/shop.net-abc", "vault/shop.net-abc-2", "store/shop.net-abc"]);
    expect(planBranches(run).map(({ grant }) => grant)).toEqual([grants[1], grants[0], grants[2]]);
    expect(planBranches(run).map(({ spec }) => spec.pods.map(({ name }) => name))).toEqual([
      ["one", "four"],
      ["three"],
      ["two"],
    ]);
  });

  it("of a test without a namespace need no grant, and are named after the test alone", () => {
    const run = runWith({ one: { namespace: "vault" } }, "ClusterConnectivityTest");
    const [branch] = planBranches(run);
    expect(names(run)).toEqual(["vault/net-abc"]);
    expect(branch?.grant).toBeUndefined();
    expect(branch?.spec.test).toEqual(run.spec.test);
  });

  it("know of the run no more than their own paths, and nothing of what stands behind the targets", () => {
    const run = runWith({ home: {}, one: { namespace: "vault", grant: "vault/a" } });
    const [branch] = planBranches(run);
    expect(branch?.spec).toMatchObject({
      test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace: "shop" },
      home: { namespace: "shop", name: "net-abc", uid: "uid-net-abc" },
      expectations: [{ name: "check" }],
      grants: [grants[0]],
      findings: [],
    });
    expect(branch?.spec.paths.map(({ id, pod, backends }) => [id, pod, backends])).toEqual([
      [2, "one", []],
      [3, "one", []],
    ]);
    expect(branch?.spec.pods.map(({ namespace }) => namespace)).toEqual([undefined]);
    expect(branch && planWitnesses({ ...probeRun(), spec: branch.spec })).toBeUndefined();
  });

  it("follow from the run alone, as the API server gives it back", () => {
    const run = runWith({ one: { namespace: "vault", grant: "vault/a" } });
    const [branch] = planBranches(run);
    const stored: unknown = JSON.parse(JSON.stringify(branch?.spec));
    expect(probeRunSpecSchema.parse(stored)).toEqual(JSON.parse(JSON.stringify(branch?.spec)));
  });
});

describe("a grant that a run rests on", () => {
  const seen = (metadata: object) =>
    probeGrantSchema.parse({
      metadata: { ...grants[0], ...metadata },
      spec: { to: [{ namespace: "shop" }] },
    });
  const revoked = (grant: ReturnType<typeof seen> | undefined) =>
    revokedGrants(grants.slice(0, 1), { get: (key) => (key === "vault/a" ? grant : undefined) });

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
