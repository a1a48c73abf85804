import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { recordDurations, recordedDurations } from "./durations.ts";
import type { FileTime } from "./fileTimes.ts";

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "netverdict-durations-"));
  file = join(folder, "durations.json");
});
afterEach(async () => rm(folder, { recursive: true }));

const time = (path: string, seconds: number): FileTime => ({ path, seconds, tests: [] });

it("records what was measured where a file is new, in whole seconds and by path", async () => {
  await writeFile(file, '{"b": 7}');
  expect(recordDurations([time("b", 8.6), time("a", 3.2)], file)).toBe(true);
  expect(await readFile(file, "utf8")).toBe('{\n  "a": 3,\n  "b": 9\n}\n');
  expect(recordedDurations(file)).toEqual({ a: 3, b: 9 });
});

it("leaves the record alone where the order that follows from it is still good", async () => {
  const record = '{"a": 3, "b": 7}';
  await writeFile(file, record);
  expect(recordDurations([time("b", 21), time("a", 9)], file)).toBe(false);
  expect(await readFile(file, "utf8")).toBe(record);
});

it.each([
  ["text", '{"a": "long"}', /a/],
  ["a negative duration", '{"a": -1}', /a/],
  ["a list", "[]", /record/],
])("refuses a record with %s", async (_, record, problem) => {
  await writeFile(file, record);
  expect(() => recordedDurations(file)).toThrow(problem);
});

it("has a record in this checkout", () => {
  expect(Object.keys(recordedDurations())).toContain("e2e/scenarios/second-look.test.ts");
});
