import { clusterUp } from "../cluster/cluster.ts";
import { installOperator } from "../install/installOperator.ts";
import { buildOperatorImage } from "../install/operatorImage.ts";
import { kubectlOf } from "../kube/kubectl.ts";
import type { Report } from "../process/report.ts";
import { cell } from "../runner/page.ts";
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
  const cluster = await clusterUp({ report, nodes: 2, engine: "calico", interrupted });
  try {
    const { reference: image } = await buildOperatorImage(report);
    await cluster.load(image);
    const kubectl = kubectlOf(cluster.kubectl, { kubeconfig: cluster.kubeconfig });
    await installOperator({ kubectl, image });
    const result = await soak({ cluster, image, report, interrupted }, options);
    const rows = soakRows(result);
    const lines = rows.map(({ title, measured, aim, isMet }) => [title, measured, aim, isMet ? "yes" : "no"]);
    const table = [["what", "measured", "aim", "met"], ["---", "---", "---", "---"], ...lines];
    for (const text of [...result.judged, ...result.last].filter(({ opinion }) => opinion === "wrong"))
      process.stdout.write(`wrong: ${text.text}\n`);
    for (const text of result.unanswered) process.stdout.write(`not answered: ${text}\n`);
    process.stdout.write(
      `${faultCounts(result.faults).join("\n")}\npolicy changes: ${result.policyChanges}\n\n`,
    );
    process.stdout.write(`${table.map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")}\n`);
    return rows.every(({ isMet }) => isMet);
  } finally {
    if (!cluster.foundRunning) await cluster.stop();
  }
}
