import { timedReport } from "../process/report.ts";
import { takeInterrupts } from "../process/interrupt.ts";
import { checks, e2e } from "./checks.ts";
import { machineCheck, withCluster } from "./withCluster.ts";
import { sum, type TestCounts, testCountsLine } from "./testCounts.ts";

// Everything that must hold, in order, up to the first that does not. The last line is the tally.
const report = timedReport();
// Ctrl-C reaches the running check as well, which then fails: what is left to do is to stop the cluster.
const { signal: interrupted } = takeInterrupts();
const isOff = process.env["NETVERDICT_E2E"] === "off";

const counted: TestCounts[] = [];
const otherwise = "to leave the e2e tests out: NETVERDICT_E2E=off npm test";
const around = { report, otherwise, interrupted, engine: "calico" } as const;
const all = [machineCheck([around.engine], around), ...checks, withCluster(e2e, around)];
for (const check of isOff ? checks : all) {
  report(`${check.title} …`);
  const counts = await check.run();
  counted.push(counts);
  report(`${check.title}: ${testCountsLine(counts)}`);
  if (counts.failed > 0) break;
}
if (isOff) report("the e2e tests did not run: NETVERDICT_E2E=off");

const total = sum(counted);
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(testCountsLine(total));
