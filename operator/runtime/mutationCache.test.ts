import { describe, expect, it } from "vitest";
import { createMutationCache } from "./mutationCache.ts";

const version = (resourceVersion: string, uid = "one") => ({ metadata: { uid, resourceVersion } });

function setUp() {
  let time = 0;
  const written = createMutationCache({ now: () => new Date(time) });
  return { written, pass: (milliseconds: number) => void (time += milliseconds) };
}

describe("a write that the cache does not show yet", () => {
  it("is remembered for five seconds and no longer", () => {
    const { written, pass } = setUp();
    written.set("a", version("1"));
    pass(4_999);
    expect(written.newest("a", undefined)).toEqual(version("1"));
    expect(written.hiddenUntil("a")).toEqual(new Date(5_000));
    pass(1);
    expect(written.newest("a", undefined)).toBeUndefined();
    expect(written.hiddenUntil("a")).toBeUndefined();
  });

  it("is remembered again when it is made again, and by its own key alone", () => {
    const { written, pass } = setUp();
    written.set("a", version("1"));
    pass(4_000);
    written.set("a", version("2"));
    pass(4_000);
    expect(written.newest("a", undefined)).toEqual(version("2"));
    expect(written.newest("b", undefined)).toBeUndefined();
  });

  it("is forgotten on demand", () => {
    const { written } = setUp();
    written.set("a", version("1"));
    written.delete("a");
    expect(written.newest("a", undefined)).toBeUndefined();
  });
});

type Version = ReturnType<typeof version>;

describe("of a write and what the cache shows", () => {
  it.for<[name: string, own: Version, cached: Version, newest: Version]>([
    ["the newer version", version("10"), version("9"), version("10")],
    ["the newer version", version("9"), version("10"), version("10")],
    ["the newer object of the same name", version("9"), version("10", "two"), version("10", "two")],
    ["the newer object of the same name", version("10"), version("9", "two"), version("10")],
    [
      "the write of that object, where versions cannot be compared,",
      version("x"),
      version("y"),
      version("x"),
    ],
    [
      "another object, where versions cannot be compared,",
      version(""),
      version("y", "two"),
      version("y", "two"),
    ],
  ])("%s counts", ([, own, cached, newest]) => {
    const { written } = setUp();
    written.set("a", own);
    expect(written.newest("a", cached)).toEqual(newest);
  });
});

describe("a write that the cache", () => {
  it("has caught up with is forgotten, so that a deletion is noticed at once", () => {
    const { written } = setUp();
    written.set("a", version("1"));
    expect(written.newest("a", version("1"))).toEqual(version("1"));
    expect(written.newest("a", undefined)).toBeUndefined();
  });

  it("shows in an older version is forgotten once the cache shows none", () => {
    const { written } = setUp();
    written.set("a", version("2"));
    expect(written.newest("a", version("1"))).toEqual(version("2"));
    expect(written.hiddenUntil("a")).toBeUndefined();
    expect(written.newest("a", undefined)).toBeUndefined();
  });

  it("showed in an older version when it was made is forgotten once the cache shows none", () => {
    const { written } = setUp();
    written.set("a", version("2"), version("1"));
    written.set("a", version("3"));
    expect(written.newest("a", undefined)).toBeUndefined();
  });

  it("showed as another object when it was made has never been shown", () => {
    const { written } = setUp();
    written.set("a", version("2"), version("1", "two"));
    expect(written.newest("a", undefined)).toEqual(version("2"));
  });
});
