import { createMetrics } from "../server/metrics.ts";

const run = {
  id: "k3f9qxbc",
  trigger: "Schedule",
  startedAt: "2026-11-30T10:00:00Z",
  finishedAt: "2026-11-30T10:00:12.5Z",
  generation: 1,
} as const;

/** Metrics in which every metric of the operator has a series with all of its labels. */
export function filledMetrics() {
  const metrics = createMetrics({ version: "1.2.3", nodeVersion: "24.0.0" });
  metrics.observe({
    isLeading: () => true,
    tests: () => [
      {
        metadata: { namespace: "shop", name: "web" },
        status: {
          verdict: "Failed",
          run,
          validUntil: "2026-11-30T11:00:00Z",
          expectations: [
            { verdict: "Passed", reason: "AsExpected" },
            { verdict: "Failed", reason: "Open" },
            { verdict: "Failed", reason: "Open" },
          ],
        },
      },
      { metadata: { namespace: "", name: "tenants" }, status: {} },
    ],
    pods: () => [
      { metadata: { name: "probe-ui-k3f9qxbc-1" }, phase: "Running" },
      { metadata: { name: "probe-ui-k3f9qxbc-2" }, phase: "Running" },
      { metadata: { name: "witness-node-1-k3f9qxbc-1" }, phase: "Succeeded" },
    ],
    queueDepth: () => 3,
    queuedRuns: () => 12,
    runsInProgress: () => 7,
    podsInProgress: () => 20,
  });
  metrics.runStarted(25);
  metrics.runEnded({ trigger: "Schedule", verdict: "Passed", seconds: 12.5 });
  metrics.runRepeated("TargetChanged");
  metrics.reconciled({ queuedSeconds: 0.002, seconds: 0.03 });
  metrics.reconcileFailed();
  metrics.apiRequest({ verb: "get", resource: "pods", code: 0, seconds: 1 });
  metrics.rejected("pods", "Quota");
  metrics.cacheListed("proberuns");
  metrics.cacheFailed({ resource: "proberuns", verb: "watch", code: 410 });
  return metrics;
}
