import { timedReport } from "../cluster/report.ts";
import { checks, clusterChecks } from "./checks.ts";
import { sum, type Tally, tallyLine } from "./tally.ts";

// Everything that must hold, in order, up to the first that does not. The last line is the tally.
const report = timedReport();
const withCluster = process.env["NETVERDICT_E2E"] !== "off";
// Ctrl-C reaches the running check as well, which cleans up and fails: nothing to do here but to wait for it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);

const tallies: Tally[] = [];
for (const check of withCluster ? [...checks, ...clusterChecks] : checks) {
  report(`${check.title} …`);
  const tally = await check.run();
  tallies.push(tally);
  report(`${check.title}: ${tallyLine(tally)}`);
  if (tally.failed > 0) break;
}
if (!withCluster) report("the e2e tests did not run: NETVERDICT_E2E=off");

const total = sum(tallies);
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(tallyLine(total));
