import { setTimeout as sleep } from "node:timers/promises";

import pLimit from "p-limit";
import { z } from "zod";
import { connectivityTestSchema, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { WITNESS_NAMESPACE } from "../../crds/group.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import {
  connectivityTestPath,
  connectivityTestsPath,
  podsPath,
  probeRunsPath,
} from "../../operator/runtime/resourcePaths.ts";
import { withOperator } from "../install/withOperator.ts";
import { isDecided } from "../kube/connectivityTests.ts";
import { deploy } from "../kube/deploy.ts";
import { reportAims } from "../process/aimTable.ts";
import { timedReport } from "../process/report.ts";
import { apiAt } from "./cluster/apiAt.ts";
import { median } from "./cpu/median.ts";
import { type LoadMeasured, loadRows, type SingleTest } from "./loadRows.ts";
import type { SceneBench } from "./measureScene.ts";
import { operatorCost } from "./cluster/operatorCost.ts";
import { watchUntil } from "./cluster/watchUntil.ts";
import { testOf, type Site, workloads } from "./cluster/workloads.ts";

/** The tests of one tenant that become due at the same time, and the namespace that they share the cluster with. */
const TESTS = 200;
const PEERS = { sources: 10, targets: 10, closed: 4 } as const;
const LIMIT_SECONDS = 1_800;
const IDLE_REPEATS = 3;
const report = timedReport();

interface LoadBench extends SceneBench {
  readonly neighbour: Site;
}

/**
 * Many tests of one namespace that are due at once, beside the single test of another namespace, in a real cluster of one node. Prints
 * a table; resolves to whether all aims are met.
 */
export async function loadBench(): Promise<boolean> {
  return withOperator({ report }, async ({ cluster, kubectl, image }) => {
    const suffix = Date.now().toString(36);
    const [site, neighbour] = [`bench-${suffix}`, `bench-neighbour-${suffix}`].map((namespace) => ({
      namespace,
      image,
    }));
    if (!site || !neighbour) throw new Error("there are two namespaces");
    report("deploying the sources and targets of both namespaces");
    await deploy(kubectl, workloads(site, PEERS), 300);
    await deploy(kubectl, workloads(neighbour, { sources: 1, targets: 5, closed: 4 }), 300);
    const bench: LoadBench = { cluster, api: apiAt(cluster.kubeconfig), kubectl, site, neighbour };
    const rows = loadRows(await measureLoad(bench));
    await kubectl(["delete", "namespace", site.namespace, neighbour.namespace, "--wait=false"]);
    return reportAims(rows);
  });
}

async function measureLoad(bench: LoadBench): Promise<LoadMeasured> {
  await singleTest(bench, "warm-up");
  const idle: SingleTest[] = [];
  for (let repeat = 0; repeat < IDLE_REPEATS; repeat++) idle.push(await singleTest(bench, `idle-${repeat}`));
  report(`the single test alone: ${median(idle.map(({ seconds }) => seconds)).toFixed(1)} s`);
  const before = await operatorCost(bench.kubectl);
  const ended = new AbortController();
  const [tenant, beside, atOnce] = await Promise.all([
    tenantTests(bench).finally(() => ended.abort()),
    singlesUntil(bench, ended.signal),
    mostPodsUntil(bench, ended.signal),
  ]);
  const after = await operatorCost(bench.kubectl);
  return {
    tests: TESTS,
    ...tenant,
    idle,
    beside,
    atOnce,
    restarts: after.restarts - before.restarts,
  };
}

const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });

/** A denial and an open path of one source. */
function expectationsOf(source: number, targets: number) {
  const [closed, open] = [source % PEERS.closed, PEERS.closed + (source % (targets - PEERS.closed))];
  return [
    {
      name: "denied",
      from: pods(`source-${source}`),
      to: pods(`target-${closed}`),
      tcp: { port: 8080 },
      expect: "Denied",
    },
    {
      name: "allowed",
      from: pods(`source-${source}`),
      to: pods(`target-${open}`),
      tcp: { port: 8080 },
      expect: "Allowed",
    },
  ];
}

