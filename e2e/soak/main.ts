// npm run soak: verdicts under faults. options.ts has its options, faults.ts its faults.
import { messageOf } from "../process/failure.ts";
import { takeInterrupts } from "../process/interrupt.ts";
import { timedReport } from "../process/report.ts";
import { optionsFrom, USAGE } from "./options.ts";
import { soakOnCluster } from "./soakOnCluster.ts";

const report = timedReport();
const { signal: interrupted } = takeInterrupts();

try {
  const options = optionsFrom(process.argv.slice(2), Date.now());
  if (options === "help") process.stdout.write(`${USAGE}\n`);
  else if (!(await soakOnCluster(options, { report, interrupted }))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
