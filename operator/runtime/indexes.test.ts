import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIndexes } from "./indexes.ts";

interface Item {
  readonly name: string;
  readonly labels: readonly string[];
}

const indexers = { label: ({ labels }: Item) => labels, name: ({ name }: Item) => [name] };
const item = (name: string, ...labels: string[]): Item => ({ name, labels });

describe("an index", () => {
  it("has an object under each of its values, and none under others", () => {
    const indexes = createIndexes(indexers);
    indexes.update("a", undefined, item("a", "x", "y"));
    expect([indexes.byIndex("label", "x"), indexes.byIndex("label", "y")].flat()).toHaveLength(2);
    expect(indexes.byIndex("label", "z")).toEqual([]);
  });

  it("has an object once where two of its values are the same", () => {
    const indexes = createIndexes(indexers);
    indexes.update("a", undefined, item("a", "x", "x"));
    expect(indexes.byIndex("label", "x")).toHaveLength(1);
  });

  it("keeps the order in which the objects came when one of them changes", () => {
    const indexes = createIndexes(indexers);
    const first = item("a", "x");
    indexes.update("a", undefined, first);
    indexes.update("b", undefined, item("b", "x"));
    indexes.update("a", first, item("a2", "x"));
    expect(indexes.byIndex("label", "x").map(({ name }) => name)).toEqual(["a2", "b"]);
  });

  it("finds after any changes exactly what a look at every object would", () => {
    const changes = fc.array(
      fc.record({
        key: fc.constantFrom("a", "b", "c", "d"),
        labels: fc.option(fc.array(fc.constantFrom("x", "y", "z"), { maxLength: 3 }), { nil: undefined }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(changes, (all) => {
        const indexes = createIndexes(indexers);
        const objects = new Map<string, Item>();
        for (const { key, labels } of all) {
          const after = labels && item(key, ...labels);
          indexes.update(key, objects.get(key), after);
          if (after) objects.set(key, after);
          else objects.delete(key);
        }
        for (const label of ["x", "y", "z"]) {
          const found = [...objects.values()].filter(({ labels }) => labels.includes(label));
          expect(new Set(indexes.byIndex("label", label))).toEqual(new Set(found));
          expect(indexes.byIndex("label", label)).toHaveLength(found.length);
        }
      }),
    );
  });
});
