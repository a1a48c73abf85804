import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { cached, cachePath, cacheRoot, keyOf } from "./cache.ts";

const entry = { kind: "download", name: "thing", key: "k1" } as const;

describe("a key", () => {
  test("is the same for the same parts", () => {
    expect(keyOf("a", "b")).toBe(keyOf("a", "b"));
  });

  test("differs if a part moves from one to the next", () => {
    expect(keyOf("ab", "c")).not.toBe(keyOf("a", "bc"));
  });

  test("differs if the order does", () => {
    expect(keyOf("a", "b")).not.toBe(keyOf("b", "a"));
  });
});

test("the cache is where XDG_CACHE_HOME says", () => {
  expect(cacheRoot({ XDG_CACHE_HOME: "/x" })).toBe("/x/netverdict");
});

describe("an entry of the cache", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "netverdict-cache-"));
    vi.stubEnv("XDG_CACHE_HOME", folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  test("is made once", async () => {
    const make = vi.fn<(path: string) => Promise<void>>(async (path) => writeFile(path, "made"));
    await cached(entry, make);
    const path = await cached(entry, make);
    expect(make).toHaveBeenCalledTimes(1);
    expect(await readFile(path, "utf8")).toBe("made");
  });

  test("is made once even if two ask at the same time", async () => {
    const make = vi.fn<(path: string) => Promise<void>>(async (path) => writeFile(path, "made"));
    await Promise.all([cached(entry, make), cached(entry, make)]);
    expect(make).toHaveBeenCalledTimes(1);
  });

  test("does not count if making it was broken off midway", async () => {
    const broken = cached(entry, async (path) => {
      await writeFile(path, "half");
      throw new Error("broken off");
    });
    await expect(broken).rejects.toThrow("broken off");
    await expect(access(cachePath(entry))).rejects.toThrow("ENOENT");
  });

  test("starts from nothing after one that was broken off", async () => {
    await cached(entry, async (path) => {
      await writeFile(path, "half");
      throw new Error("broken off");
    }).catch(() => undefined);
    const path = await cached(entry, async (unfinished) => writeFile(unfinished, "whole", { flag: "wx" }));
    expect(await readFile(path, "utf8")).toBe("whole");
  });
});
