import { readFile, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";

import type { Engine } from "../cluster/cni/engine.ts";
import { engines } from "../cluster/cni/registry.ts";
import { base, type EngineName } from "../cluster/build/groups.ts";
import { timedReport } from "../process/report.ts";
import { takeInterrupts } from "../process/interrupt.ts";
import { sum, type TestCounts, testCountsLine } from "../runner/testCounts.ts";
import { ROOT, vitest } from "../runner/vitestRun.ts";
import { machineCheck, withCluster } from "../runner/withCluster.ts";
import { type EngineRun, withResults } from "./page.ts";
import { type Result, resultsOf } from "./results.ts";
import { marked, runningOn } from "./scenarios.ts";

// The marked scenarios on one engine after the other; their table is written into docs/engines.md, green or not.
const PAGE = join(ROOT, "docs/engines.md");
const PROJECTS = ["e2e", "node", "cilium"];
const report = timedReport();
const { signal: interrupted } = takeInterrupts();

const results = new Map<EngineName, EngineRun["results"]>();
// What a machine lacks for the second engine is known before the first has run for some minutes.
const machine = machineCheck(
  engines.map(({ name }) => name),
  { report },
);
report(`${machine.title} …`);
const counted: TestCounts[] = [await machine.run()];
if (sum(counted).failed === 0) {
  for (const engine of engines) {
    if (interrupted.aborted) break;
    counted.push(await scenariosOn(engine));
  }
  await writePage();
}

const total = sum(counted);
process.exitCode = total.failed === 0 && results.size === engines.length ? 0 : 1;
console.log(testCountsLine(total));

async function scenariosOn({ name, programs }: Engine): Promise<TestCounts> {
  report(`${name} ${programs.version} …`);
  for (const { file, only } of marked)
    if (only !== undefined && only.engine !== name) report(`not on ${name}: ${file}: ${only.why}`);
  const scenarios = {
    title: `the marked scenarios on ${name}`,
    run: async () => runOn(name),
  };
  const counts = await withCluster(scenarios, { report, interrupted, engine: name }).run();
  report(`${name}: ${testCountsLine(counts)}`);
  return counts;
}

async function runOn(engine: EngineName): Promise<TestCounts> {
  const files = runningOn(engine).map(({ file }) => file);
  const { counts, report: reported } = await vitest({ projects: PROJECTS, files });
  if (reported !== undefined) results.set(engine, resultsOf(reported, ROOT));
  return counts;
}

async function writePage(): Promise<void> {
  const today = new Date().toISOString().slice(0, 10);
  const circumstances = `${today}, Kubernetes ${base.version}, Linux ${release()}`;
  const runs = engines.map(({ name, programs: { version } }) => {
    return { engine: name, version, results: results.get(name) ?? new Map<string, Result>() };
  });
  const page = await readFile(PAGE, "utf8");
  await writeFile(PAGE, withResults(page, { circumstances, scenarios: marked, runs }));
}
