import { randomUUID } from "node:crypto";
import type { KubeConfig } from "@kubernetes/client-node";
import { keyOf } from "../crds/metadata.ts";
import { nodeRoomOf } from "./cluster/nodeAdmission.ts";
import { createDiscovery } from "./cluster/policies/discovery.ts";
import { POLICY_KINDS } from "./cluster/policies/kinds.ts";
import { ARGO_ROLLOUT } from "./cluster/rollout.ts";
import { type Config, OPERATOR_VERSION } from "./config.ts";
import { createCaches } from "./controller/caches.ts";
import { createPodGates } from "./controller/podGates.ts";
import { type Published, runSeconds } from "./controller/publish.ts";
import { createReconciler } from "./controller/reconcile.ts";
import { createRunQueue } from "./controller/runQueue.ts";
import { createClockWatch } from "./runs/clockWatch.ts";
import { keyOfRun, keyOfTest } from "./runs/ownerKeys.ts";
import { createApi } from "./runtime/api.ts";
import { realClock, type Clock } from "./runtime/clock.ts";
import { createLeaderElection } from "./runtime/leaderElection.ts";
import { errorFields, type Log, loggedReconcile } from "./runtime/log.ts";
import { observeCaches, observeRejections } from "./runtime/observedApi.ts";
import { createServerClock } from "./runtime/serverClock.ts";
import { createWorkQueue } from "./runtime/workQueue.ts";
import { createMetrics, type Metrics } from "./server/metrics.ts";
import { type ServerPorts, startServers } from "./server/startServers.ts";

const LEASE_NAME = "netverdict";
const RECONCILE_BACKOFF = { base: 500, cap: 120_000 };
/** Every request to the API server has a timeout of seconds, so a reconcile that takes this long never ends. */
const STUCK_MS = 300_000;
/** The maximum time of each step of stopping in milliseconds, even if the API server does not answer. */
const RECONCILES_MS = 15_000;
const RELEASE_MS = 5_000;
const CLOSING_MS = 3_000;
/** The maximum time of stopping in milliseconds: less than the `terminationGracePeriodSeconds` of manifests/deployment.yaml. */
export const STOPPING_MS = RECONCILES_MS + RELEASE_MS + CLOSING_MS;

export interface OperatorOptions {
  readonly config: Config;
  readonly log: Log;
  readonly kubeConfig: KubeConfig;
  /** Called when the lease is lost: the process must exit at once. */
  readonly onLost: () => void;
  /** For the lease and for stopping; left out: the real one. */
  readonly clock?: Clock;
}

export interface Operator {
  readonly ports: ServerPorts;
  /**
   * Starts no further reconcile, waits for the running ones, releases the lease, and closes the server and all connections. Takes
   * `STOPPING_MS` at most. If a reconcile does not end, the lease is not released but expires: the next leader must not
   * start beside it.
   */
  stop(): Promise<void>;
}

