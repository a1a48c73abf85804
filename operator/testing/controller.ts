import { vi } from "vitest";
import { nodeRoomOf } from "../cluster/nodeAdmission.ts";
import { networkPoliciesAlone } from "../cluster/policies/discovery.ts";
import { type CachesOptions, createCaches } from "../controller/caches.ts";
import { createPodGates } from "../controller/podGates.ts";
import type { Published } from "../controller/publish.ts";
import { createReconciler } from "../controller/reconcile.ts";
import { createRunQueue } from "../controller/runQueue.ts";
import type { AdmissionLimits } from "../planning/admission.ts";
import { createClockWatch } from "../runs/clockWatch.ts";
import type { PodSettings } from "../runs/runClient.ts";
import { createWorkQueue } from "../runtime/workQueue.ts";
import { AMPLE } from "./ampleQueue.ts";
import type { MemoryApi } from "./memoryApi.ts";
import { silentLog } from "./silentLog.ts";

export const SETTINGS: PodSettings = {
  image: "netverdict:1",
  imagePullPolicy: "IfNotPresent",
  startTimeout: 60_000,
};

/**
 * The controller of ConnectivityTests as the operator puts it together, against an API server in memory: caches, queue and
 * reconciler. Needs fake timers; `settle` lets everything happen that does not wait for time to pass.
 */
export function startController(
  memory: MemoryApi,
  {
    argoRollouts = async () => [],
    limits = AMPLE,
    readinessGate = false,
  }: Pick<CachesOptions, "argoRollouts"> & {
    readonly limits?: AdmissionLimits;
    readonly readinessGate?: boolean;
  } = {},
) {
  const log = silentLog();
  const keys: string[] = [];
  const errors: unknown[] = [];
  const published: Published[] = [];
  const repeated: string[] = [];
  const queuedSeconds: number[] = [];
  const caches = createCaches({
    api: memory.api,
    log,
    argoRollouts,
    onKey(key) {
      keys.push(key);
      queue.add(key);
    },
    ...(readinessGate && { onGatedPod: (key) => gateQueue.add(key) }),
  });
  const { tests, runs, pods, grants, dependencyState, requestLog, gatedPods, testsIn } = caches;
  const podGates = createPodGates({ api: memory.api, pods: gatedPods, testsIn, log, now: () => new Date() });
  const runQueue = createRunQueue({
    limits,
    readRoom: (node) => nodeRoomOf(memory.api, node),
    onTurn: (key) => queue.add(key),
  });
  const reconcile = createReconciler({
    api: memory.api,
    clocks: createClockWatch({ observer: "operator", now: Date.now }),
    tests,
    runs,
    pods,
    grants,
    dependencyState,
    requestLog,
    podGates,
    policyKinds: networkPoliciesAlone,
    queue: runQueue,
    settings: SETTINGS,
    witness: { enabled: true, allow: [] },
    operatorNamespace: "netverdict-system",
    operatorPod: "operator-a",
    log,
    onPublished: (status) => void published.push(status),
    onStarted: (seconds) => void queuedSeconds.push(seconds),
    onRepeated: (reason) => void repeated.push(reason),
    now: () => new Date(),
  });
  const queue = createWorkQueue({
    reconcile,
    concurrency: 8,
    backoff: { base: 500, cap: 120_000 },
    onError: (_, error) => void errors.push(error),
    random: () => 0,
  });
  const gateQueue = createWorkQueue({
    reconcile: podGates.reconcile,
    concurrency: 8,
    backoff: { base: 500, cap: 120_000 },
    onError: (_, error) => void errors.push(error),
    random: () => 0,
  });
  caches.start();
  return {
    caches,
    log,
    /** Every key that the caches named, in order. */
    keys,
    /** What reconciles threw. */
    errors,
    published,
    /** The reasons of the attempts that were repeated. */
    repeated,
    runQueue,
    /** How long each started run was queued, in seconds. */
    queuedSeconds,
    /** Lets so many milliseconds pass. */
    pass: (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds),
    async settle() {
      for (let quiet = 0; quiet < 3; quiet += 1) await vi.advanceTimersByTimeAsync(0);
    },
    async stop() {
      caches.stop();
      memory.endWatches();
      await Promise.all([queue.stop(), gateQueue.stop()]);
    },
  };
}
