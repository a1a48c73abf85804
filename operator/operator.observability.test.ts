import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { OPERATOR_VERSION, readConfig } from "./config.ts";
import { startOperator, type Operator } from "./operator.ts";
import { createMemoryApi, type MemoryApi } from "./testing/memoryApi.ts";
import { connectivityTest, expectation, pod } from "./testing/objects.ts";
import { rejection } from "./testing/rejection.ts";
import { serveMemoryApi, type ServedApi } from "./testing/serveMemoryApi.ts";
import { silentLog } from "./testing/silentLog.ts";

/** What the whole operator shows of itself: its metrics and its log, before an API server in memory. */

const LEASE = "/apis/coordination.k8s.io/v1/namespaces/netverdict-system/leases/netverdict";
const TEST = "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/net";
const PODS = "/api/v1/namespaces/shop/pods";
const OTHER = { spec: { holderIdentity: "operator-b", leaseDurationSeconds: 3_600, leaseTransitions: 3 } };

let memory: MemoryApi;
let served: ServedApi;
let operator: Operator | undefined;
let log: ReturnType<typeof silentLog>;

beforeEach(async () => {
  memory = createMemoryApi();
  served = await serveMemoryApi(memory);
  log = silentLog();
  const { metadata, spec } = connectivityTest({
    spec: { expectations: [expectation({ to: { ip: "203.0.113.9" }, tcp: { port: 443 } })] },
  });
  memory.put(TEST, { metadata, spec });
  memory.put(`${PODS}/ui`, pod("ui", { labels: { app: "ui" } }));
});
afterEach(async () => {
  await operator?.stop();
  await served.close();
});

async function start() {
  const config = readConfig({
    NETVERDICT_PROBE_IMAGE: "netverdict:1",
    POD_NAME: "operator-a",
    POD_NAMESPACE: "netverdict-system",
  });
  operator = await startOperator({
    config: { ...config, port: 0 },
    log,
    kubeConfig: served.kubeConfig,
    onLost: () => {},
  });
}

const soon = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

/** The series of a metric that are not zero. */
async function series(name: string): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${operator?.ports.http}/metrics`);
  const text = await response.text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => !line.endsWith(" 0"));
}

it("a leader shows that it leads, its tests, runs and pods, its reconciles and its caches", async () => {
  await start();
  await soon(async () =>
    expect(await series("netverdict_pods")).toEqual(['netverdict_pods{role="probe",phase="Pending"} 1']),
  );
  expect(await series("netverdict_leader")).toEqual(["netverdict_leader 1"]);
  expect(await series("netverdict_test_verdict")).toEqual([
    'netverdict_test_verdict{namespace="shop",name="net",verdict="Pending"} 1',
  ]);
  expect(await series("netverdict_runs_in_progress")).toEqual(["netverdict_runs_in_progress 1"]);
  expect(await series("netverdict_build_info")).toEqual([
    `netverdict_build_info{version="${OPERATOR_VERSION}",node_version="${process.versions.node}"} 1`,
  ]);
  expect(await series("netverdict_cache_lists_total")).toContain(
    'netverdict_cache_lists_total{resource="connectivitytests"} 1',
  );
  expect(await series("netverdict_reconcile_duration_seconds_count")).toHaveLength(1);
  expect(await series("netverdict_reconcile_queue_wait_seconds_count")).toHaveLength(1);
  memory.remove(TEST);
  await soon(async () => expect(await series("netverdict_test_verdict")).toEqual([]));
});

it("a standby shows that it does not lead, and no test; its log says who leads", async () => {
  memory.put(LEASE, OTHER);
  await start();
  await soon(() =>
    expect(log.info).toHaveBeenCalledWith(
      "standing by",
      expect.objectContaining({ lease: "netverdict", leader: "operator-b" }),
    ),
  );
  expect(await series("netverdict_leader")).toEqual([]);
  expect(await series("netverdict_test_verdict")).toEqual([]);
});

it("a pod that exceeds a quota is counted as rejected", async () => {
  memory.before = ({ verb, path }) => {
    if (verb !== "create" || path !== PODS) return;
    throw rejection(403, 'pods "probe-ui" is forbidden: exceeded quota: small, requested: pods=1');
  };
  await start();
  await soon(async () =>
    expect(await series("netverdict_rejections_total")).toEqual([
      expect.stringMatching(/^netverdict_rejections_total\{resource="pods",reason="Quota"\} [1-9]/),
    ]),
  );
});

it("the first line of the log has the versions, the namespace and the settings, and nothing that is secret", async () => {
  await start();
  expect(log.info.mock.calls[0]).toEqual([
    "the operator starts",
    {
      version: OPERATOR_VERSION,
      nodeVersion: process.versions.node,
      pod: "operator-a",
      namespace: "netverdict-system",
      probeImage: "netverdict:1",
      probeStartTimeoutSeconds: 60,
      witness: true,
      witnessAllow: [],
      maxPods: 200,
      maxPodsPerNamespace: 40,
      concurrency: 8,
      leaderElection: true,
      authenticateMetrics: false,
      gate: "off",
      readinessGate: false,
      logLevel: "info",
    },
  ]);
});

it("docs/metrics.md has every constant line of the log, and no others", () => {
  const root = join(import.meta.dirname, "..");
  const page = readFileSync(join(root, "docs/metrics.md"), "utf8");
  const [, logs = ""] = page.split("## Logs");
  const documented = Array.from(logs.matchAll(/^\| `([^`]+)` \|/gm), ([, message = ""]) => message);
  const sources = globSync("operator/**/*.ts", { cwd: root }).filter(
    (file) => !file.endsWith(".test.ts") && !file.includes("/testing/"),
  );
  const logged = sources.flatMap((file) =>
    Array.from(
      readFileSync(join(root, file), "utf8").matchAll(/\blog\.(?:info|warn|error|debug)\(\s*"([^"]+)"/g),
      ([, message = ""]) => message,
    ),
  );
  expect(documented.toSorted()).toEqual(logged.toSorted());
});
