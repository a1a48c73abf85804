import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_CHECKS_PER_POD } from "../../crds/proberun/proberun.ts";
import { shard } from "./podAssignment.ts";

interface Item {
  readonly id: number;
  /** The family that it is a sign of life in. */
  readonly family: string | undefined;
}

const vouchesFor = ({ family }: Item) => family;
const items = fc
  .array(fc.constantFrom(undefined, undefined, undefined, "IPv4", "IPv6"), { maxLength: 256 })
  .map((families) => families.map((family, id): Item => ({ id, family })));

describe("the checks of a source", () => {
  it("stay together, in order, as long as one pod holds them", () => {
    const few = Array.from({ length: MAX_CHECKS_PER_POD }, (_, id) => ({
      id,
      family: id === 5 ? "IPv4" : undefined,
    }));
    expect(shard(few, vouchesFor)).toEqual([few]);
    expect(shard([], vouchesFor)).toEqual([]);
  });

  it("share their only controls where they need more than one pod", () => {
    const families: Readonly<Record<number, string>> = { 20: "IPv4", 22: "IPv6" };
    const many = Array.from({ length: 25 }, (_, id) => ({ id, family: families[id] }));
    const shards = shard(many, vouchesFor);
    expect(shards).toHaveLength(2);
    for (const dealt of shards)
      expect(dealt.flatMap(({ family }) => family ?? []).toSorted()).toEqual(["IPv4", "IPv6"]);
  });

  it("do not part by family where each target is tried in both", () => {
    const many = Array.from({ length: 30 }, (_, id) => ({ id, family: id % 2 === 0 ? "IPv4" : "IPv6" }));
    for (const dealt of shard(many, vouchesFor)) {
      expect(new Set(dealt.map(vouchesFor))).toEqual(new Set(["IPv4", "IPv6"]));
    }
  });

  it("are never lost, never too many for a pod, and only a control is ever tried twice", () => {
    fc.assert(
      fc.property(items, (all) => {
        const shards = shard(all, vouchesFor);
        const dealt = shards.flat();
        expect(new Set(dealt)).toEqual(new Set(all));
        for (const one of shards) {
          expect(one.length).toBeGreaterThan(0);
          expect(one.length).toBeLessThanOrEqual(MAX_CHECKS_PER_POD);
          expect(new Set(one).size).toBe(one.length);
        }
        const twice = dealt.filter((item, index) => dealt.indexOf(item) !== index);
        expect(twice.every(({ family }) => family !== undefined)).toBe(true);
      }),
    );
  });

  it("give every pod a control of each family for which there is one", () => {
    fc.assert(
      fc.property(items, (all) => {
        const families = new Set(all.flatMap(({ family }) => family ?? []));
        for (const dealt of shard(all, vouchesFor))
          expect(new Set(dealt.flatMap(({ family }) => family ?? []))).toEqual(families);
      }),
    );
  });
});
