import { describe, expect, it } from "vitest";
import { API_VERSION } from "../../crds/group.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { cachesOf } from "../testing/caches.ts";
import {
  BEGAN,
  connectivityTest,
  controlledBy,
  probePod,
  probeRun,
  type TestOptions,
} from "../testing/objects.ts";
import { podsOfRun, see, awayFrom } from "./testRuns.ts";

/** The status after the run of this id, of generation 1, has ended. */
const told = (id: string, generation = 1): NonNullable<TestOptions["status"]> => ({
  run: { id, trigger: "Schedule", startedAt: BEGAN, finishedAt: BEGAN, generation },
  history: [{ id, verdict: "Passed", finishedAt: BEGAN, text: "1/1" }],
});

const idOf = (run: ReturnType<typeof probeRun> | undefined) => run?.spec.run.id;

describe("of a test's runs", () => {
  it("one that the status does not tell of yet is active", () => {
    const { active, ended, obsolete } = see(connectivityTest(), cachesOf({ runs: [probeRun({ id: "a" })] }));
    expect([idOf(active), idOf(ended), obsolete]).toEqual(["a", undefined, []]);
  });

  it("the one that the status tells of has ended, and is kept beside the next", () => {
    const runs = [probeRun({ id: "a" }), probeRun({ id: "b" })];
    const { active, ended, obsolete } = see(connectivityTest({ status: told("a") }), cachesOf({ runs }));
    expect([idOf(active), idOf(ended), obsolete]).toEqual(["b", "a", []]);
  });

  it("the one before the last is obsolete", () => {
    const runs = [probeRun({ id: "a" }), probeRun({ id: "b" })];
    const status = told("b");
    const history = [...(status.history ?? []), ...(told("a").history ?? [])];
    const seen = see(connectivityTest({ status: { ...status, history } }), cachesOf({ runs }));
    expect([idOf(seen.active), idOf(seen.ended), seen.obsolete.map(idOf)]).toEqual([undefined, "b", ["a"]]);
  });

  it("one of an older generation is obsolete, but not if the status still tells of it", () => {
    const runs = [probeRun({ id: "a" }), probeRun({ id: "b" }), probeRun({ id: "c", generation: 2 })];
    const test = connectivityTest({
      status: told("a"),
      metadata: { name: "net", namespace: "shop", uid: "uid-net", generation: 2 },
    });
    const { active, ended, obsolete } = see(test, cachesOf({ runs }));
    expect([idOf(active), idOf(ended), obsolete.map(idOf)]).toEqual(["c", "a", ["b"]]);
  });

  it.each([
    ["is on its way out", probeRun({ metadata: { name: "net-abc", deletionTimestamp: BEGAN } })],
    [
      "belongs to an older test of the same name",
      probeRun({
        metadata: {
          name: "net-abc",
          ownerReferences: [{ ...controlledBy("ConnectivityTest/net", API_VERSION), uid: "uid-older" }],
        },
      }),
    ],
  ])("one that %s is not the test's", (_, run) => {
    expect(see(connectivityTest(), cachesOf({ runs: [run] }))).toEqual({
      active: undefined,
      ended: undefined,
      obsolete: [],
      witness: { active: undefined, ended: undefined },
      again: { active: undefined, ended: undefined },
      branches: [],
      pods: [],
    });
  });
});

describe("witnesses", () => {
  const witness = (id: string, test: object = {}, metadata: object = {}) =>
    probeRun({
      metadata: {
        name: `shop.net-${id}`,
        namespace: "netverdict-witness",
        uid: `uid-shop.net-${id}`,
        ownerReferences: [],
        ...metadata,
      },
      id,
      spec: { test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace: "shop", ...test } },
    });
  const names = (runs: readonly ReturnType<typeof probeRun>[]) => runs.map(({ metadata }) => metadata.name);

  it("belong to the run under way and to the one that has ended; those of other runs are obsolete", () => {
    const runs = [probeRun({ id: "a" }), probeRun({ id: "b" }), witness("a"), witness("b"), witness("z")];
    const pods = [probePod("w", witness("b"))];
    const seen = see(connectivityTest({ status: told("a") }), cachesOf({ runs, pods }));
    expect([seen.witness.active?.metadata.name, seen.witness.ended?.metadata.name]).toEqual([
      "shop.net-b",
      "shop.net-a",
    ]);
    expect(names(seen.obsolete)).toEqual(["shop.net-z"]);
    expect(seen.pods.map(({ metadata }) => metadata.name)).toEqual(["w"]);
  });

  it("of an older test of the same name are obsolete, whatever their run", () => {
    const runs = [probeRun({ id: "a" }), witness("a", { uid: "uid-older" })];
    const { witness: found, obsolete } = see(connectivityTest(), cachesOf({ runs }));
    expect(found.active).toBeUndefined();
    expect(names(obsolete)).toEqual(["shop.net-a"]);
  });

  it("are found by the key of a test that is gone, but not those of other tests or on their way out", () => {
    const runs = [
      witness("a"),
      witness("b", { namespace: "other" }),
      witness("c", {}, { deletionTimestamp: BEGAN }),
      probeRun({ id: "d" }),
    ];
    expect(names(awayFrom("shop/net", cachesOf({ runs }).runs))).toEqual(["shop.net-a"]);
  });
});

