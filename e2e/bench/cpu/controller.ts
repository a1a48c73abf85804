import { z } from "zod";
import type { ConnectivityTest } from "../../../crds/connectivitytest.ts";
import { networkPoliciesAlone } from "../../../operator/cluster/policies/discovery.ts";
import { createCaches } from "../../../operator/controller/caches.ts";
import { createReconciler } from "../../../operator/controller/reconcile.ts";
import { createRunQueue } from "../../../operator/controller/runQueue.ts";
import { createClockWatch } from "../../../operator/runs/clockWatch.ts";
import { runsOfTest } from "../../../operator/runs/testRuns.ts";
import type { Indexed } from "../../../operator/runtime/indexes.ts";
import {
  connectivityTestsPath,
  connectivityTestStatusPath,
  networkPoliciesPath,
  probeGrantsPath,
  probeRunsPath,
} from "../../../operator/runtime/resourcePaths.ts";
import { createMetrics } from "../../../operator/server/metrics.ts";
import type { BuildBefore } from "./buildBefore.ts";
import { clusterOf, silent } from "./cluster.ts";
import { keyOfTest, namespaceOf, NOW, rawRun, rawTest, rawWitness, SIZES, withStatus } from "./objects.ts";
import type { Row } from "./rows.ts";
import { longestTurn, timeOf, timePerItem } from "./threadTime.ts";

const writtenSchema = z.object({ status: z.unknown() });

/** What the controller does with 10,000 tests, of which nothing is due, and 20,000 ProbeRuns. */
export async function measureController(before: BuildBefore | undefined): Promise<Row[]> {
  const numbers = Array.from({ length: SIZES.tests }, (_, number) => number);
  const cluster = clusterOf(
    new Map<string, readonly unknown[]>([
      [connectivityTestsPath(), numbers.map(rawTest)],
      [probeRunsPath(), numbers.flatMap((number) => [rawRun(number), rawWitness(number)])],
    ]),
  );
  const keys: string[] = [];
  const caches = createCaches({ api: cluster.api, log: silent, onKey: (key) => keys.push(key) });
  const filling = await longestTurn(async () => {
    caches.start();
    await caches.synced;
  }, 1);
  const size = "10,000 tests, 20,000 ProbeRuns";
  const long = { aim: { ms: 50 }, size } as const;

  const { tests, runs, pods, grants, dependencyState, requestLog } = caches;
  const reconcile = createReconciler({
    api: cluster.api,
    clocks: createClockWatch({ observer: "bench", now: () => NOW.getTime() }),
    tests,
    runs,
    pods,
    grants,
    dependencyState,
    requestLog,
    podGates: { requestsOf: () => ({ tokens: [] }) },
    policyKinds: networkPoliciesAlone,
    queue: createRunQueue({
      limits: { pods: 200, podsPerNamespace: 40 },
      readRoom: async () => undefined,
      onTurn: () => {},
    }),
    onStarted: () => {},
    operatorNamespace: "netverdict-system",
    operatorPod: "operator-a",
    log: silent,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    witness: { enabled: true, allow: [] },
    onPublished: () => {},
    onRepeated: () => {},
    now: () => NOW,
  });
  // Spread over all, since one that was looked at just now is cheaper to look at again.
  const some = numbers.filter((number) => number % 20 === 0);
  for (const number of some) {
    await reconcile(keyOfTest(number));
    const path = connectivityTestStatusPath(namespaceOf(number), `test-${number}`);
    const body = cluster.takeWritten().get(path);
    const { status } = writtenSchema.parse(body ?? { status: rawTest(number).status });
    cluster.event(connectivityTestsPath(), { type: "MODIFIED", object: withStatus(number, status) });
  }
  const idle = await timePerItem(some, (number) => reconcile(keyOfTest(number)));
  const written = cluster.takeWritten();
  if (written.size > 0) throw new Error(`a test that was to be idle wrote ${[...written.keys()][0]}`);

  const chosen = some.flatMap((number) => tests.get(keyOfTest(number)) ?? []);
  const lookUp = timeOf(() => chosen.forEach((test) => runsOfTest(test, caches))) / chosen.length;
  const all = { runs: listed(runs), pods: listed(pods) };
  const few = chosen.slice(0, 5);
  const lookUpBefore = before && timeOf(() => few.forEach((test) => before.see(test, all))) / few.length;
  if (before) agree(few, (test) => [before.see(test, all), runsOfTest(test, caches)]);

  const change = (path: string, metadata: object, more: object = {}) =>
    timeOf(() => {
      const resourceVersion = String(Math.random());
      const object = { metadata: { ...metadata, resourceVersion }, ...more };
      cluster.event(path, { type: "ADDED", object });
    });
  const namespace = namespaceOf(7);
  keys.length = 0;
  const policy = change(networkPoliciesPath(), { name: "deny", namespace, uid: "deny" });
  const spec = { to: [{ namespace }], sources: { podSelector: {} } };
  const grant = change(probeGrantsPath(), { name: "front", namespace, uid: "front" }, { spec });
  const woken = new Set(keys).size;
  if (woken !== SIZES.tests / SIZES.namespaces) throw new Error(`the events woke ${woken} tests`);

  const metrics = createMetrics({ version: "0.0.0", nodeVersion: process.versions.node });
  metrics.observe({
    isLeading: () => true,
    tests: () => tests.values(),
    pods: () => pods.values(),
    queueDepth: () => 0,
    queuedRuns: () => 0,
    runsInProgress: () => 0,
    podsInProgress: () => 0,
  });
  const scrape = await longestTurn(() => metrics.expose());
  caches.stop();
  return [
    {
      work: "the ProbeRuns of a test, by role",
      size,
      before: lookUpBefore,
      now: lookUp,
      aim: { ratio: 0.02 },
    },
    { work: "reconcile of an idle test", size, now: idle, aim: { ms: 0.2 } },
    { work: "longest turn: the caches fill", now: filling, ...long },
    { work: "longest turn: a NetworkPolicy changes", now: policy, ...long },
    { work: "longest turn: a ProbeGrant changes", now: grant, ...long },
    { work: "longest turn: a scrape of /metrics", now: scrape, ...long },
  ];
}

/** All objects of a cache, with its indexes: a build before reads the one or the other. */
const listed = <T, Name extends string>(cache: Indexed<T, Name> & { values(): Iterable<T> }) =>
  Object.assign([...cache.values()], {
    byIndex: (name: Name, value: string) => cache.byIndex(name, value),
  });

const uidOf = z.object({ metadata: z.object({ uid: z.string() }) });
const foundSchema = z.object({ ended: uidOf, witness: z.object({ ended: uidOf }), obsolete: z.array(uidOf) });

/** Both builds must find the same, or the times say nothing. */
function agree(
  tests: readonly ConnectivityTest[],
  find: (test: ConnectivityTest) => readonly [unknown, unknown],
) {
  for (const test of tests) {
    const [one, other] = find(test).map((found) => JSON.stringify(foundSchema.parse(found)));
    if (one !== other) throw new Error(`the builds do not find the same: ${one} and ${other}`);
  }
}
