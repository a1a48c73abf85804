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
  withoutFollowUp,
} from "../testing/objects.ts";
import { podsOfRun, runsOfTest, unownedRunsOf } from "./testRuns.ts";

/** The status after the run of this id, of generation 1, has ended. */
const reported = (id: string, generation = 1): NonNullable<TestOptions["status"]> => ({
  run: { id, trigger: "Schedule", startedAt: BEGAN, finishedAt: BEGAN, generation },
  history: [{ id, verdict: "Passed", finishedAt: BEGAN, text: "1/1" }],
});

const idOf = (run: ReturnType<typeof probeRun> | undefined) => run?.spec.run.id;

describe("of a test's runs", () => {
  it("one that the status does not report yet is active", () => {
    const { active, ended, obsolete } = runsOfTest(
      connectivityTest(),
      cachesOf({ runs: [probeRun({ id: "a" })] }),
    );
    expect([idOf(active), idOf(ended), obsolete]).toEqual(["a", undefined, []]);
  });

  it("the one that the status reports has ended, and is kept beside the next", () => {
    const runs = [probeRun({ id: "a" }), probeRun({ id: "b" })];
    const { active, ended, obsolete } = runsOfTest(
      connectivityTest({ status: reported("a") }),
      cachesOf({ runs }),
    );
    expect([idOf(active), idOf(ended), obsolete]).toEqual(["b", "a", []]);
  });

  it("the one before the last is obsolete", () => {
    const runs = [probeRun({ id: "a" }), probeRun({ id: "b" })];
    const status = reported("b");
    const history = [...(status.history ?? []), ...(reported("a").history ?? [])];
    const testRuns = runsOfTest(connectivityTest({ status: { ...status, history } }), cachesOf({ runs }));
    expect([idOf(testRuns.active), idOf(testRuns.ended), testRuns.obsolete.map(idOf)]).toEqual([
      undefined,
      "b",
      ["a"],
    ]);
  });

  it("one of an older generation is obsolete, but not if the status still reports it", () => {
    const runs = [probeRun({ id: "a" }), probeRun({ id: "b" }), probeRun({ id: "c", generation: 2 })];
    const test = connectivityTest({
      status: reported("a"),
      metadata: { name: "net", namespace: "shop", uid: "uid-net", generation: 2 },
    });
    const { active, ended, obsolete } = runsOfTest(test, cachesOf({ runs }));
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
    expect(runsOfTest(connectivityTest(), cachesOf({ runs: [run] }))).toEqual({
      active: undefined,
      ended: undefined,
      obsolete: [],
      witness: { active: undefined, ended: undefined },
      followUp: { active: undefined, ended: undefined },
      childRuns: [],
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

  it("belong to the run in progress and to the one that has ended; those of other runs are obsolete", () => {
    const runs = [probeRun({ id: "a" }), probeRun({ id: "b" }), witness("a"), witness("b"), witness("z")];
    const pods = [probePod("w", witness("b"))];
    const testRuns = runsOfTest(connectivityTest({ status: reported("a") }), cachesOf({ runs, pods }));
    expect([testRuns.witness.active?.metadata.name, testRuns.witness.ended?.metadata.name]).toEqual([
      "shop.net-b",
      "shop.net-a",
    ]);
    expect(names(testRuns.obsolete)).toEqual(["shop.net-z"]);
    expect(testRuns.pods.map(({ metadata }) => metadata.name)).toEqual(["w"]);
  });

  it("that are older than their run, which was deleted and created again then, are obsolete", () => {
    const run = probeRun({ id: "a", metadata: { creationTimestamp: "2026-11-21T12:00:01Z" } });
    const runs = [run, witness("a", {}, { creationTimestamp: "2026-11-21T12:00:00Z" })];
    const { witness: found, obsolete } = runsOfTest(connectivityTest(), cachesOf({ runs }));
    expect(found.active).toBeUndefined();
    expect(names(obsolete)).toEqual(["shop.net-a"]);
  });

  it("of an older test of the same name are obsolete, for any run", () => {
    const runs = [probeRun({ id: "a" }), witness("a", { uid: "uid-older" })];
    const { witness: found, obsolete } = runsOfTest(connectivityTest(), cachesOf({ runs }));
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
    expect(names(unownedRunsOf("shop/net", cachesOf({ runs }).runs))).toEqual(["shop.net-a"]);
  });
});

it("all runs that an earlier version created are obsolete, since a follow-up run or a child run looks like a run", () => {
  const runs = [
    withoutFollowUp(probeRun({ id: "a" })),
    withoutFollowUp(probeRun({ id: "a", metadata: { name: "net-a-again", uid: "uid-net-a-again" } })),
    withoutFollowUp(
      probeRun({
        id: "b",
        metadata: { name: "shop.net-b", namespace: "netverdict-witness", ownerReferences: [] },
        spec: { test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace: "shop" } },
      }),
    ),
    probeRun({ id: "b" }),
  ];
  const { active, ended, witness, obsolete } = runsOfTest(
    connectivityTest({ status: reported("a") }),
    cachesOf({ runs }),
  );
  expect([idOf(active), ended, witness.active]).toEqual(["b", undefined, undefined]);
  expect(obsolete.map(({ metadata }) => metadata.name)).toEqual(["net-a", "net-a-again", "shop.net-b"]);
});

describe("branches", () => {
  const childRun = (of: ProbeRun, owner: string, metadata: object = {}) => {
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
    const spec = { ...made.spec, run: of.spec.run, parent: { namespace, name, uid } };
    return { ...made, spec };
  };
  const names = (runs: readonly ProbeRun[]) => runs.map(({ metadata }) => metadata.name);
  const [a, b, z] = ["a", "b", "z"].map((id) => probeRun({ id }));

  it("belong to the run in progress and to the one that has ended; those of other runs are obsolete", () => {
    const [ofA, ofB, ofZ] = [a, b, z].map((of) => childRun(of ?? probeRun(), "ProbeGrant/front"));
    const runs = [a, b, ofA, ofB, ofZ].flatMap((run) => run ?? []);
    const pods = [probePod("abroad", ofB ?? probeRun())];
    const testRuns = runsOfTest(connectivityTest({ status: reported("a") }), cachesOf({ runs, pods }));
    expect(names(testRuns.childRuns)).toEqual(["shop.net-a", "shop.net-b"]);
    expect(names(testRuns.obsolete)).toEqual(["shop.net-z"]);
    expect([idOf(testRuns.active), idOf(testRuns.ended)]).toEqual(["b", "a"]);
    expect(testRuns.pods.map(({ metadata }) => metadata.name)).toEqual(["abroad"]);
  });

  it("that their test owns are never taken for the run itself", () => {
    const parent = probeRun({ id: "a" });
    const test = connectivityTest();
    const { active, childRuns } = runsOfTest(
      test,
      cachesOf({ runs: [childRun(parent, "ConnectivityTest/net"), parent] }),
    );
    expect(active?.metadata.namespace).toBe("shop");
    expect(names(childRuns)).toEqual(["shop.net-a"]);
  });

  it("that a grant owns are found by the key of a test that is gone", () => {
    const runs = [childRun(probeRun({ id: "a" }), "ProbeGrant/front"), probeRun({ id: "d" })];
    expect(names(unownedRunsOf("shop/net", cachesOf({ runs }).runs))).toEqual(["shop.net-a"]);
    expect(names(unownedRunsOf("vault/net", cachesOf({ runs }).runs))).toEqual([]);
  });
});

describe("a follow-up run", () => {
  const followUp = (id: string) => {
    const run = probeRun({ id, metadata: { name: `net-${id}-again`, uid: `uid-net-${id}-again` } });
    return { ...run, spec: { ...run.spec, run: { ...run.spec.run, followUp: true } } };
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

  it("belongs to the run in progress or to the one that has ended, with the witnesses that are its own", () => {
    const [a, b] = [probeRun({ id: "a" }), probeRun({ id: "b" })];
    const witnesses = [
      witness(b, "w-b"),
      witness(followUp("b"), "w-b-again"),
      witness(followUp("a"), "w-a-again"),
    ];
    const runs = [followUp("a"), followUp("b"), a, b, ...witnesses];
    const testRuns = runsOfTest(connectivityTest({ status: reported("a") }), cachesOf({ runs }));
    expect([uids(testRuns.active), uids(testRuns.ended)]).toEqual(["uid-net-b", "uid-net-a"]);
    expect([uids(testRuns.followUp.active?.run), uids(testRuns.followUp.ended?.run)]).toEqual([
      "uid-net-b-again",
      "uid-net-a-again",
    ]);
    expect([
      uids(testRuns.witness.active),
      uids(testRuns.followUp.active?.witness),
      uids(testRuns.followUp.ended?.witness),
    ]).toEqual(["uid-w-b", "uid-w-b-again", "uid-w-a-again"]);
    expect(testRuns.obsolete).toEqual([]);
  });

  it("is obsolete if it is older than its first run, which was deleted and created again then", () => {
    const older = followUp("a");
    const left = { ...older, metadata: { ...older.metadata, creationTimestamp: "2026-11-21T11:59:59Z" } };
    const testRuns = runsOfTest(connectivityTest(), cachesOf({ runs: [probeRun({ id: "a" }), left] }));
    expect([testRuns.followUp.active, testRuns.obsolete]).toEqual([undefined, [left]]);
  });

  it("is obsolete without its first run, and never a run of its own", () => {
    const { active, obsolete } = runsOfTest(connectivityTest(), cachesOf({ runs: [followUp("a")] }));
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
    const testRuns = runsOfTest(
      connectivityTest({ status: reported("a") }),
      cachesOf({ runs: [a, b, foreign], pods }),
    );
    expect(testRuns.pods.map(({ metadata }) => metadata.name)).toEqual(["p1", "p2"]);
  });

  it("of one run are found by name", () => {
    expect([...podsOfRun(b, pods).keys()]).toEqual(["p2"]);
  });
});
