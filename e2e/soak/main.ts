// npm run soak: verdicts under faults. options.ts has its options, faults.ts its faults.
import { clusterUp } from "../cluster/cluster.ts";
import { installOperator } from "../install/installOperator.ts";
import { buildOperatorImage } from "../install/operatorImage.ts";
import { kubectlOf } from "../kube/kubectl.ts";
import { messageOf } from "../process/failure.ts";
import { takeInterrupts } from "../process/interrupt.ts";
import { timedReport } from "../process/report.ts";
import { cell } from "../runner/page.ts";
import { optionsFrom, type SoakOptions, USAGE } from "./options.ts";
import { soakRows } from "./rows.ts";
import { faultCounts, soak } from "./soak.ts";

const report = timedReport();
const { signal: interrupted } = takeInterrupts();

try {
  const options = optionsFrom(process.argv.slice(2), Date.now());
  if (options === "help") process.stdout.write(`${USAGE}\n`);
  else if (!(await soaked(options))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Prints the table. Resolves to whether all aims are met. */
async function soaked(options: SoakOptions): Promise<boolean> {
  report(`seed ${options.seed}, ${options.minutes} minutes`);
  const cluster = await clusterUp({ report, nodes: 2, interrupted });
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
