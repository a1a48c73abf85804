import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_CHECKS_PER_POD, type PlannedPath } from "../../crds/proberun/proberun.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { assignToPods, numberPaths } from "./podAssignment.ts";

const group = (name: string, items: readonly string[]) => ({
  items,
  podFor: (index: number, own: readonly string[]) => ({
    name: `${name}-${index}`,
    source: `Node/${name}`,
    sourceNodes: own.length,
  }),
});

describe("assigning to pods", () => {
  it("gives each group pods of its own, numbered throughout, and those the items that they get", () => {
    const many = Array.from({ length: MAX_CHECKS_PER_POD + 2 }, (_, index) => `b${index}`);
    const assigned = assignToPods([group("a", ["a0"]), group("b", many), group("c", ["c0"])]);
    expect(assigned.map(({ pod }) => [pod.name, pod.sourceNodes])).toEqual([
      ["a-0", 1],
      ["b-1", 13],
      ["b-2", 13],
      ["c-3", 1],
    ]);
    expect(assigned.flatMap(({ items }) => items).toSorted()).toEqual(["a0", ...many, "c0"].toSorted());
  });

  it("gives one pod to a group that tries nothing itself, and none where there is no group", () => {
    expect(assignToPods([group("listener", [])])).toEqual([
      { pod: { name: "listener-0", source: "Node/listener", sourceNodes: 0 }, items: [] },
    ]);
    expect(assignToPods([])).toEqual([]);
  });

  it("gives every pod of a group an item that shows that its network is up, where the group has one", () => {
    const many = Array.from({ length: 60 }, (_, index) => `b${index}`);
    const assigned = assignToPods([group("b", many)], (item) => (item === "b7" ? "IPv4" : undefined));
    expect(assigned.length).toBeGreaterThan(1);
    for (const { items } of assigned) expect(items).toContain("b7");
  });
});

it("paths are numbered from 0 on without a gap, in the order of the pods, each with the name of its pod", () => {
  const [any] = plannedRun({ "probe-a": 1 }).spec.paths;
  if (!any) throw new Error("the run has a path");
  const groups = fc.array(fc.array(fc.string(), { maxLength: 60 }), { maxLength: 6 });
  fc.assert(
    fc.property(groups, (drawn) => {
      const assigned = assignToPods(drawn.map((items, index) => group(`g${index}`, items)));
      const paths = numberPaths(assigned, (to, place): PlannedPath => ({ ...any, ...place, to }));
      expect(paths.map(({ id }) => id)).toEqual([...paths.keys()]);
      expect(paths.map(({ pod, to }) => [pod, to])).toEqual(
        assigned.flatMap(({ pod, items }) => items.map((item) => [pod.name, item])),
      );
    }),
  );
});
