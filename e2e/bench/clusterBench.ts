import { timedReport } from "../process/report.ts";
import { deploy } from "../kube/deploy.ts";
import { withOperator } from "../install/withOperator.ts";
import { apiAt } from "./cluster/apiAt.ts";
import { measure, type Bench, type Measured, type Size } from "./measure.ts";
import { table } from "./table.ts";
import { workloads } from "./cluster/workloads.ts";

const SIZES: readonly Size[] = [
  { sources: 1, targets: 1 },
  { sources: 2, targets: 10 },
  { sources: 10, targets: 10 },
];
const REPEATS = 3;

const report = timedReport();

/** From the creation of a test to its verdict in a real cluster, beside a floor measured in the same run. Prints a table. */
export async function clusterBench(): Promise<void> {
  await withOperator({ report }, async ({ cluster, kubectl, image }) => {
    const site = { namespace: `bench-${Date.now().toString(36)}`, image };
    report("deploying 10 sources and 10 targets");
    await deploy(kubectl, workloads(site, { sources: 10, targets: 10 }), 300);
    const rows = await measureAll({ api: apiAt(cluster.kubeconfig), kubectl, site });
    await kubectl(["delete", "namespace", site.namespace, "--wait=false"]);
    process.stdout.write(`${table(rows)}\n`);
  });
}

async function measureAll(bench: Bench): Promise<Measured[][]> {
  await measure(bench, "warm-up", { sources: 1, targets: 1 });
  const rows: Measured[][] = [];
  for (const [index, size] of SIZES.entries()) {
    const row: Measured[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      row.push(await measure(bench, `bench-${index}-${repeat}`, size));
      report(
        `${size.sources * size.targets} expectations: verdict after ${row.at(-1)?.verdict.toFixed(1)} s`,
      );
    }
    rows.push(row);
  }
  return rows;
}
