import { describe, expect, it } from "vitest";
import { sourceName } from "./sourceGroups.ts";

describe("the name of a source", () => {
  const selector = (...values: string[]) => ({
    matchExpressions: [{ key: "role", operator: "In" as const, values }],
  });
  const long = Array.from({ length: 32 }, (_, index) => `value-${index}`);

  it("is that of its workload if this is one source", () => {
    expect(sourceName("Deployment/ui", undefined)).toBe("Deployment/ui");
  });

  it("is cut if it is long, and is still like no other", () => {
    const [one, other] = [
      sourceName("Deployment/ui", selector(...long)),
      sourceName("Deployment/ui", selector(...long, "x")),
    ];
    expect(one).toMatch(/^Deployment\/ui \(role in \(value-0,.*…[0-9a-f]{8}\)$/);
    expect(one.length).toBeLessThan(140);
    expect(other).not.toBe(one);
    expect(sourceName(`Deployment/${"x".repeat(253)}`, selector(...long)).length).toBeLessThanOrEqual(320);
  });
});
