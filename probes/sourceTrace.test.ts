import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sourceTrace } from "./sourceTrace.ts";

/** The first column of the bundle's first line is that of the third line of the source. */
const MAP = JSON.stringify({ version: 3, sources: ["operator/main.ts"], names: [], mappings: "AAEA" });

let folder = "";
const urlOf = (bundle: string) => pathToFileURL(join(folder, bundle)).href;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "netverdict-trace-"));
  writeFileSync(join(folder, "mapped.mjs.map"), MAP);
  writeFileSync(join(folder, "broken.mjs.map"), MAP.slice(0, -1));
  writeFileSync(join(folder, "other.mjs.map"), "{}");
});
afterAll(() => rmSync(folder, { recursive: true }));

function errorAt(position: string, options?: ErrorOptions): Error {
  const error = new Error("a fault", options);
  error.stack = `Error: a fault\n    at fail (${position})`;
  return error;
}

describe("the trace of an error", () => {
  it("has the file and the line of the source instead of a position in a bundle", () => {
    expect(sourceTrace(errorAt(`${urlOf("mapped.mjs")}:1:1`))).toContain("at fail (operator/main.ts:3:1)");
  });

  it("has those of its cause as well", () => {
    const cause = errorAt(`${urlOf("mapped.mjs")}:1:1`);
    expect(sourceTrace(errorAt("node:net:1:1", { cause }))).toMatch(
      /at fail \(node:net:1:1\)[^]*cause[^]*at fail \(operator\/main\.ts:3:1\)/,
    );
  });

  it.each([
    { bundle: "absent.mjs", reason: "has no map" },
    { bundle: "broken.mjs", reason: "has a map that ends too early" },
    { bundle: "other.mjs", reason: "has a map without positions" },
  ])("keeps a position in a bundle that $reason", ({ bundle }) => {
    const position = `${urlOf(bundle)}:1:1`;
    expect(sourceTrace(errorAt(position))).toContain(`at fail (${position})`);
  });

  it("has the thrown value if that is no error", () => {
    expect(sourceTrace("a text")).toBe("'a text'");
  });
});
