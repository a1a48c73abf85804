import { describe, expect, test } from "vitest";

import { candidates, indicesOf } from "./freeIndex.ts";

describe("the indices that a cluster tries", () => {
  test("are all of 1 to 250, each once", () => {
    const all = candidates("nv12345678");
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
  });

  test("start at the same one every time", () => {
    expect(candidates("nv12345678")[0]).toBe(candidates("nv12345678")[0]);
  });

  test("start at different ones for most names", () => {
    const firsts = Array.from({ length: 20 }, (_, i) => candidates(`nv${i}`)[0]);
    expect(new Set(firsts).size).toBeGreaterThan(10);
  });
});

test("an index counts as taken if an address of the machine lies in its network", () => {
  const taken = indicesOf(["127.0.0.1", "198.18.5.1", "198.19.6.1", "10.198.18.7", "fd00:198:18:8::1"]);
  expect([...taken]).toEqual([5]);
});
