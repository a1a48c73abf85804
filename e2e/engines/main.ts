import { readFile, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";

import type { Engine } from "../cluster/cni/engine.ts";
import { engines } from "../cluster/cni/registry.ts";
import { base, type EngineName } from "../cluster/build/groups.ts";
import { engineLacks } from "../cluster/preflight/preflight.ts";
import { messageOf } from "../process/failure.ts";
import { timedReport } from "../process/report.ts";
import { takeInterrupts } from "../process/interrupt.ts";
import { sum, type TestCounts, testCountsLine } from "../runner/testCounts.ts";
import { ROOT, vitest } from "../runner/vitestRun.ts";
import { machineCheck, withCluster } from "../runner/withCluster.ts";
import { soakOnCluster } from "../soak/soakOnCluster.ts";
import { type Choice, chosen } from "./options.ts";
import { type EngineRun, withResults } from "./page.ts";
import { resultsOf } from "./results.ts";
import { marked } from "./scenarios.ts";

// The marked scenarios on one engine after the other; their results are written into docs/engines.md, green or not. Then
// five minutes of the soak test.
const PAGE = join(ROOT, "docs/engines.md");
const PROJECTS = ["e2e", "node", "cilium"];
/** As long as it takes until each fault has been caused about once. */
const SOAK_MINUTES = 5;
const report = timedReport();
const { signal: interrupted } = takeInterrupts();

type Run = Pick<EngineRun, "chosen" | "results" | "lacks">;
/** Of the engines on which something ran that was not interrupted, and of those that this machine cannot run. */
const runs = new Map<EngineName, Run>();

try {
  const args = process.argv.slice(2);
  process.exitCode = (await runAll(chosen(args), args.length === 0)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/**
 * Returns true if every chosen scenario ran and passed, on each engine that this machine can run or that was named. The soak test is
 * part of a run without any choice.
 */
async function runAll(wanted: readonly Choice[], isWhole: boolean): Promise<boolean> {
  const choices: Choice[] = [];
  for (const choice of wanted) if (choice.isNamed || (await canRun(choice.engine))) choices.push(choice);
  // What a machine lacks for the second engine is known before the first has run for some minutes.
  const machine = machineCheck(
    choices.map(({ engine }) => engine.name),
    { report },
  );
  report(`${machine.title} …`);
  const counted: TestCounts[] = [await machine.run()];
  if (sum(counted).failed === 0) {
    counted.push(...(await scenariosOnEach(choices)));
    if (isWhole && !interrupted.aborted) counted.push(await soakTest());
  }
  const total = sum(counted);
  console.log(testCountsLine(total));
  return total.failed === 0 && choices.length > 0 && runs.size === wanted.length;
}

/** Reports an engine that is left out because this machine lacks what it alone needs. */
async function canRun(engine: Engine): Promise<boolean> {
  const { name, programs } = engine;
  const lacks = await engineLacks(engine);
  if (lacks.length === 0) return true;
  report(`${name} ${programs.version}: not run: needs ${lacks.join(", ")}`);
  runs.set(name, { chosen: [], results: new Map(), lacks });
  return false;
}

async function scenariosOnEach(choices: readonly Choice[]): Promise<readonly TestCounts[]> {
  const counted: TestCounts[] = [];
  for (const choice of choices) {
    if (interrupted.aborted) break;
    counted.push(await scenariosOn(choice));
  }
  await writePage();
  return counted;
}

async function scenariosOn(choice: Choice): Promise<TestCounts> {
  const { name, programs } = choice.engine;
  report(`${name} ${programs.version} …`);
  for (const { file, only } of marked)
    if (only !== undefined && only.engine !== name) report(`not on ${name}: ${file}: ${only.why}`);
  const scenarios = {
    title: `the marked scenarios on ${name}`,
    run: async () => runOn(choice),
  };
  const counts = await withCluster(scenarios, { report, interrupted, engine: name }).run();
  report(`${name}: ${testCountsLine(counts)}`);
  return counts;
}

async function runOn({ engine, files }: Choice): Promise<TestCounts> {
  const { counts, report: reported } = await vitest({ projects: PROJECTS, files });
  const results: EngineRun["results"] = reported === undefined ? new Map() : resultsOf(reported, ROOT);
  // If not one file ran, the cluster or vitest failed, and the page keeps what it has.
  if (!interrupted.aborted && results.size > 0) runs.set(engine.name, { chosen: files, results, lacks: [] });
  return counts;
}

async function soakTest(): Promise<TestCounts> {
  const seed = Date.now() % 1_000_000;
  const isGood = await soakOnCluster({ minutes: SOAK_MINUTES, seed }, { report, interrupted });
  return isGood ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function writePage(): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const platform = `Kubernetes ${base.version}, Linux ${release()}`;
  const leftOut: Run = { chosen: [], results: new Map(), lacks: [] };
  const columns = engines.map(({ name, programs: { version } }) => {
    return { engine: name, version, ...(runs.get(name) ?? leftOut) };
  });
  const page = await readFile(PAGE, "utf8");
  await writeFile(PAGE, withResults(page, { date, platform, scenarios: marked, runs: columns }));
}
