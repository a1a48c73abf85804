import { describe, expect, test } from "vitest";

import { bytesToWrite, memoryProblems } from "./buildCost.ts";
import type { Bytes } from "./disk.ts";
import type { Needs } from "./needs.ts";
import { GIB } from "./size.ts";

const nothing: Needs = { programs: [], share: 0, packages: [], images: false, cluster: false };

const sum = (bytes: Bytes): number => Object.values(bytes).reduce((all, one) => all + one, 0);

describe("what is going to be written", () => {
  test("is nothing where nothing is to be made", () => {
    expect(sum(bytesToWrite(nothing))).toBe(0);
  });

  test("is about ten gibibytes where everything is to be built", () => {
    const written = sum(bytesToWrite({ ...nothing, share: 1, images: true }));
    expect(written).toBeGreaterThan(8 * GIB);
    expect(written).toBeLessThan(12 * GIB);
  });

  test("is little where only a small program is to be built", () => {
    expect(sum(bytesToWrite({ ...nothing, share: 0.01 }))).toBeLessThan(GIB / 8);
  });
});

describe("memory", () => {
  test.each([
    { coldSeconds: 300, available: 3.9, problems: 1 },
    { coldSeconds: 300, available: 4, problems: 0 },
    { coldSeconds: 5, available: 0.1, problems: 0 },
  ])("of $available GiB for a build of $coldSeconds s has $problems problems", (one) => {
    const program = { name: "calico", packages: ["tool"], coldSeconds: one.coldSeconds } as const;
    expect(memoryProblems(one.available * GIB, [program])).toHaveLength(one.problems);
  });
});
