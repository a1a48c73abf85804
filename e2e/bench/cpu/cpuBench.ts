import { withBuildBefore, type BuildBefore } from "./buildBefore.ts";
import { hasCommit, requireCommit } from "./commit.ts";
import { measureController } from "./controller.ts";
import { measurePlanning } from "./planning.ts";
import { cpuTable, isMet, type Row } from "./rows.ts";

/** The build whose hot paths were those that house rules and aims speak of. */
const BEFORE = "1367ab1";

/**
 * What the operator's own work costs at the sizes that it is made for, in CPU of its one thread, beside the build of another
 * commit on the same input. Prints a table; resolves to whether every aim is met that could be measured. A commit that was
 * asked for and is not there is an error.
 */
export async function cpuBench(against: string | undefined): Promise<boolean> {
  const revision = against ?? BEFORE;
  if (against !== undefined) requireCommit(against);
  const rows = hasCommit(revision)
    ? await withBuildBefore(revision, measureAll)
    : await measureAll(undefined);
  if (rows.some((row) => isMet(row) === undefined)) {
    process.stdout.write(
      `no build before: this repository has no commit ${revision}, so no ratio is measured\n`,
    );
  }
  process.stdout.write(`${cpuTable(rows)}\n`);
  return rows.every((row) => isMet(row) !== false);
}

const measureAll = async (before: BuildBefore | undefined): Promise<Row[]> => [
  ...(await measureController(before)),
  ...(await measurePlanning(before)),
];
