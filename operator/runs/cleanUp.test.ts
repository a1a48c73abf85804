import { describe, expect, it } from "vitest";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { BEGAN, connectivityTest, later, probePod, probeRun, type TestOptions } from "../testing/objects.ts";
import { cleanUp, KEPT_FOR } from "./cleanUp.ts";
import type { Seen } from "./testRuns.ts";

const active = probeRun({
  id: "b",
  status: {
    pods: [
      { name: "done", phase: "Finished" },
      { name: "broken", phase: "NotRun" },
      { name: "busy", phase: "Pending" },
    ],
  },
});
const ended = probeRun({ id: "a", status: { phase: "Finished", finishedAt: BEGAN } });
const obsolete = probeRun({ id: "z" });

const none = { active: undefined, ended: undefined };

const nothing: Seen = {
  active: undefined,
  ended: undefined,
  obsolete: [],
  witness: none,
  again: none,
  branches: [],
  pods: [],
};

const podsOfActive = ["done", "broken", "busy"].map((name) => probePod(name, active));
const left = probePod("left", ended);

interface Case {
  readonly keepProbePods?: "Never" | "OnFailure";
  readonly verdict?: "Passed" | "Failed" | "Inconclusive";
  readonly seen?: Partial<Seen>;
  readonly now?: Date;
}

function tidy({ keepProbePods = "Never", verdict = "Failed", seen = {}, now = later(0) }: Case) {
  const status: TestOptions["status"] = { history: [{ id: "a", verdict, finishedAt: BEGAN, text: "0/1" }] };
  const test = connectivityTest({ spec: { keepProbePods }, status });
  const { runs, pods, lookAgainAt } = cleanUp(test, { ...nothing, ...seen }, now);
  const names = (objects: readonly (ProbeRun | ProbePod)[]) => objects.map(({ metadata }) => metadata.name);
  return { runs: names(runs), pods: names(pods), lookAgainAt };
}

it("obsolete runs go, and their pods with them, without being asked one by one", () => {
  const seen = { obsolete: [obsolete], pods: [probePod("old", obsolete)] };
  expect(tidy({ seen })).toEqual({ runs: ["net-z"], pods: [], lookAgainAt: undefined });
});

it("nothing goes of a test at rest", () => {
  expect(tidy({ seen: { ended } })).toEqual({ runs: [], pods: [], lookAgainAt: undefined });
});

describe("keepProbePods: Never", () => {
  it("a pod goes as soon as the run has recorded it", () => {
    expect(tidy({ seen: { active, pods: podsOfActive } }).pods).toEqual(["done", "broken"]);
  });

  it("what is left of a run that ended goes, however it ended", () => {
    expect(tidy({ seen: { ended, pods: [left] } }).pods).toEqual(["left"]);
  });
});

describe("keepProbePods: OnFailure", () => {
  const keepProbePods = "OnFailure";

  it("no pod goes before the run has ended, for only then is it known whether it failed", () => {
    expect(tidy({ keepProbePods, seen: { active, pods: podsOfActive } }).pods).toEqual([]);
  });

  it.each(["Failed", "Inconclusive"] as const)("pods of a run that %s stay for an hour", (verdict) => {
    const seen = { ended, pods: [left] };
    const early = tidy({ keepProbePods, verdict, seen, now: later(KEPT_FOR - 1) });
    expect(early).toEqual({ runs: [], pods: [], lookAgainAt: later(KEPT_FOR) });
    const late = tidy({ keepProbePods, verdict, seen, now: later(KEPT_FOR) });
    expect(late).toEqual({ runs: [], pods: ["left"], lookAgainAt: undefined });
  });

  it("pods of a run that Passed go at once", () => {
    expect(tidy({ keepProbePods, verdict: "Passed", seen: { ended, pods: [left] } }).pods).toEqual(["left"]);
  });

  it("nothing is looked at again where no pod is left", () => {
    expect(tidy({ keepProbePods, seen: { ended } }).lookAgainAt).toBeUndefined();
  });
});

