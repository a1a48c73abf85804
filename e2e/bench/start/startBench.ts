import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timedReport } from "../../process/report.ts";
import { requireCommit, withCommit } from "../cpu/commit.ts";
import { buildPrograms, type ProgramName, type Programs } from "./programs.ts";
import { startCost, type StartCost } from "./startCost.ts";
import { startTable, type StartRow } from "./startTable.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** The last commit whose image has packages instead of bundles. */
const BEFORE = "5674438";
const NAMES: readonly ProgramName[] = ["runner", "operator"];

const report = timedReport();

/**
 * CPU time and memory of the start of both programs, beside the build of another commit with the same packages. The builds
 * take turns, so load on the machine affects both. Prints a table of medians.
 */
export async function startBench(against = BEFORE, repeats = 9): Promise<void> {
  requireCommit(against);
  await withCommit(against, [], async (root) => {
    await symlink(join(ROOT, "node_modules"), join(root, "node_modules"));
    report(`building ${against}`);
    const before = await buildPrograms(root);
    report("building this checkout");
    const now = await buildPrograms(ROOT);
    const rows: StartRow[] = [];
    for (const program of NAMES) {
      report(`starting each ${program} ${repeats} times`);
      rows.push(await measured(program, { before, now }, repeats));
    }
    process.stdout.write(`${startTable(rows, against)}\n`);
  });
}

interface Builds {
  readonly before: Programs;
  readonly now: Programs;
}

async function measured(program: ProgramName, builds: Builds, repeats: number): Promise<StartRow> {
  const before: StartCost[] = [];
  const now: StartCost[] = [];
  const folder = await mkdtemp(join(tmpdir(), "netverdict-start-"));
  try {
    for (let repeat = 0; repeat < repeats; repeat++) {
      before.push(await startCost[program]({ program: builds.before[program], folder }));
      now.push(await startCost[program]({ program: builds.now[program], folder }));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { program, before, now };
}
