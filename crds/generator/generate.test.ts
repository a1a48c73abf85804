import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { customResourceDefinitions } from "./crd.ts";
import { generatedFiles, staleFiles } from "./generate.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("generatedFiles", () => {
  it("writes YAML that says what the definitions say", () => {
    const [test] = customResourceDefinitions();
    const text = generatedFiles().get("manifests/crds/connectivitytests.yaml") ?? "";
    expect(parse(text)).toEqual(JSON.parse(JSON.stringify(test)));
  });

  it("describes every field in the reference, those of lists too", () => {
    const text = generatedFiles().get("docs/spec/connectivitytest-fields.md");
    expect(text).toContain(
      "| **spec.expectations[].name** | string |  | Unique in the test; the status repeats it. |",
    );
    expect(text).toContain("| **status.expectations[].paths[].proof.target** |");
    expect(text).toContain("| spec.suspend | boolean | `false` |");
  });
});

describe("staleFiles", () => {
  let copy = "";
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "netverdict-generated-"));
    for (const folder of ["manifests/crds", "manifests/chart", "docs"]) {
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    }
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it("finds none in the repository", () => {
    expect(staleFiles(ROOT)).toEqual([]);
  });

  it("names a file that was edited by hand, and one that is missing", () => {
    writeFileSync(join(copy, "manifests/crds/proberuns.yaml"), "edited");
    rmSync(join(copy, "docs/spec/proberun-fields.md"));
    expect(staleFiles(copy)).toEqual(["manifests/crds/proberuns.yaml", "docs/spec/proberun-fields.md"]);
  });
});
