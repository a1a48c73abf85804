import { describe, expect, it } from "vitest";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { BEGAN, connectivityTest, later, probePod, probeRun, type TestOptions } from "../testing/objects.ts";
import { KEEP_DURATION, planCleanUp } from "./cleanUp.ts";
import type { TestRuns } from "./testRuns.ts";

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

const nothing: TestRuns = {
  active: undefined,
  ended: undefined,
  obsolete: [],
  witness: none,
  followUp: none,
  childRuns: [],
  pods: [],
};

const podsOfActive = ["done", "broken", "busy"].map((name) => probePod(name, active));
const left = probePod("left", ended);

interface Case {
  readonly keepProbePods?: "Never" | "OnFailure";
  readonly verdict?: "Passed" | "Failed" | "Inconclusive";
  readonly testRuns?: Partial<TestRuns>;
  readonly now?: Date;
}

function tidy({ keepProbePods = "Never", verdict = "Failed", testRuns = {}, now = later(0) }: Case) {
  const status: TestOptions["status"] = { history: [{ id: "a", verdict, finishedAt: BEGAN, text: "0/1" }] };
  const test = connectivityTest({ spec: { keepProbePods }, status });
  const { runs, pods, requeueAt } = planCleanUp(test, { ...nothing, ...testRuns }, now);
  const names = (objects: readonly (ProbeRun | ProbePod)[]) => objects.map(({ metadata }) => metadata.name);
  return { runs: names(runs), pods: names(pods), requeueAt };
}

it("obsolete runs go, and their pods with them, without being asked one by one", () => {
  const testRuns = { obsolete: [obsolete], pods: [probePod("old", obsolete)] };
  expect(tidy({ testRuns })).toEqual({ runs: ["net-z"], pods: [], requeueAt: undefined });
});

it("nothing goes of a test at rest", () => {
  expect(tidy({ testRuns: { ended } })).toEqual({ runs: [], pods: [], requeueAt: undefined });
});

describe("keepProbePods: Never", () => {
  it("a pod goes as soon as the run has recorded it", () => {
    expect(tidy({ testRuns: { active, pods: podsOfActive } }).pods).toEqual(["done", "broken"]);
  });

  it("what is left of a run that ended goes, however it ended", () => {
    expect(tidy({ testRuns: { ended, pods: [left] } }).pods).toEqual(["left"]);
  });
});

describe("keepProbePods: OnFailure", () => {
  const keepProbePods = "OnFailure";

  it("no pod goes before the run has ended, for only then is it known whether it failed", () => {
    expect(tidy({ keepProbePods, testRuns: { active, pods: podsOfActive } }).pods).toEqual([]);
  });

  it.each(["Failed", "Inconclusive"] as const)("pods of a run that %s stay for an hour", (verdict) => {
    const testRuns = { ended, pods: [left] };
    const early = tidy({ keepProbePods, verdict, testRuns, now: later(KEEP_DURATION - 1) });
    expect(early).toEqual({ runs: [], pods: [], requeueAt: later(KEEP_DURATION) });
    const late = tidy({ keepProbePods, verdict, testRuns, now: later(KEEP_DURATION) });
    expect(late).toEqual({ runs: [], pods: ["left"], requeueAt: undefined });
  });

  it("pods of a run that Passed go at once", () => {
    expect(tidy({ keepProbePods, verdict: "Passed", testRuns: { ended, pods: [left] } }).pods).toEqual([
      "left",
    ]);
  });

  it("nothing is looked at again where no pod is left", () => {
    expect(tidy({ keepProbePods, testRuns: { ended } }).requeueAt).toBeUndefined();
  });
});

describe("witnesses", () => {
  const inWitnesses = {
    metadata: { name: "shop.net-b", namespace: "netverdict-witness", uid: "uid-shop.net-b" },
  };
  const witness = probeRun({ ...inWitnesses, id: "b", status: active.status });
  const pods = ["done", "broken", "busy"].map((name) => probePod(name, witness));

  it.each(["Never", "OnFailure"] as const)(
    "are deleted as soon as they are recorded, independent of what else is kept (keepProbePods: %s)",
    (keepProbePods) => {
      const testRuns = { active, witness: { ...none, active: witness }, pods };
      expect(tidy({ keepProbePods, testRuns }).pods).toEqual(["done", "broken"]);
      expect(
        tidy({ keepProbePods, testRuns: { ended: active, witness: { ...none, ended: witness }, pods } }).pods,
      ).toEqual(["done", "broken"]);
    },
  );
});

describe("a follow-up run", () => {
  const second = (of: ProbeRun) => ({ ...of, metadata: { ...of.metadata, uid: `${of.metadata.uid}-again` } });
  const podsOf = (run: ProbeRun) =>
    ["done", "broken", "busy"].map((name) => {
      const found = probePod(`${name}-again`, run);
      const [owner] = found.metadata.ownerReferences;
      const ownerReferences = owner ? [{ ...owner, uid: run.metadata.uid }] : [];
      return { ...found, metadata: { ...found.metadata, name, ownerReferences } };
    });
  const followUp = second(active);
  const look = { run: followUp, witness: undefined };

  it("is tidied up as the first one is", () => {
    const pods = podsOf(followUp);
    expect(tidy({ testRuns: { active, followUp: { ...none, active: look }, pods } }).pods).toEqual([
      "done",
      "broken",
    ]);
    expect(
      tidy({ keepProbePods: "OnFailure", testRuns: { active, followUp: { ...none, active: look }, pods } })
        .pods,
    ).toEqual([]);
    expect(tidy({ testRuns: { ended, followUp: { ...none, ended: look }, pods } }).pods).toHaveLength(3);
  });

  it("has witnesses that go as soon as they are recorded", () => {
    const withWitness = { run: ended, witness: followUp };
    const testRuns = { ended, followUp: { ...none, ended: withWitness }, pods: podsOf(followUp) };
    expect(tidy({ keepProbePods: "OnFailure", testRuns }).pods).toEqual(["done", "broken"]);
  });
});

it("a pod that is on its way out is not deleted again", () => {
  const leaving = probePod("left", ended, { metadata: { deletionTimestamp: BEGAN } });
  expect(tidy({ testRuns: { ended, pods: [leaving] } }).pods).toEqual([]);
});

describe("what a run has in other namespaces", () => {
  const childRunOf = (parent: ProbeRun) => {
    const { namespace, name, uid } = parent.metadata;
    const pods = ["done", "busy"].map((pod) => ({
      name: pod,
      phase: pod === "done" ? ("Finished" as const) : ("Pending" as const),
    }));
    const made = probeRun({
      metadata: { name: `shop.${name}`, namespace: "vault", uid: `uid-shop.${name}` },
      status: { pods },
    });
    return { ...made, spec: { ...made.spec, parent: { namespace, name, uid } } };
  };

  it("is deleted as its own is: what was recorded of a run in progress, and all that is left of one that ended", () => {
    const childRuns = [childRunOf(active), childRunOf(ended)];
    const pods = childRuns.flatMap((childRun) =>
      ["done", "busy"].map((name) =>
        probePod(name, childRun, { metadata: { namespace: childRun.metadata.name } }),
      ),
    );
    const testRuns = { active, ended, childRuns, pods };
    const { pods: gone } = planCleanUp(connectivityTest(), { ...nothing, ...testRuns }, later(0));
    expect(gone.map(({ metadata }) => `${metadata.namespace} ${metadata.name}`)).toEqual([
      `shop.${ended.metadata.name} done`,
      `shop.${ended.metadata.name} busy`,
      `shop.${active.metadata.name} done`,
    ]);
  });
});
