// Checks that a cluster leaves nothing behind: compares the machine before `up` with the machine after `down`, once for a
// cluster that ran and once for one whose start was broken off. Run: node bootstrap.mjs e2e/cluster/checkDown.ts [ENGINE]
import { clusterDown, clusterUp } from "./cluster.ts";
import { leftovers } from "./dismantle.ts";
import { engineNamed } from "./cni/registry.ts";
import { Failure, messageOf } from "../process/failure.ts";
import { machineState } from "./machineState.ts";
import { timedReport } from "../process/report.ts";

const NAME = "nvcheck";
const report = timedReport();
const { name: engine } = engineNamed(process.argv[2] ?? "calico");

await clusterDown(NAME);
const before = await machineState();
report(`before: ${before.length} facts about this machine`);

await clusterUp({ name: NAME, engine, report });
const during = changes(before, await machineState());
report(`while it runs: ${during.length} differ`);
if (during.length < 20) throw new Failure(`that is too few to prove anything: ${during.join("; ")}`);
await clusterDown(NAME);
compare("after down", await machineState());

await clusterUp({ name: NAME, engine, report, interrupted: AbortSignal.timeout(6000) }).catch(
  (error: unknown) => {
    report(`broken off as intended: ${messageOf(error)}`);
  },
);
report(`left by the broken start: ${(await leftovers(NAME)).join(", ")}`);
await clusterDown(NAME);
compare("after down of the broken start", await machineState());

function compare(when: string, after: readonly string[]): void {
  const left = changes(before, after);
  for (const line of left) report(`DIFFERENT ${line}`);
  report(`${when}: ${left.length} differ`);
  if (left.length > 0) process.exitCode = 1;
}

function changes(a: readonly string[], b: readonly string[]): readonly string[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...a.filter((line) => !inB.has(line)), ...b.filter((line) => !inA.has(line))];
}
