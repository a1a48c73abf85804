import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spreadOverNodes } from "./spreadOverNodes.ts";

interface Item {
  readonly name: string;
  readonly node: string;
}

const spread = (items: readonly Item[], limit: number) =>
  spreadOverNodes(items, { limit, nodeOf: ({ node }) => node, nameOf: ({ name }) => name });

const names = (items: readonly Item[]) => items.map(({ name }) => name);

describe("a choice of items", () => {
  it("takes from every node in turn, in the order of names", () => {
    const items = [
      { name: "c", node: "two" },
      { name: "a", node: "one" },
      { name: "b", node: "one" },
      { name: "d", node: "three" },
    ];
    expect(names(spread(items, 3))).toEqual(["a", "c", "d"]);
    expect(names(spread(items, 9))).toEqual(["a", "c", "d", "b"]);
  });

  it("is empty for nothing", () => {
    expect(spread([], 8)).toEqual([]);
  });
});

const items = fc.uniqueArray(
  fc.record({ name: fc.string(), node: fc.constantFrom("one", "two", "three", "") }),
  {
    selector: ({ name }) => name,
  },
);

describe("every choice", () => {
  it("holds as many items as allowed, each at most once, from as many nodes as possible", () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 10 }), (all, limit) => {
        const chosen = spread(all, limit);
        const nodes = (some: readonly Item[]) => new Set(some.map(({ node }) => node)).size;
        expect(chosen).toHaveLength(Math.min(limit, all.length));
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(nodes(chosen)).toBe(Math.min(limit, nodes(all)));
      }),
    );
  });

  it("is the same for any order of the items", () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 10 }), (all, limit) => {
        expect(spread(all.toReversed(), limit)).toEqual(spread(all, limit));
      }),
    );
  });
});