/** Creates the tests of the tenant, and waits for all verdicts. */
async function tenantTests({ api, site: { namespace } }: LoadBench) {
  const path = connectivityTestsPath(namespace);
  const decided = new Map<string, ConnectivityTest>();
  const limit = pLimit(20);
  const created = Array.from({ length: TESTS }, (_, index) =>
    testOf(namespace, `due-${index}`, expectationsOf(index % PEERS.sources, PEERS.targets)),
  );
  const seconds = await watchUntil(api, {
    path,
    limit: LIMIT_SECONDS,
    begin: async () =>
      void (await Promise.all(created.map(async (test) => limit(async () => api.create(path, test))))),
    done: (object) => {
      const test = connectivityTestSchema.parse(object);
      if (isDecided(test) && !decided.has(test.metadata.name)) {
        decided.set(test.metadata.name, test);
        if (decided.size % 20 === 0) report(`${decided.size} of ${TESTS} tests have a verdict`);
      }
      return decided.size === TESTS;
    },
  });
  const statuses = [...decided.values()].flatMap(({ status }) => status.expectations ?? []);
  const count = (verdict: string) => statuses.filter((status) => status.verdict === verdict).length;
  return {
    seconds,
    expectations: statuses.length,
    inconclusive: count("Inconclusive"),
    failed: count("Failed"),
    repeated: [...decided.values()].filter(({ status }) => (status.run?.attempts ?? 1) > 1).length,
  };
}

/** The neighbour's test, from its creation to its verdict. */
async function singleTest({ api, neighbour: { namespace } }: LoadBench, name: string): Promise<SingleTest> {
  const path = connectivityTestsPath(namespace);
  let createdAt = 0;
  let queued = 0;
  const seconds = await watchUntil(api, {
    path,
    limit: LIMIT_SECONDS,
    async begin() {
      createdAt = Date.now();
      await api.create(path, testOf(namespace, name, expectationsOf(0, 5)));
    },
    done(object) {
      const test = connectivityTestSchema.parse(object);
      queued = test.status.run?.queuedSeconds ?? 0;
      return test.metadata.name === name && isDecided(test);
    },
  });
  const untilRounds = ((await lastRoundsStart(api, { namespace, name })) - createdAt) / 1_000;
  await api.delete(connectivityTestPath(namespace, name));
  return { seconds, queued, untilRounds };
}

/** When the last pod of a test's runs began its rounds, in milliseconds since 1970. */
async function lastRoundsStart(
  api: LoadBench["api"],
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<number> {
  const listed = [namespace, WITNESS_NAMESPACE].map(async (each) =>
    api.list(probeRunsPath(each), (raw) => probeRunSchema.parse(raw)),
  );
  const runs = (await Promise.all(listed)).flat().filter(({ spec }) => spec.test.name === name);
  const starts = runs.flatMap(({ status }) => status.pods.flatMap((pod) => pod.roundsStartedAt ?? []));
  return Math.max(...starts.map((time) => Date.parse(time)));
}

/** The neighbour's test again and again, each time when the one before has its verdict. */
async function singlesUntil(bench: LoadBench, ended: AbortSignal): Promise<SingleTest[]> {
  const beside: SingleTest[] = [];
  while (!ended.aborted) beside.push(await singleTest(bench, `beside-${beside.length}`));
  return beside;
}

const podListSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z.object({ phase: z.string().default("Pending") }).prefault({}),
});

/** The most probe and witness pods of the tenant that have not ended, by a count each second. */
async function mostPodsUntil({ api, site: { namespace } }: LoadBench, ended: AbortSignal): Promise<number> {
  let most = 0;
  while (!ended.aborted) {
    const listed = [namespace, WITNESS_NAMESPACE].map(async (each) =>
      api.list(podsPath(each), (raw) => podListSchema.parse(raw)),
    );
    const open = (await Promise.all(listed))
      .flat()
      .filter(
        ({ metadata, status }) => /^(?:probe|witness)-/.test(metadata.name) && isOpenPhase(status.phase),
      );
    most = Math.max(most, open.length);
    await sleep(1_000);
  }
  return most;
}

const isOpenPhase = (phase: string) => phase === "Pending" || phase === "Running";
