import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_CHECKS_PER_POD } from "../crds/proberun.ts";
import { shard } from "./shards.ts";

interface Item {
  readonly id: number;
  readonly control: boolean;
}

const isControl = ({ control }: Item) => control;
const items = fc
  .array(fc.boolean(), { maxLength: 256 })
  .map((controls) => controls.map((control, id): Item => ({ id, control })));

describe("the checks of a source", () => {
  it("stay together, in order, as long as one pod holds them", () => {
    const few = Array.from({ length: MAX_CHECKS_PER_POD }, (_, id) => ({ id, control: id === 5 }));
    expect(shard(few, isControl)).toEqual([few]);
    expect(shard([], isControl)).toEqual([]);
  });

  it("share their only control where they need more than one pod", () => {
    const many = Array.from({ length: 25 }, (_, id) => ({ id, control: id === 20 }));
    const shards = shard(many, isControl);
    expect(shards).toHaveLength(2);
    expect(shards.map((dealt) => dealt.filter(isControl).map(({ id }) => id))).toEqual([[20], [20]]);
  });

  it("are never lost, never too many for a pod, and only a control is ever tried twice", () => {
    fc.assert(
      fc.property(items, (all) => {
        const shards = shard(all, isControl);
        const dealt = shards.flat();
        expect(new Set(dealt)).toEqual(new Set(all));
        for (const one of shards) {
          expect(one.length).toBeGreaterThan(0);
          expect(one.length).toBeLessThanOrEqual(MAX_CHECKS_PER_POD);
          expect(new Set(one).size).toBe(one.length);
        }
        const twice = dealt.filter((item, index) => dealt.indexOf(item) !== index);
        expect(twice.every(isControl)).toBe(true);
      }),
    );
  });

  it("give every pod a control where there is one", () => {
    fc.assert(
      fc.property(items, (all) => {
        const everyPod = shard(all, isControl).every((one) => one.some(isControl));
        expect(everyPod).toBe(all.length === 0 || all.some(isControl));
      }),
    );
  });
});