/**
 * Creates all parts and starts them. Every replica fills its caches, so that a standby can take over at once; only
 * the leader accepts keys. Rejects if the port is in use.
 */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const { config, log, kubeConfig, onLost, clock = realClock } = options;
  log.info("the operator starts", startFields(config));
  const metrics = createMetrics({ version: OPERATOR_VERSION, nodeVersion: process.versions.node });
  const serverClock = createServerClock({ log });
  const connect = () =>
    createApi({ kubeConfig, observe: (request) => metrics.apiRequest(request), onAnswer: serverClock.learn });
  const connected = connect();
  const api = { ...connected, create: observeRejections(connected, metrics.rejected) };
  // Separate connections: a burst of lists must not delay the renewal of the lease.
  const leaseApi = connect();
  // Neither must a flood of requests to the gate endpoint delay reconciles.
  const serverApi = connect();
  let leading = false;
  const policyKinds = createDiscovery(api, POLICY_KINDS);
  const caches = createCaches({
    api: { ...api, ...observeCaches(api, { onList: metrics.cacheListed, onError: metrics.cacheFailed }) },
    log,
    policyKinds,
    argoRollouts: createDiscovery(api, [ARGO_ROLLOUT]),
    now: serverClock.now,
    onKey: (key) => leading && queue.add(key),
    ...(config.readinessGate && { onGatedPod: (key) => leading && gateQueue.add(key) }),
  });
  const { tests, grants, runs, pods, dependencyState, requestLog, gatedPods, testsIn } = caches;
  const podGates = createPodGates({ api, pods: gatedPods, testsIn, log, now: serverClock.now });
  const runQueue = createRunQueue({
    limits: config.limits,
    readRoom: (node) => nodeRoomOf(api, node),
    onTurn: (key) => queue.add(key),
  });
  const reconcile = createReconciler({
    api,
    tests,
    runs,
    pods,
    grants,
    dependencyState,
    requestLog,
    podGates,
    policyKinds,
    queue: runQueue,
    operatorNamespace: config.podNamespace,
    operatorPod: config.podName,
    log,
    settings: podSettings(config),
    witness: { enabled: config.witness, allow: config.witnessAllow },
    // Not the wall clock, which an administrator may set while a pod runs.
    clocks: createClockWatch({
      observer: randomUUID(),
      now: () => performance.timeOrigin + performance.now(),
    }),
    onPublished: (published) => countRun(metrics, published),
    onStarted: (queuedSeconds) => metrics.runStarted(queuedSeconds),
    onRepeated: (reason) => metrics.runRepeated(reason),
    now: serverClock.now,
  });
  const queue = createWorkQueue({
    reconcile: (key) => loggedReconcile(key, () => reconcile(key)),
    concurrency: config.concurrency,
    backoff: RECONCILE_BACKOFF,
    onReconciled: metrics.reconciled,
    onError(key, error) {
      metrics.reconcileFailed();
      log.error("a reconcile failed and will be retried", { test: key, ...errorFields(error) });
    },
  });
  const gateQueue = createWorkQueue({
    reconcile: podGates.reconcile,
    concurrency: config.concurrency,
    backoff: RECONCILE_BACKOFF,
    onError(key, error) {
      metrics.reconcileFailed();
      log.error("the readiness gate of a pod failed and will be retried", {
        pod: key,
        ...errorFields(error),
      });
    },
  });
  metrics.observe({
    isLeading: () => leading,
    tests: () => tests.values(),
    pods: () => pods.values(),
    queueDepth: () => queue.depth,
    queuedRuns: () => runQueue.length,
    runsInProgress: () => runQueue.inProgress,
    podsInProgress: () => runQueue.pods,
  });

  function lead() {
    leading = true;
    for (const test of tests.values()) queue.add(keyOfTest(test));
    // Witness and child runs may be left of a test that was deleted while there was no leader.
    for (const key of [...runs.values()].map(keyOfRun)) if (key !== undefined) queue.add(key);
    for (const { metadata } of gatedPods.values()) gateQueue.add(keyOf(metadata));
  }

  const ready = () => (caches.hasSynced ? undefined : "the caches are not filled yet");
  const election = config.leaderElection
    ? createLeaderElection({ ...leaseOf(config), api: leaseApi, log, clock, onLeading: lead, onLost })
    : { start: lead, release: async () => {}, isLed: true };
  const servers = await startServers({
    settings: config,
    api: serverApi,
    alive: () =>
      Math.max(queue.longestRun, gateQueue.longestRun) > STUCK_MS ? "a reconcile does not end" : undefined,
    ready,
    metrics,
    tests,
    unready: () => ready() ?? (election.isLed ? undefined : "no replica holds the lease. Try again later"),
    now: serverClock.now,
    clock,
    log,
  });
  caches.start();
  void caches.synced.then(() => election.start());

  return {
    ports: servers.ports,
    async stop() {
      leading = false;
      const isIdle = await endsWithin(Promise.all([queue.stop(), gateQueue.stop()]), {
        clock,
        milliseconds: RECONCILES_MS,
      });
      if (isIdle) await endsWithin(election.release(), { clock, milliseconds: RELEASE_MS });
      caches.stop();
      const closed = Promise.all([servers.close(), api.close(), leaseApi.close(), serverApi.close()]);
      await endsWithin(closed, { clock, milliseconds: CLOSING_MS });
    },
  };
}

interface Bound {
  readonly clock: Clock;
  readonly milliseconds: number;
}

/** Whether the work ends in time. */
async function endsWithin(work: Promise<unknown>, { clock, milliseconds }: Bound): Promise<boolean> {
  const over = new AbortController();
  const timeout = clock.sleep(milliseconds, over.signal).then(() => false);
  const ended = await Promise.race([work.then(() => true), timeout.catch(() => false)]);
  over.abort();
  return ended;
}

/** What the first line of the log has: the versions, and the settings that decide what the operator does. */
function startFields({ podName, podNamespace, gate, limits, ...config }: Config) {
  return {
    version: OPERATOR_VERSION,
    nodeVersion: process.versions.node,
    pod: podName,
    namespace: podNamespace,
    probeImage: config.probeImage,
    probeStartTimeoutSeconds: config.probeStartTimeout / 1_000,
    witness: config.witness,
    witnessAllow: config.witnessAllow,
    maxPods: limits.pods,
    maxPodsPerNamespace: limits.podsPerNamespace,
    concurrency: config.concurrency,
    leaderElection: config.leaderElection,
    authenticateMetrics: config.authenticateMetrics,
    gate: gate.mode,
    readinessGate: config.readinessGate,
    logLevel: config.logLevel,
  };
}

/** A unique identity for each process: two with the same identity would both believe that they hold the lease. */
function leaseOf({ podName, podNamespace }: Config) {
  return { namespace: podNamespace, name: LEASE_NAME, identity: `${podName}_${randomUUID()}` };
}

function podSettings({ probeImage, probeImagePullPolicy, probeStartTimeout }: Config) {
  return { image: probeImage, imagePullPolicy: probeImagePullPolicy, startTimeout: probeStartTimeout };
}

function countRun(metrics: Metrics, { status: { run, verdict }, ended }: Published) {
  if (!ended || run === undefined || verdict === undefined || verdict === "Pending") return;
  metrics.runEnded({ trigger: run.trigger, verdict, seconds: runSeconds(run) });
}
