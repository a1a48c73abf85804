import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { noteProgress, readInterruption } from "./interruption.ts";
import { prepare, type Step } from "./prepare.ts";

/** The caches of a machine of its own. */
let cache = "";
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "netverdict-prepare-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

const nothing = async (): Promise<void> => undefined;

function step(title: string, { isDone = false, run = nothing } = {}): Step {
  return { title, seconds: 120, isDone, run };
}

async function linesOf(steps: readonly Step[]): Promise<readonly string[]> {
  const lines: string[] = [];
  await prepare(steps, (line) => lines.push(line));
  return lines;
}

test("A log has one line for each step, with its number and the time left, and one at the end.", async () => {
  expect(await linesOf([step("building a"), step("building b")])).toEqual([
    "step 1 of 2, about 4 min left: building a",
    expect.stringMatching(/^step 2 of 2, about \d+ (s|min) left: building b$/),
    "everything is prepared (0 s)",
  ]);
});

test("A machine on which everything is done gets no message.", async () => {
  expect(await linesOf([step("building a", { isDone: true })])).toEqual([]);
});

test("Steps that an earlier run has done are counted, and not done again.", async () => {
  const again = vi.fn<() => Promise<void>>(nothing);
  const lines = await linesOf([step("building a", { isDone: true, run: again }), step("building b")]);
  expect(again).not.toHaveBeenCalled();
  expect(lines[0]).toBe("step 2 of 2, about 2 min left: building b");
});

test("A step that fails ends the preparation, and leaves a note of where it was.", async () => {
  const failing = step("building b", { run: async () => Promise.reject(new Error("no space left")) });
  const never = vi.fn<() => Promise<void>>(nothing);
  await expect(linesOf([step("building a"), failing, step("building c", { run: never })])).rejects.toThrow(
    "no space left",
  );
  expect(never).not.toHaveBeenCalled();
  // This process is alive, so its own note is not an interruption.
  expect(await readInterruption()).toBeUndefined();
});

/** A process id that no process has: Linux gives none above 2^22. */
const GONE = 2 ** 22 + 1;

test("After an interruption the first line says what is done and what continues.", async () => {
  vi.spyOn(process, "pid", "get").mockReturnValue(GONE);
  await noteProgress({ title: "building b", fraction: 0.5 });
  vi.restoreAllMocks();
  expect(await linesOf([step("building a", { isDone: true }), step("building b")])).toEqual([
    'an earlier start was interrupted: 1 of 2 steps are done, "building b" continues where it was',
    "step 2 of 2, about 1 min left: building b",
    "everything is prepared (0 s)",
  ]);
  expect(await readInterruption()).toBeUndefined();
});
