import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { metadataSchema } from "../../crds/metadata.ts";
import { createStore, resourceVersionOf } from "./store.ts";

const itemSchema = z.object({ metadata: metadataSchema, kept: z.boolean() });
type Item = z.infer<typeof itemSchema>;

interface Raw {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly kept: unknown;
}

/** A store, and the collection as somebody sees it who only listens to its changes. */
function setUp() {
  const heard = new Map<string, Item>();
  const surprises: string[] = [];
  const invalid: string[] = [];
  const store = createStore<Item, "uid">({
    parse: (raw) => {
      const item = itemSchema.parse(raw);
      return item.kept ? item : undefined;
    },
    onInvalid: (key) => void invalid.push(key),
    indexers: { uid: ({ metadata }) => [metadata.uid] },
    onChange: ({ key, before, after }) => {
      if (heard.get(key) !== before) surprises.push(key);
      if (before && after && before.metadata.uid !== after.metadata.uid) surprises.push(key);
      if (after) heard.set(key, after);
      else heard.delete(key);
    },
  });
  return { store, heard, surprises, invalid };
}

const raw: fc.Arbitrary<Raw> = fc.record({
  metadata: fc.record({
    name: fc.constantFrom("a", "b", "c"),
    uid: fc.constantFrom("1", "2"),
    resourceVersion: fc.constantFrom("1", "2", "3"),
  }),
  kept: fc.constantFrom(true, true, true, false, "unreadable"),
});
const step = fc.oneof(
  fc.record({ does: fc.constantFrom("put", "remove"), raw }),
  fc.record({
    does: fc.constant("replace"),
    all: fc.uniqueArray(raw, { selector: ({ metadata }) => metadata.name }),
  }),
);

describe("for any order of events and lists", () => {
  it("the collection is what the last list says, independent of what was before", async () => {
    const list = fc.uniqueArray(raw, { selector: ({ metadata }) => metadata.name });
    await fc.assert(
      fc.asyncProperty(fc.array(raw), list, async (before, all) => {
        const { store, heard } = setUp();
        for (const object of before) store.put(object);
        await store.replace(all.flatMap((object) => store.read(object) ?? []));
        const names = all.filter(({ kept }) => kept === true).map(({ metadata }) => `/${metadata.name}`);
        expect([...heard.keys()].toSorted()).toEqual(names.toSorted());
      }),
    );
  });

  it("who listens to the changes knows what the store and its indexes know, and no change joins two objects", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const { store, heard, surprises } = setUp();
        for (const each of steps) {
          if ("all" in each) await store.replace(each.all.flatMap((object) => store.read(object) ?? []));
          else if (each.does === "put") store.put(each.raw);
          else store.remove(each.raw);
        }
        expect(surprises).toEqual([]);
        expect([...store.values()].toSorted(byName)).toEqual([...heard.values()].toSorted(byName));
        for (const uid of ["1", "2"]) {
          const held = [...heard.values()].filter(({ metadata }) => metadata.uid === uid);
          expect(store.byIndex("uid", uid).toSorted(byName)).toEqual(held.toSorted(byName));
        }
      }),
    );
  });
});

const byName = (one: Item, other: Item) => one.metadata.name.localeCompare(other.metadata.name);

it("lets go of an object that cannot be read any more", () => {
  const { store, heard, invalid } = setUp();
  store.put({ metadata: { name: "a", uid: "1", resourceVersion: "1" }, kept: true });
  store.put({ metadata: { name: "a", uid: "1", resourceVersion: "2" }, kept: "unreadable" });
  expect(heard.size).toBe(0);
  expect(invalid).toEqual(["/a"]);
});

it.each([
  [{ metadata: { resourceVersion: "7" } }, "7"],
  [{ metadata: {} }, ""],
  ["nonsense", ""],
])("the version of %o is %o", (object, version) => {
  expect(resourceVersionOf(object)).toBe(version);
});
