import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { type TestVerdict, testVerdictSchema, type Verdict } from "../../crds/vocabulary.ts";
import type { RequestObservation } from "./restClient.ts";
import { mapInTurns } from "./turns.ts";

/** A test of either kind and its verdict. */
export interface TestVerdictMetric {
  /** "" for a ClusterConnectivityTest. */
  readonly namespace: string;
  readonly name: string;
  readonly verdict: TestVerdict;
}

export interface RunObservation {
  readonly trigger: string;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/**
 * Values that are read at each scrape instead of being counted. So they are never stale, and disappear with their
 * test.
 */
export interface Observed {
  /** One series for each test and verdict: the only metric whose size grows with the number of tests. */
  readonly testVerdicts: () => Iterable<TestVerdictMetric>;
  readonly queueDepth: () => number;
  readonly queuedRuns: () => number;
  readonly podsInProgress: () => number;
}

export interface Metrics {
  observe(observed: Observed): void;
  /** A run, or an attempt of it, has started after so many seconds in the queue. */
  runStarted(queuedSeconds: number): void;
  runEnded(run: RunObservation): void;
  /** An attempt after the first has started, because the one before was Inconclusive for this reason. */
  runRepeated(reason: string): void;
  reconcileFailed(): void;
  apiRequest(request: RequestObservation): void;
  /** The text exposition format, and its content type. */
  expose(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/**
 * The operator's Prometheus metrics, in a registry of their own. All labels have a fixed set of values, except the
 * names of tests.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  let observed: Observed = {
    testVerdicts: () => [],
    queueDepth: () => 0,
    queuedRuns: () => 0,
    podsInProgress: () => 0,
  };
  collectDefaultMetrics({ register: registry });

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
  gauge("netverdict_queue_depth", "Tests that wait for a reconcile", () => observed.queueDepth());
  gauge("netverdict_queued_runs", "Runs that are due and wait until other runs have ended", () =>
    observed.queuedRuns(),
  );
  gauge("netverdict_pods_in_progress", "Probe and witness pods of the runs in progress", () =>
    observed.podsInProgress(),
  );
  const runs = new Counter({
    name: "netverdict_runs_total",
    help: "Runs that have ended",
    labelNames: ["trigger", "verdict"],
    registers,
  });
  const repeats = new Counter({
    name: "netverdict_run_repeats_total",
    help: "Runs that were repeated because they were Inconclusive for transient reasons",
    labelNames: ["reason"],
    registers,
  });
  const queueWait = new Histogram({
    name: "netverdict_run_queue_wait_seconds",
    help: "From when a run, or an attempt of it, was due to its start",
    buckets: [1, 5, 10, 20, 30, 60, 120, 300, 600, 1800],
    registers,
  });
  const runDuration = new Histogram({
    name: "netverdict_run_duration_seconds",
    help: "From the start of a run to its verdict",
    buckets: [5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600],
    registers,
  });
  const reconcileErrors = new Counter({
    name: "netverdict_reconcile_errors_total",
    help: "Reconciles that ended with an error and will be retried",
    registers,
  });
  const requests = new Counter({
    name: "netverdict_api_requests_total",
    help: "Requests to the API server; code 0: no response",
    labelNames: ["verb", "resource", "code"],
    registers,
  });
  const requestDuration = new Histogram({
    name: "netverdict_api_request_duration_seconds",
    help: "Until the start of the API server's response",
    labelNames: ["verb"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });

  return {
    observe: (next) => void (observed = next),
    runStarted: (queuedSeconds) => queueWait.observe(queuedSeconds),
    runEnded({ trigger, verdict, seconds }) {
      runs.inc({ trigger, verdict });
      runDuration.observe(seconds);
    },
    runRepeated: (reason) => repeats.inc({ reason }),
    reconcileFailed: () => reconcileErrors.inc(),
    apiRequest({ verb, resource, code, seconds }) {
      requests.inc({ verb, resource, code: String(code) });
      requestDuration.observe({ verb }, seconds);
    },
    expose: async () => ({
      text: `${await registry.metrics()}\n${await verdictSeries(observed.testVerdicts())}`,
      contentType: registry.contentType,
    }),
  };
}

/**
 * A gauge in the text format, without prom-client, which works for a third of a second in one piece where there are 10,000
 * tests. The names of objects need no escaping (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/).
 */
async function verdictSeries(testVerdicts: Iterable<TestVerdictMetric>): Promise<string> {
  const metric = "netverdict_test_verdict";
  const series = await mapInTurns([...testVerdicts], ({ namespace, name, verdict }) =>
    testVerdictSchema.options
      .map((each) => {
        const value = each === verdict ? 1 : 0;
        return `${metric}{namespace="${namespace}",name="${name}",verdict="${each}"} ${value}\n`;
      })
      .join(""),
  );
  return [
    `# HELP ${metric} 1 for the verdict that a test has now, 0 for the others; a ClusterConnectivityTest has no namespace\n`,
    `# TYPE ${metric} gauge\n`,
    ...series,
  ].join("");
}
