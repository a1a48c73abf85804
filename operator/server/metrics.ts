import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Verdict } from "../../crds/vocabulary.ts";
import { type CacheError, REJECTION_REASONS, type RejectionReason } from "../runtime/observedApi.ts";
import type { RequestObservation } from "../runtime/restClient.ts";
import type { ReconcileTimes } from "../runtime/workQueue.ts";
import { type ObservedTest, testSeries } from "./testSeries.ts";

export interface RunObservation {
  readonly trigger: string;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** The versions of a process. */
export interface BuildInfo {
  readonly version: string;
  readonly nodeVersion: string;
}

const ROLES = ["probe", "witness"] as const;
const PHASES = ["Pending", "Running", "Succeeded", "Failed", "Unknown"] as const;

/** A probe pod or a witness. */
export interface ObservedPod {
  readonly metadata: { readonly name: string };
  readonly phase: string;
}

/**
 * Values that are read at each scrape instead of being counted. So they are never stale, and disappear with their
 * objects. Of a replica that does not lead, no tests and pods are shown: the leader shows the same ones.
 */
export interface Observed {
  readonly isLeading: () => boolean;
  readonly tests: () => Iterable<ObservedTest>;
  readonly pods: () => Iterable<ObservedPod>;
  readonly queueDepth: () => number;
  readonly queuedRuns: () => number;
  readonly runsInProgress: () => number;
  readonly podsInProgress: () => number;
}

export interface Metrics {
  readonly observe: (observed: Observed) => void;
  /** A run, or an attempt of it, has started after so many seconds in the queue. */
  readonly runStarted: (queuedSeconds: number) => void;
  readonly runEnded: (run: RunObservation) => void;
  /** An attempt after the first has started, because the one before was Inconclusive for this reason. */
  readonly runRepeated: (reason: string) => void;
  readonly reconciled: (times: ReconcileTimes) => void;
  readonly reconcileFailed: () => void;
  readonly apiRequest: (request: RequestObservation) => void;
  /** The API server has rejected a new object. */
  readonly rejected: (resource: string, reason: RejectionReason) => void;
  /** A cache has begun to list its collection. */
  readonly cacheListed: (resource: string) => void;
  /** A list or a watch of a cache has failed, and is tried again. */
  readonly cacheFailed: (error: CacheError) => void;
  /** The text exposition format, and its content type. */
  expose(): Promise<{ readonly text: string; readonly contentType: string }>;
}

const IDLE: Observed = {
  isLeading: () => false,
  tests: () => [],
  pods: () => [],
  queueDepth: () => 0,
  queuedRuns: () => 0,
  runsInProgress: () => 0,
  podsInProgress: () => 0,
};

/**
 * The operator's Prometheus metrics, in a registry of their own. All labels have a fixed set of values, except the
 * names of tests. docs/metrics.md has each of them.
 */
export function createMetrics(build: BuildInfo): Metrics {
  const registry = new Registry();
  let observed = IDLE;
  collectDefaultMetrics({ register: registry });
  registerGauges(registry, () => observed);
  new Gauge({
    name: "netverdict_build_info",
    help: "Always 1; the versions of this replica are labels",
    labelNames: ["version", "node_version"],
    registers: [registry],
  }).set({ version: build.version, node_version: build.nodeVersion }, 1);
  const runs = createRunMetrics(registry);
  const reconciles = createReconcileMetrics(registry);
  const api = createApiMetrics(registry);
  // A counter that begins at one has no increase.
  for (const resource of ["pods", "proberuns"])
    for (const reason of REJECTION_REASONS) api.rejections.inc({ resource, reason }, 0);

  return {
    observe: (next) => void (observed = next),
    runStarted: (queuedSeconds) => runs.queueWait.observe(queuedSeconds),
    runEnded({ trigger, verdict, seconds }) {
      runs.ended.inc({ trigger, verdict });
      runs.duration.observe(seconds);
    },
    runRepeated: (reason) => runs.repeats.inc({ reason }),
    reconciled({ queuedSeconds, seconds }) {
      reconciles.queueWait.observe(queuedSeconds);
      reconciles.duration.observe(seconds);
    },
    reconcileFailed: () => reconciles.errors.inc(),
    apiRequest({ verb, resource, code, seconds }) {
      api.requests.inc({ verb, resource, code: String(code) });
      api.duration.observe({ verb }, seconds);
    },
    rejected: (resource, reason) => api.rejections.inc({ resource, reason }),
    cacheListed: (resource) => api.cacheLists.inc({ resource }),
    cacheFailed: ({ resource, verb, code }) => api.cacheErrors.inc({ resource, verb, code: String(code) }),
    expose: async () => ({
      text: `${await registry.metrics()}\n${await testSeries(observed.isLeading() ? observed.tests() : [])}`,
      contentType: registry.contentType,
    }),
  };
}

function registerGauges(registry: Registry, observed: () => Observed): void {
  const gauge = (name: string, help: string, read: () => number) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  gauge("netverdict_leader", "1 if this replica leads, 0 if it stands by", () =>
    observed().isLeading() ? 1 : 0,
  );
  gauge("netverdict_queue_depth", "Tests that wait for a reconcile", () => observed().queueDepth());
  gauge("netverdict_queued_runs", "Runs that are due and wait until other runs have ended", () =>
    observed().queuedRuns(),
  );
  gauge("netverdict_runs_in_progress", "Runs in progress, without those that wait for another attempt", () =>
    observed().runsInProgress(),
  );
  gauge("netverdict_pods_in_progress", "Probe and witness pods that the runs in progress count with", () =>
    observed().podsInProgress(),
  );
  registry.registerMetric(
    new Gauge({
      name: "netverdict_pods",
      help: "Probe and witness pods that exist, by their role and phase",
      labelNames: ["role", "phase"],
      registers: [],
      collect() {
        for (const role of ROLES) for (const phase of PHASES) this.set({ role, phase }, 0);
        if (!observed().isLeading()) return;
        for (const pod of observed().pods()) this.inc(podLabels(pod));
      },
    }),
  );
}

/** The name of a pod has its role (`PROBE_POD_NAME`). A pod that the API server has just accepted may have no phase yet. */
function podLabels({ metadata: { name }, phase }: ObservedPod) {
  const known = PHASES.find((each) => each === phase);
  return {
    role: ROLES.find((role) => name.startsWith(`${role}-`)) ?? "probe",
    phase: known ?? (phase === "" ? "Pending" : "Unknown"),
  };
}

function createRunMetrics(registry: Registry) {
  const registers = [registry];
  return {
    ended: new Counter({
      name: "netverdict_runs_total",
      help: "Runs that have ended",
      labelNames: ["trigger", "verdict"],
      registers,
    }),
    repeats: new Counter({
      name: "netverdict_run_repeats_total",
      help: "Attempts after the first of a run, by the transient reason for which the attempt before was Inconclusive",
      labelNames: ["reason"],
      registers,
    }),
    queueWait: new Histogram({
      name: "netverdict_run_queue_wait_seconds",
      help: "From when a run, or an attempt of it, was due to its start",
      buckets: [1, 5, 10, 20, 30, 60, 120, 300, 600, 1800],
      registers,
    }),
    duration: new Histogram({
      name: "netverdict_run_duration_seconds",
      help: "From the start of a run to its verdict",
      buckets: [5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600],
      registers,
    }),
  };
}

function createReconcileMetrics(registry: Registry) {
  const registers = [registry];
  return {
    errors: new Counter({
      name: "netverdict_reconcile_errors_total",
      help: "Reconciles that ended with an error and will be retried",
      registers,
    }),
    duration: new Histogram({
      name: "netverdict_reconcile_duration_seconds",
      help: "From the start of a reconcile of a test to its end, with or without an error",
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
    queueWait: new Histogram({
      name: "netverdict_reconcile_queue_wait_seconds",
      help: "From when a reconcile was due to its start",
      buckets: [0.001, 0.01, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
  };
}

function createApiMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({
      name: "netverdict_api_requests_total",
      help: "Requests to the API server; code 0: no response",
      labelNames: ["verb", "resource", "code"],
      registers,
    }),
    duration: new Histogram({
      name: "netverdict_api_request_duration_seconds",
      help: "Until the start of the API server's response",
      labelNames: ["verb"],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    rejections: new Counter({
      name: "netverdict_rejections_total",
      help: "New pods, ProbeRuns and events that the API server has rejected; each attempt counts",
      labelNames: ["resource", "reason"],
      registers,
    }),
    cacheLists: new Counter({
      name: "netverdict_cache_lists_total",
      help: "Complete lists of a collection: one at the start of a cache, and another whenever its watch cannot go on",
      labelNames: ["resource"],
      registers,
    }),
    cacheErrors: new Counter({
      name: "netverdict_cache_errors_total",
      help: "Lists and watches of a cache that have failed and are tried again; code 0: no response, or it broke off",
      labelNames: ["resource", "verb", "code"],
      registers,
    }),
  };
}
