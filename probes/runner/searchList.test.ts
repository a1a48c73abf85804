import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { recordedSearchesSchema, SEARCHES } from "../tools/testdata/searches.ts";
import { unanswered, type Attempt } from "../tools/tool.ts";
import { lookUpBySearchList } from "./searchList.ts";

const FILE = join(import.meta.dirname, "../tools/testdata/searches.json");
const recorded = recordedSearchesSchema.parse(JSON.parse(readFileSync(FILE, "utf8")));

const ANSWERS: Readonly<Record<string, Attempt>> = {
  target: { outcome: "Resolved", matchesRequest: true, latencyMs: 1 },
  nodata: { ...unanswered("NameNotFound", "No answer"), latencyMs: 1 },
  servfail: { ...unanswered("ResolverFailed", "SERVFAIL"), latencyMs: 1 },
  refused: { ...unanswered("ResolverFailed", "REFUSED"), latencyMs: 1 },
  silent: unanswered("NoReply", "timed out"),
};
const NXDOMAIN: Attempt = { ...unanswered("NameNotFound", "NXDOMAIN"), latencyMs: 1 };

/** As servers.ts answers. */
function answerTo(name: string): Attempt {
  const labels = name.split(".").slice(0, -1);
  return ANSWERS[(labels.at(-1) === "search" ? labels.at(-2) : labels[0]) ?? ""] ?? NXDOMAIN;
}

async function lookUp(name: string, search: readonly string[], ndots = 5) {
  const asked: string[] = [];
  const attempt = await lookUpBySearchList(name, { search, ndots }, async (absolute) => {
    asked.push(absolute);
    return answerTo(absolute);
  });
  return { attempt, asked };
}

describe("a lookup by a search list", () => {
  test.for(recorded)("asks as getaddrinfo does: $name of $search, ndots:$ndots", async (glibc) => {
    const { attempt, asked } = await lookUp(glibc.name, glibc.search, glibc.ndots);
    expect({ asked, found: attempt.outcome === "Resolved" }).toEqual({
      asked: glibc.asked,
      found: glibc.found,
    });
  });

  it("is recorded for every list", () => {
    expect(recorded.map(({ name, ndots, search }) => ({ name, ndots, search }))).toEqual(SEARCHES);
  });

  it.each([
    ["web", ["target.search"], 5, { domain: "target.search" }],
    ["web", ["nxdomain.search", "target.search"], 5, { domain: "target.search" }],
    ["target", ["nxdomain.search"], 5, { domain: "." }],
    [
      "web",
      ["servfail.search", "target.search"],
      5,
      { domain: "target.search", muslEnds: "SERVFAIL in servfail.search" },
    ],
    [
      "web",
      ["nodata.search", "target.search"],
      5,
      { domain: "target.search", muslEnds: "No answer in nodata.search" },
    ],
    ["target", ["refused.search"], 5, { domain: ".", muslEnds: "REFUSED in refused.search" }],
    ["web.a", ["target.search"], 1, { domain: "target.search", muslEnds: "NXDOMAIN in ." }],
  ])(
    "of %s in %j with ndots:%d says where it was, and where musl ends",
    async (...[name, search, ndots, where]) => {
      const { attempt, asked } = await lookUp(name, search, ndots);
      expect(attempt).toEqual({
        outcome: "Resolved",
        matchesRequest: true,
        latencyMs: asked.length,
        answeredIn: where,
      });
    },
  );

  it.each([
    ["web", ["nxdomain.search"], 5, "NXDOMAIN"],
    ["web", ["nodata.search", "servfail.search"], 5, "No answer"],
    ["web", ["nxdomain.search", "servfail.search"], 5, "SERVFAIL"],
    ["refused", ["nxdomain.search"], 5, "REFUSED"],
    ["web.a", ["servfail.search"], 1, "NXDOMAIN"],
  ])("of %s in %j with ndots:%d fails as getaddrinfo does: %s", async (...[name, search, ndots, hint]) => {
    expect((await lookUp(name, search, ndots)).attempt).toMatchObject({ matchesRequest: false, hint });
  });

  it("ends where no server answers", async () => {
    const { attempt, asked } = await lookUp("web", ["silent.search", "target.search"]);
    expect(attempt.outcome).toBe("NoReply");
    expect(asked).toEqual(["web.silent.search."]);
  });

  it("says nothing of a name with a trailing dot, which has no search list", async () => {
    expect((await lookUp("target.", ["refused.search"])).attempt.answeredIn).toBeUndefined();
  });
});
