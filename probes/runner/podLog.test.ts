import { describe, expect, it } from "vitest";
import { check } from "../testing/checks.ts";
import { attemptLine, summaryLine } from "./podLog.ts";

describe("the pod's log", () => {
  it.each([
    [
      { letter: "A", httpStatus: 200, latencyMs: 1.26 },
      "round 2 path 4 http 192.0.2.2:80 Answered status 200 in 1.3ms\n",
    ],
    [
      { letter: "a", httpStatus: 200, latencyMs: 2_000, unfinished: { received: 600, promised: 100_000 } },
      "round 2 path 4 http 192.0.2.2:80 Answered status 200 in 2s 600 of 100000 bytes\n",
    ],
    [
      { letter: "N", latencyMs: 3, answeredIn: { domain: "first.test" } },
      "round 2 path 4 http 192.0.2.2:80 Resolved in 3ms in first.test\n",
    ],
    [
      { letter: "A", httpStatus: 200, latencyMs: 2_000, unfinished: { received: 600 } },
      "round 2 path 4 http 192.0.2.2:80 Answered status 200 in 2s unfinished after 600 bytes\n",
    ],
    [
      { letter: "R", hint: "Connection refused" },
      "round 2 path 4 http 192.0.2.2:80 Refused (Connection refused)\n",
    ],
    [
      { letter: "x", hint: "ENOTFOUND" },
      "round 2 path 4 http 192.0.2.2:80 resolving: NameNotFound (ENOTFOUND)\n",
    ],
  ] as const)("has a line for every attempt", (tried, line) => {
    expect(attemptLine(check(4), 1, tried)).toBe(line);
  });

  it("names the host and what it resolved to", () => {
    const byName = check(4, { address: undefined, host: "api.example" });
    expect(attemptLine(byName, 0, { letter: "C", address: "192.0.2.9", latencyMs: 250 })).toBe(
      "round 1 path 4 http api.example:80 at 192.0.2.9 Connected in 250ms\n",
    );
  });

  it("has a line for every check at the end", () => {
    expect(summaryLine(check(4), { path: 4, samples: "..AAA", latencyMs: 3, hint: "timed out" })).toBe(
      "path 4 http 192.0.2.2:80 ..AAA in 3ms (timed out)\n",
    );
  });
});
