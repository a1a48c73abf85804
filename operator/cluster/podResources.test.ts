import { assert, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { planRun } from "../planning/plan.ts";
import { connectivityTest, expectation, pod, snapshot } from "../testing/objects.ts";
import { limitRangeSchema, podResources, resourceQuotaSchema } from "./podResources.ts";

const quota = (hard: Record<string, string>) => resourceQuotaSchema.parse({ spec: { hard } });
const limitRange = (limit: object) =>
  limitRangeSchema.parse({ spec: { limits: [{ type: "Container", ...limit }] } });
const ofRange = (limit: object, checks = 2) =>
  podResources(checks, { limitRanges: [limitRange(limit)], quotas: [] });
const ofQuota = (hard: Record<string, string>, checks = 2) =>
  podResources(checks, { limitRanges: [], quotas: [quota({ pods: "10" }), quota(hard)] });

const memory = { requests: { memory: "64Mi" }, limits: { memory: "256Mi" } };

describe("a namespace without rules for it", () => {
  it.each([
    ["none at all", podResources(2, { limitRanges: [], quotas: [] })],
    ["a quota that counts other things", ofQuota({ "requests.cpu": "1", "limits.memory": "2Gi" })],
    ["limits for volumes", ofRange({ type: "PersistentVolumeClaim", max: { storage: "1Gi" } })],
  ])("leaves a probe pod what its checks take: %s", (_, resources) => {
    expect(resources).toBeUndefined();
  });
});

describe("a limit for CPU", () => {
  it("grows with the checks, and is there where a quota insists", () => {
    expect(ofQuota({ "limits.cpu": "2" })?.limits).toEqual({ cpu: "550m", memory: "256Mi" });
    expect(ofQuota({ "limits.cpu": "2" }, 24)?.limits["cpu"]).toBe("1100m");
  });

  it.each([
    ["a default, which may be far too low", { default: { cpu: "10m" } }, "550m"],
    ["a maximum, which it keeps to", { max: { cpu: "200m" } }, "200m"],
    ["a ratio to the request", { maxLimitRequestRatio: { cpu: "4" } }, "550m"],
  ])("is there where a LimitRange would set one by %s", (_, limit, cpu) => {
    expect(ofRange(limit)?.limits["cpu"]).toBe(cpu);
  });

  it("is not there for a minimum", () => {
    expect(ofRange({ min: { cpu: "50m" } })).toEqual({
      requests: { ...memory.requests, cpu: "50m" },
      limits: memory.limits,
    });
  });
});

describe("within a LimitRange", () => {
  it.each([
    ["a maximum below the limit", { max: { memory: "128Mi" } }, ["64Mi", "128Mi"]],
    ["a maximum below the request", { max: { memory: "32Mi" } }, ["32Mi", "32Mi"]],
    ["a maximum that is no power of two", { max: { memory: "200M" } }, ["64Mi", "200000000"]],
    ["a minimum", { min: { memory: "512Mi" } }, ["512Mi", "512Mi"]],
    ["a ratio", { maxLimitRequestRatio: { memory: "2" } }, ["128Mi", "256Mi"]],
    ["bounds of a whole pod", { type: "Pod", max: { memory: "128Mi" } }, ["64Mi", "128Mi"]],
  ])("memory keeps to %s", (_, limit, [request, most]) => {
    expect(ofRange(limit)).toMatchObject({ requests: { memory: request }, limits: { memory: most } });
  });

  it("the narrowest of several bounds counts", () => {
    const limitRanges = ["1Gi", "128Mi", "256Mi"].map((most) => limitRange({ max: { memory: most } }));
    expect(podResources(2, { limitRanges, quotas: [] })?.limits["memory"]).toBe("128Mi");
  });

  it("what is asked for is never refused: between the bounds, and no limit below its request", () => {
    const bounds = tuple(integer({ min: 1, max: 4_000 }), integer({ min: 1, max: 4_000 }));
    assert(
      property(bounds, integer({ min: 1, max: 24 }), ([one, other], checks) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const { requests, limits } =
          ofRange({ min: { cpu: `${min}m` }, max: { cpu: `${max}m` } }, checks) ?? {};
        const asked = [requests?.["cpu"], limits?.["cpu"]].map((cpu = "") => Number.parseInt(cpu, 10));
        expect([min, ...asked, max]).toEqual([min, ...asked, max].toSorted((less, more) => less - more));
      }),
    );
  });
});

it("the plan says what a probe pod asks for", () => {
  const plan = (hard: Record<string, string>) => {
    const rules = { limitRanges: [], quotas: [quota(hard)] };
    const expectations = [expectation({ to: { ip: "203.0.113.10" }, icmp: {} })];
    const planned = planRun({
      test: connectivityTest({ spec: { expectations } }),
      run: { id: "abc", trigger: "Generation" },
      snapshot: snapshot({ pods: [pod("ui", { labels: { app: "ui" } })], namespaceLimits: rules }),
      witness: { enabled: false, allow: [] },
    });
    return "spec" in planned ? planned.spec.pods.map(({ resources }) => resources?.limits["cpu"]) : planned;
  };
  expect(plan({ "limits.cpu": "2" })).toEqual(["525m"]);
  expect(plan({ pods: "2" })).toEqual([undefined]);
});
