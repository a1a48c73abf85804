import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { timedReport } from "../../process/report.ts";
import { until } from "../../process/until.ts";
import { benchTable } from "../cpu/benchTable.ts";
import { requireCommit, withCommit } from "../cpu/commit.ts";
import { buildPrograms } from "../start/programs.ts";
import { startScaleServer, type ScaleServer } from "./apiServer.ts";
import { type OperatorProcess, startOperatorProcess } from "./operatorProcess.ts";
import {
  changePolicy,
  createPods,
  createScene,
  createTests,
  decidedTests,
  suspendTests,
} from "./scaleObjects.ts";
import { type ScaleMeasured, scaleRows } from "./scaleRows.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TESTS = 10_000;
/** Those of them that become due at once. */
const DUE = 2_000;
const PODS = 5_000;
const IDLE_SECONDS = 60;
const report = timedReport();

/**
 * The operator with 10,000 tests and with 5,000 pods in a namespace, on a real API server without nodes, and that of another
 * commit. Prints a table; resolves to whether all aims are met.
 */
export async function scaleBench(against: string | undefined): Promise<boolean> {
  if (against !== undefined) requireCommit(against);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const before = against === undefined ? undefined : await measureCommit(against);
  const now = await measureScale(ROOT);
  const rows = scaleRows(now, before);
  const lines = rows.map(({ cells, isMet }) => [...cells, isMet ? "yes" : "no"]);
  const head = ["what", "before", "now", "ratio", "aim", "met"];
  process.stdout.write(`${benchTable(head, lines, (column) => column > 0 && column < 4)}\n`);
  return rows.every(({ isMet }) => isMet);
}

const measureCommit = async (revision: string) =>
  withCommit(revision, [], async (root) => {
    await symlink(join(ROOT, "node_modules"), join(root, "node_modules"));
    report(`the build at ${revision}`);
    return measureScale(root);
  });

async function measureScale(root: string): Promise<ScaleMeasured> {
  const { operator: program } = await buildPrograms(root);
  const server = await startScaleServer();
  const start = async () => startOperatorProcess({ program, kubeconfig: server.kubeconfig });
  let operator: OperatorProcess | undefined;
  try {
    await createScene(server.api, root);
    await createTests(server.api, TESTS);
    report(`${TESTS} suspended tests are created`);
    operator = await start();
    const { synced } = operator;
    const measured = await measureTests(operator, server);
    await operator.stop();
    await createPods(server.api, PODS);
    report(`${PODS} pods are created`);
    operator = await start();
    const withPods = operator.synced;
    await operator.settled(300);
    const idleWithPods = await operator.during(async () => sleep(IDLE_SECONDS * 1_000));
    return { synced, ...measured, withPods, idleWithPods, idleSeconds: IDLE_SECONDS };
  } finally {
    await operator?.stop().catch(() => {});
    await server.stop();
  }
}

async function measureTests(operator: OperatorProcess, { api }: ScaleServer) {
  const first = await operator.during(async () => operator.settled(600));
  report(`synced in ${operator.synced.seconds.toFixed(1)} s, settled ${first.seconds.toFixed(0)} s later`);
  const idle = await operator.during(async () => sleep(IDLE_SECONDS * 1_000));
  report(`idle: ${idle.requests} requests in ${IDLE_SECONDS} s`);
  const due = await operator.during(async () => {
    await suspendTests(api, DUE, false);
    const all = async () => (await decidedTests(api)) === DUE || undefined;
    await until("all tests that are due have a verdict", all, { seconds: 1_200, everyMs: 5_000 });
  });
  report(
    `${DUE} tests have a verdict after ${due.seconds.toFixed(0)} s, ${due.cpuSeconds.toFixed(0)} s of CPU`,
  );
  await suspendTests(api, DUE, true);
  await operator.settled(600);
  const policy = await operator.during(async () => {
    await changePolicy(api);
    await operator.settled(600);
  });
  report(`a policy: ${policy.cpuSeconds.toFixed(1)} s of CPU`);
  return { first, idle, due, policy };
}