describe("witnesses", () => {
  const inWitnesses = {
    metadata: { name: "shop.net-b", namespace: "netverdict-witness", uid: "uid-shop.net-b" },
  };
  const witness = probeRun({ ...inWitnesses, id: "b", status: active.status });
  const pods = ["done", "broken", "busy"].map((name) => probePod(name, witness));

  it.each(["Never", "OnFailure"] as const)(
    "go as soon as they are recorded, whatever else is kept (keepProbePods: %s)",
    (keepProbePods) => {
      const seen = { active, witness: { ...none, active: witness }, pods };
      expect(tidy({ keepProbePods, seen }).pods).toEqual(["done", "broken"]);
      expect(
        tidy({ keepProbePods, seen: { ended: active, witness: { ...none, ended: witness }, pods } }).pods,
      ).toEqual(["done", "broken"]);
    },
  );
});

describe("a second look", () => {
  const second = (of: ProbeRun) => ({ ...of, metadata: { ...of.metadata, uid: `${of.metadata.uid}-again` } });
  const podsOf = (run: ProbeRun) =>
    ["done", "broken", "busy"].map((name) => {
      const found = probePod(`${name}-again`, run);
      const [owner] = found.metadata.ownerReferences;
      const ownerReferences = owner ? [{ ...owner, uid: run.metadata.uid }] : [];
      return { ...found, metadata: { ...found.metadata, name, ownerReferences } };
    });
  const again = second(active);
  const look = { run: again, witness: undefined };

  it("is tidied up as the first one is", () => {
    const pods = podsOf(again);
    expect(tidy({ seen: { active, again: { ...none, active: look }, pods } }).pods).toEqual([
      "done",
      "broken",
    ]);
    expect(
      tidy({ keepProbePods: "OnFailure", seen: { active, again: { ...none, active: look }, pods } }).pods,
    ).toEqual([]);
    expect(tidy({ seen: { ended, again: { ...none, ended: look }, pods } }).pods).toHaveLength(3);
  });

  it("has witnesses that go as soon as they are recorded", () => {
    const withWitness = { run: ended, witness: again };
    const seen = { ended, again: { ...none, ended: withWitness }, pods: podsOf(again) };
    expect(tidy({ keepProbePods: "OnFailure", seen }).pods).toEqual(["done", "broken"]);
  });
});

it("a pod that is on its way out is not deleted again", () => {
  const leaving = probePod("left", ended, { metadata: { deletionTimestamp: BEGAN } });
  expect(tidy({ seen: { ended, pods: [leaving] } }).pods).toEqual([]);
});

describe("what a run has in other namespaces", () => {
  const branchOf = (home: ProbeRun) => {
    const { namespace, name, uid } = home.metadata;
    const pods = ["done", "busy"].map((pod) => ({
      name: pod,
      phase: pod === "done" ? ("Finished" as const) : ("Pending" as const),
    }));
    const made = probeRun({
      metadata: { name: `shop.${name}`, namespace: "vault", uid: `uid-shop.${name}` },
      status: { pods },
    });
    return { ...made, spec: { ...made.spec, home: { namespace, name, uid } } };
  };

  it("goes as its own does: what was recorded of a run under way, and all that is left of one that ended", () => {
    const branches = [branchOf(active), branchOf(ended)];
    const pods = branches.flatMap((branch) =>
      ["done", "busy"].map((name) =>
        probePod(name, branch, { metadata: { namespace: branch.metadata.name } }),
      ),
    );
    const seen = { active, ended, branches, pods };
    const { pods: gone } = cleanUp(connectivityTest(), { ...nothing, ...seen }, later(0));
    expect(gone.map(({ metadata }) => `${metadata.namespace} ${metadata.name}`)).toEqual([
      `shop.${ended.metadata.name} done`,
      `shop.${ended.metadata.name} busy`,
      `shop.${active.metadata.name} done`,
    ]);
  });
});
