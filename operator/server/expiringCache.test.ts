import { describe, expect, it } from "vitest";
import { createExpiringCache } from "./expiringCache.ts";

function cacheOfTwo() {
  let time = 0;
  const reads: string[] = [];
  const lifetime = (value: string) => (value.startsWith("short") ? 100 : 1_000);
  const cache = createExpiringCache<string>({ lifetime, limit: 2, now: () => time });
  return {
    reads,
    pass: (milliseconds: number) => void (time += milliseconds),
    get: (key: string) =>
      cache.get(key, async () => {
        reads.push(key);
        return `${key}${reads.length}`;
      }),
    fail: (key: string) => cache.get(key, () => Promise.reject(new Error("no answer"))),
  };
}

describe("a cached answer", () => {
  it("is read again when its time is over", async () => {
    const { get, pass } = cacheOfTwo();
    expect(await get("a")).toBe("a1");
    pass(999);
    expect(await get("a")).toBe("a1");
    pass(1);
    expect(await get("a")).toBe("a2");
  });

  it("counts for a time that depends on it", async () => {
    const { get, pass } = cacheOfTwo();
    await get("short");
    pass(100);
    expect(await get("short")).toBe("short2");
  });

  it("is read once for all who ask at the same time", async () => {
    const { get, reads } = cacheOfTwo();
    expect(await Promise.all([get("a"), get("a")])).toEqual(["a1", "a1"]);
    expect(reads).toEqual(["a"]);
  });

  it("is not kept if the read fails", async () => {
    const { get, fail } = cacheOfTwo();
    await expect(fail("a")).rejects.toThrow("no answer");
    expect(await get("a")).toBe("a1");
  });

  it("is dropped, the oldest first, when there are too many", async () => {
    const { get, reads } = cacheOfTwo();
    for (const key of ["a", "b", "c", "b", "a"]) await get(key);
    expect(reads).toEqual(["a", "b", "c", "a"]);
  });
});
