import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseManifest } from "./manifest.ts";

const valuesOf = (text: string) => parseManifest(text).documents.map(({ value }) => value);

describe("parseManifest", () => {
  it("reads several documents, and leaves out empty ones", () => {
    expect(valuesOf("---\na: 1\n---\n# nothing\n---\n{b: [2]}\n---\n")).toEqual([{ a: 1 }, { b: [2] }]);
    expect(parseManifest("")).toEqual({ documents: [], problems: [] });
  });

  it("reads JSON", () => {
    expect(valuesOf('{"a": {"b": null}}')).toEqual([{ a: { b: null } }]);
  });

  it("reads scalars as kubectl does: on is a boolean; a date and a time of day are texts", () => {
    expect(valuesOf("a: on\nb: 2026-11-30\nc: 12:30\n")).toEqual([{ a: true, b: "2026-11-30", c: "12:30" }]);
  });

  it("merges maps by anchors", () => {
    expect(valuesOf("one: &one {a: 1}\nboth:\n  <<: *one\n  b: 2\n")).toEqual([
      { one: { a: 1 }, both: { a: 1, b: 2 } },
    ]);
  });

  it.each([
    { text: "a: 1\nb: [\n", line: 3, says: "it is not valid YAML (" },
    { text: "a: 1\na: 2\n", line: 2, says: "Map keys must be unique" },
    { text: "a: *nothing\n", line: 1, says: "Unresolved alias" },
  ])("reports where $text is no YAML", ({ text, line, says }) => {
    const [problem] = parseManifest(text).problems;
    expect(problem?.line).toBe(line);
    expect(problem?.sentence).toContain(says);
  });

  it("rejects aliases that multiply", () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const content = level === 0 ? "x" : Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ");
      return `a${level}: &a${level} [${content}]`;
    });
    expect(parseManifest(levels.join("\n")).problems[0]?.sentence).toContain("resource exhaustion");
  });

  it("knows the position of each field and item, and of the nearest one around what is not there", () => {
    const [document] = parseManifest("a:\n  - b: 1\n  - b: 2\n    c: {d: 3}\n").documents;
    const at = (...path: PropertyKey[]) => {
      const { line, column } = document?.positionOf(path) ?? {};
      return [line, column];
    };
    expect([at(), at("a"), at("a", 1), at("a", 1, "c", "d")]).toEqual([
      [1, 1],
      [1, 1],
      [3, 5],
      [4, 9],
    ]);
    expect([at("a", 1, "e"), at("a", 7), at("z")]).toEqual([
      [3, 5],
      [1, 1],
      [1, 1],
    ]);
  });

  it("throws for no text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { documents, problems } = parseManifest(text);
        for (const { positionOf } of documents) positionOf(["spec", 0]);
        expect(problems.every(({ line, column }) => line >= 1 && column >= 1)).toBe(true);
      }),
    );
  });
});
