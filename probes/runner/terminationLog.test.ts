import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTerminationLog } from "./terminationLog.ts";

describe("the termination message", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "netverdict-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is what was written last, and never holds a rest of what was longer", () => {
    const path = join(folder, "log");
    const write = openTerminationLog(path);
    write('{"long":"message"}');
    expect(readFileSync(path, "utf8")).toBe('{"long":"message"}');
    write('{"short":1}');
    expect(readFileSync(path, "utf8")).toBe('{"short":1}       ');
  });

  it("fails loudly where there is nowhere to write", () => {
    expect(() => openTerminationLog(join(folder, "no", "such", "folder"))).toThrow("ENOENT");
  });
});
