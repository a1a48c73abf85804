import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { includedBy, keyOfContext, parseIgnore, readContext } from "./buildContext.ts";

describe("a .dockerignore", () => {
  test.for([
    { name: "leaves in what no pattern names", ignore: "dist", path: "src/main.ts", included: true },
    { name: "leaves out what lies below a folder", ignore: "dist", path: "dist/a/b.js", included: false },
    { name: "takes back what ! names", ignore: "*\n!src", path: "src/main.ts", included: true },
    {
      name: "lets the last pattern decide",
      ignore: "*\n!src\n**/*.test.ts",
      path: "src/a.test.ts",
      included: false,
    },
    { name: "does not care for a trailing slash", ignore: "dist/", path: "dist/a.js", included: false },
    { name: "does not read comments as patterns", ignore: "# src", path: "src/main.ts", included: true },
  ])("$name", ({ ignore, path, included }) => {
    expect(includedBy(parseIgnore(ignore))(path)).toBe(included);
  });
});

describe("a build context", () => {
  let folder = "";
  const dockerfile = (): string => join(folder, "Dockerfile");
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "netverdict-context-"));
    await mkdir(join(folder, "node_modules/x"), { recursive: true });
    await writeFile(join(folder, "node_modules/x/index.js"), "");
    await writeFile(join(folder, "a.ts"), "1");
  });
  afterEach(async () => rm(folder, { recursive: true }));

  test("never contains node_modules", async () => {
    expect((await readContext(folder, dockerfile())).files).toEqual(["a.ts"]);
  });

  test("has another key when a file changes", async () => {
    const before = await keyOfContext(await readContext(folder, dockerfile()));
    await writeFile(join(folder, "a.ts"), "2");
    expect(await keyOfContext(await readContext(folder, dockerfile()))).not.toBe(before);
  });

  test("keeps its key when an ignored file changes", async () => {
    await writeFile(join(folder, ".dockerignore"), "*\n!a.ts\n");
    const before = await keyOfContext(await readContext(folder, dockerfile()));
    await writeFile(join(folder, "b.md"), "new");
    expect(await keyOfContext(await readContext(folder, dockerfile()))).toBe(before);
  });
});
