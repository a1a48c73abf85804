import { withOperator } from "../install/withOperator.ts";
import { reportAims } from "../process/aimTable.ts";
import type { Report } from "../process/report.ts";
import type { SoakOptions } from "./options.ts";
import { soakRows } from "./rows.ts";
import { faultCounts, soak } from "./soak.ts";

interface Surroundings {
  readonly report: Report;
  readonly interrupted: AbortSignal;
}

/**
 * Runs the soak test in a Calico cluster of two nodes, and prints its table. A cluster that was started for it is stopped after it. Resolves to whether
 * all aims are met.
 */
export async function soakOnCluster(
  options: SoakOptions,
  { report, interrupted }: Surroundings,
): Promise<boolean> {
  report(`seed ${options.seed}, ${options.minutes} minutes`);
  const wanted = { report, nodes: 2, engine: "calico", interrupted } as const;
  return withOperator(wanted, async (place) => {
    const result = await soak({ ...place, report, interrupted }, options);
    for (const { text } of [...result.judged, ...result.last].filter(({ opinion }) => opinion === "wrong"))
      process.stdout.write(`wrong: ${text}\n`);
    for (const text of result.unanswered) process.stdout.write(`not answered: ${text}\n`);
    const counts = [...faultCounts(result.faults), `policy changes: ${result.policyChanges}`];
    process.stdout.write(`${counts.join("\n")}\n\n`);
    return reportAims(soakRows(result));
  });
}
