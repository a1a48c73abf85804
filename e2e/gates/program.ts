import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BUILD_FLAGS, findGo, goEnvironment } from "../cluster/build/go.ts";
import { run } from "../process/command.ts";
import { Failure } from "../process/failure.ts";

/** Gives objects to a program, one per line, and returns the line that it writes for each, in their order. */
export type AskProgram = (
  objects: readonly object[],
  options?: { readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv },
) => Promise<readonly string[]>;

/** Builds the Go program in a folder beside this file, and lets `use` ask it. */
export async function withProgram<Result>(
  folder: string,
  use: (ask: AskProgram) => Promise<Result>,
): Promise<Result> {
  const place = await mkdtemp(join(tmpdir(), "netverdict-gate-"));
  try {
    const program = join(place, folder);
    // The programs of Argo Rollouts and Flagger compile for minutes the first time.
    const options = { cwd: join(import.meta.dirname, folder), env: goEnvironment(), seconds: 3_600 };
    await run(await findGo(), ["build", ...BUILD_FLAGS, "-ldflags=-s -w", "-o", program, "."], options);
    return await use(async (objects, { args = [], env = process.env } = {}) => {
      const input = objects.map((object) => `${JSON.stringify(object)}\n`).join("");
      const lines = (await run(program, args, { input, env })).trim().split("\n");
      if (lines.length === objects.length) return lines;
      throw new Failure(`${folder}: ${lines.length} lines for ${objects.length} objects`);
    });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
