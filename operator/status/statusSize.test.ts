import { describe, expect, it } from "vitest";
import { connectivityTestStatusSchema, type PathStatus } from "../../crds/connectivitytest.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { endedRun, verdictOn } from "../testing/statuses.ts";
import { nextStatus } from "./status.ts";
import { limitPaths } from "./statusSize.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength;
const sizes = (verdicts: ReturnType<typeof limitPaths>) => verdicts.map(({ paths }) => paths.length);

function path(verdict: Verdict, length = 3): PathStatus {
  return {
    from: "f".repeat(length),
    to: "t".repeat(length),
    address: "a".repeat(length),
    verdict,
    reason: verdict === "Passed" ? "AsExpected" : "TargetNotProven",
    actual: "Denied",
    outcome: "Unreachable",
    samples: ".".repeat(60),
    settledAfter: "1m30s",
    latency: "12.5ms",
    node: "n".repeat(253),
    command: "c".repeat(512),
    proof: { target: "Readiness", source: "NodeContact", link: "SameNode" },
  };
}

const many = (count: number, verdict: Verdict, length?: number) =>
  Array.from({ length: count }, () => path(verdict, length));

describe("the paths in a status", () => {
  it("are all there where there is room", () => {
    const verdicts = [verdictOn("a", { verdict: "Failed", paths: [path("Failed"), path("Passed")] })];
    expect(limitPaths(verdicts)).toEqual(verdicts);
  });

  it("are at most 8 of an expectation, the first ones", () => {
    const paths = [...many(3, "Failed"), ...many(9, "Passed")];
    expect(limitPaths([verdictOn("a", { verdict: "Failed", paths })])[0]?.paths).toEqual(paths.slice(0, 8));
  });

  it("give way where there is no room: those that passed first", () => {
    const passing = Array.from({ length: 60 }, (_, index) =>
      verdictOn(`p${index}`, { verdict: "Passed", paths: many(4, "Passed", 320) }),
    );
    const failing = verdictOn("f", { verdict: "Failed", paths: many(8, "Failed", 320) });
    const shown = sizes(limitPaths([...passing, failing]));
    expect(shown.at(-1)).toBe(8);
    expect(Math.min(...shown)).toBeLessThan(4);
  });

  it("give way evenly: every expectation keeps its worst before any keeps a second", () => {
    const failing = Array.from({ length: 100 }, (_, index) =>
      verdictOn(`f${index}`, { verdict: "Failed", paths: many(2, "Failed", 320) }),
    );
    const shown = sizes(limitPaths(failing));
    expect(Math.max(...shown) - Math.min(...shown)).toBeLessThanOrEqual(1);
  });
});

describe("the status of the largest legal test", () => {
  const messages = [
    ["of letters", "m"],
    ["of quotes, which JSON writes twice", '"'],
  ] as const;

  it.for(messages)("is legal, below 256 KiB, and says the most that fits, with messages %s", ([, letter]) => {
    const verdicts = Array.from({ length: 128 }, (_, index) =>
      verdictOn(String(index).padStart(63, "e"), {
        verdict: "Failed",
        message: letter.repeat(512),
        pathCount: 2,
        paths: many(2, "Failed", 320),
      }),
    );
    const foreign = Array.from({ length: 12 }, (_, index) => ({
      type: `Foreign${index}`,
      status: "True" as const,
      reason: "r".repeat(64),
      message: "m".repeat(1024),
      lastTransitionTime: later(0).toISOString(),
    }));
    // The largest tokens, with the largest results.
    const full = Array.from({ length: 16 }, (_, index) => ({
      token: String(index).padStart(256, "ü"),
      verdict: "Inconclusive" as const,
      reason: "SourceNotReproducible" as const,
      message: letter.repeat(512),
      run: "r".repeat(32),
      generation: 1_000_000,
      finishedAt: later(0).toISOString(),
    }));
    const pendingRequests = full.map(({ token }) => `p${token.slice(1)}`);
    const ended = { ...endedRun([], { requests: full.map(({ token }) => token) }), verdicts };
    const history = Array.from({ length: 10 }, (_, index) => ({
      id: String(index).padStart(32, "i"),
      verdict: "Inconclusive" as const,
      finishedAt: later(0).toISOString(),
      text: "128/128",
    }));
    const status = nextStatus({
      test: connectivityTest({
        spec: { schedule: { every: "1m" } },
        status: { conditions: foreign, history, handledRequests: full, pendingRequests },
      }),
      ended,
      now: later(60_000),
    });
    expect(connectivityTestStatusSchema.safeParse(status).error).toBeUndefined();
    expect(bytes(status)).toBeLessThan(256 * 1024);
    expect(bytes(status)).toBeGreaterThan(200 * 1024);
  });
});