describe("branches", () => {
  const branch = (of: ProbeRun, owner: string, metadata: object = {}) => {
    const { namespace, name, uid } = of.metadata;
    const made = probeRun({
      metadata: {
        name: `shop.${name}`,
        namespace: "vault",
        uid: `uid-shop.${name}`,
        ownerReferences: [controlledBy(owner, API_VERSION)],
        ...metadata,
      },
      spec: { test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace: "shop" } },
    });
    const spec = { ...made.spec, run: of.spec.run, home: { namespace, name, uid } };
    return { ...made, spec };
  };
  const names = (runs: readonly ProbeRun[]) => runs.map(({ metadata }) => metadata.name);
  const [a, b, z] = ["a", "b", "z"].map((id) => probeRun({ id }));

  it("belong to the run under way and to the one that has ended; those of other runs are obsolete", () => {
    const [ofA, ofB, ofZ] = [a, b, z].map((of) => branch(of ?? probeRun(), "ProbeGrant/front"));
    const runs = [a, b, ofA, ofB, ofZ].flatMap((run) => run ?? []);
    const pods = [probePod("abroad", ofB ?? probeRun())];
    const seen = see(connectivityTest({ status: told("a") }), cachesOf({ runs, pods }));
    expect(names(seen.branches)).toEqual(["shop.net-a", "shop.net-b"]);
    expect(names(seen.obsolete)).toEqual(["shop.net-z"]);
    expect([idOf(seen.active), idOf(seen.ended)]).toEqual(["b", "a"]);
    expect(seen.pods.map(({ metadata }) => metadata.name)).toEqual(["abroad"]);
  });

  it("that their test owns are never taken for the run itself", () => {
    const home = probeRun({ id: "a" });
    const test = connectivityTest();
    const { active, branches } = see(test, cachesOf({ runs: [branch(home, "ConnectivityTest/net"), home] }));
    expect(active?.metadata.namespace).toBe("shop");
    expect(names(branches)).toEqual(["shop.net-a"]);
  });

  it("that a grant owns are found by the key of a test that is gone", () => {
    const runs = [branch(probeRun({ id: "a" }), "ProbeGrant/front"), probeRun({ id: "d" })];
    expect(names(awayFrom("shop/net", cachesOf({ runs }).runs))).toEqual(["shop.net-a"]);
    expect(names(awayFrom("vault/net", cachesOf({ runs }).runs))).toEqual([]);
  });
});

describe("a second look", () => {
  const again = (id: string) => {
    const run = probeRun({ id, metadata: { name: `net-${id}-again`, uid: `uid-net-${id}-again` } });
    return { ...run, spec: { ...run.spec, run: { ...run.spec.run, again: true } } };
  };
  const witness = (of: ReturnType<typeof probeRun>, name: string) => ({
    metadata: {
      ...of.metadata,
      name,
      namespace: "netverdict-witness",
      uid: `uid-${name}`,
      ownerReferences: [],
    },
    spec: { ...of.spec, test: { ...of.spec.test, namespace: "shop" } },
    status: of.status,
  });
  const uids = (run: ReturnType<typeof probeRun> | undefined) => run?.metadata.uid;

  it("belongs to the run under way or to the one that has ended, with the witnesses that are its own", () => {
    const [a, b] = [probeRun({ id: "a" }), probeRun({ id: "b" })];
    const witnesses = [witness(b, "w-b"), witness(again("b"), "w-b-again"), witness(again("a"), "w-a-again")];
    const runs = [again("a"), again("b"), a, b, ...witnesses];
    const seen = see(connectivityTest({ status: told("a") }), cachesOf({ runs }));
    expect([uids(seen.active), uids(seen.ended)]).toEqual(["uid-net-b", "uid-net-a"]);
    expect([uids(seen.again.active?.run), uids(seen.again.ended?.run)]).toEqual([
      "uid-net-b-again",
      "uid-net-a-again",
    ]);
    expect([
      uids(seen.witness.active),
      uids(seen.again.active?.witness),
      uids(seen.again.ended?.witness),
    ]).toEqual(["uid-w-b", "uid-w-b-again", "uid-w-a-again"]);
    expect(seen.obsolete).toEqual([]);
  });

  it("is obsolete if it is older than its first look, which was deleted and created again then", () => {
    const older = again("a");
    const left = { ...older, metadata: { ...older.metadata, creationTimestamp: "2026-11-21T11:59:59Z" } };
    const seen = see(connectivityTest(), cachesOf({ runs: [probeRun({ id: "a" }), left] }));
    expect([seen.again.active, seen.obsolete]).toEqual([undefined, [left]]);
  });

  it("is obsolete without its first look, and never a run of its own", () => {
    const { active, obsolete } = see(connectivityTest(), cachesOf({ runs: [again("a")] }));
    expect([active, obsolete.map(uids)]).toEqual([undefined, ["uid-net-a-again"]]);
  });
});

describe("probe pods", () => {
  const [a, b] = [probeRun({ id: "a" }), probeRun({ id: "b" })];
  const foreign = probeRun({
    id: "x",
    metadata: { name: "other-x", uid: "uid-other-x", ownerReferences: [] },
  });
  const pods = [probePod("p1", a), probePod("p2", b), probePod("p3", foreign)];

  it("follow their runs to the test, by owner", () => {
    const seen = see(connectivityTest({ status: told("a") }), cachesOf({ runs: [a, b, foreign], pods }));
    expect(seen.pods.map(({ metadata }) => metadata.name)).toEqual(["p1", "p2"]);
  });

  it("of one run are found by name", () => {
    expect([...podsOfRun(b, pods).keys()]).toEqual(["p2"]);
  });
});
