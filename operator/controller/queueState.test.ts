import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import { nodesPath, podsPath, probeRunsPath } from "../runtime/resourcePaths.ts";
import { startController } from "../testing/controller.ts";
import { endProbePods } from "../testing/kubelet.ts";
import { createMemoryApi, type MemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, connectivityTest, expectation, pod, type TestOptions } from "../testing/objects.ts";

const pathOf = (namespace: string, name: string) =>
  `/apis/netverdict.dev/v1alpha1/namespaces/${namespace}/connectivitytests/${name}`;

let memory: MemoryApi;
let controller: ReturnType<typeof startController>;

async function start() {
  controller = startController(memory);
  await controller.caches.synced;
  await controller.settle();
}

/** A node of two cores: four pods start there at once, two of them of one namespace. */
beforeEach(async () => {
  vi.useFakeTimers({ now: Date.parse(BEGAN) });
  memory = createMemoryApi();
  memory.put(`${nodesPath()}/node-1`, { status: { allocatable: { cpu: "2", pods: "110" } } });
  for (const namespace of ["shop", "other"])
    memory.put(podsPath(namespace, "ui"), pod("ui", { namespace, labels: { app: "ui" } }));
  await start();
  for (const name of ["a", "b", "c", "d"]) await apply(name);
});
afterEach(async () => {
  await controller.stop();
  if (controller.errors.length > 0) throw new Error("a reconcile failed", { cause: controller.errors });
  vi.useRealTimers();
});

/** A test with one probe pod, on that node. */
async function apply(name: string, namespace = "shop", options: TestOptions = {}) {
  const { metadata, spec } = connectivityTest({
    metadata: { name, namespace, uid: `uid-${namespace}-${name}`, ...options.metadata },
    spec: {
      expectations: [expectation({ to: { ip: "203.0.113.9" }, tcp: { port: 443 } })],
      ...options.spec,
    },
  });
  const status = memory.at(pathOf(namespace, name))[0]?.status;
  memory.put(pathOf(namespace, name), { metadata: { ...metadata }, spec, status });
  await controller.settle();
}

const statusOf = (name: string) =>
  connectivityTestSchema.shape.status.parse(memory.at(pathOf("shop", name))[0]?.status);
const runsIn = (namespace: string) => memory.at(probeRunsPath(namespace)).length;

/** The kubelet or the scheduler reports this status of the first probe pods. */
async function report(status: object, most = Infinity) {
  const probes = memory.at(podsPath()).filter(({ metadata }) => metadata.name !== "ui");
  for (const probe of probes.slice(0, most))
    memory.put(podsPath(String(probe.metadata["namespace"]), probe.metadata.name), { ...probe, status });
  await controller.settle();
}
const waiting = (reason: string) => ({
  phase: "Pending",
  containerStatuses: [{ name: "probe", state: { waiting: { reason } } }],
});
const RUNNING = { phase: "Running", containerStatuses: [{ name: "probe", state: { running: {} } }] };
const UNSCHEDULABLE = {
  phase: "Pending",
  conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }],
};

it("a run starts when a pod of an earlier one has started", async () => {
  expect(runsIn("shop")).toBe(2);
  expect(statusOf("c").queued).toMatchObject({ waitsFor: "NamespaceStarts" });
  expect(statusOf("d").queued).toMatchObject({ waitsFor: "EarlierRuns" });
  await report(waiting("ContainerCreating"));
  expect(runsIn("shop")).toBe(2);
  await report(RUNNING, 1);
  expect(runsIn("shop")).toBe(3);
  expect(statusOf("d").queued).toMatchObject({ waitsFor: "NamespaceStarts" });
  await report(RUNNING);
  expect(runsIn("shop")).toBe(4);
});

it("the single test of another namespace starts meanwhile", async () => {
  await apply("single", "other");
  expect(runsIn("other")).toBe(1);
});

it.each([
  ["one whose image cannot be pulled", waiting("ImagePullBackOff")],
  ["one that fits on no node", UNSCHEDULABLE],
])("a pod that waits is not being started: %s", async (_, status) => {
  await report(status, 1);
  expect(runsIn("shop")).toBe(3);
});

it("a pod that takes longer than twenty seconds to start does not keep others waiting", async () => {
  await report(waiting("ContainerCreating"));
  await controller.pass(19_000);
  expect(runsIn("shop")).toBe(2);
  await controller.pass(1_000);
  expect(runsIn("shop")).toBe(4);
});

it("a new leader knows which pods have started", async () => {
  await report(RUNNING, 1);
  expect(runsIn("shop")).toBe(3);
  await controller.stop();
  await start();
  expect(runsIn("shop")).toBe(3);
  expect(statusOf("d").queued).toMatchObject({ waitsFor: "NamespaceStarts" });
  endProbePods(memory, () => "CCC");
  await controller.settle();
  expect(runsIn("shop")).toBe(4);
});

it("after an outage of an hour, the overdue runs start one after the other, and a request waits for one of them at most", async () => {
  const hourly = { spec: { schedule: { every: "1h" } } };
  const names = ["a", "b", "c", "d", "e", "f"];
  for (const name of names) await apply(name, "shop", hourly);
  const endAll = async () => {
    endProbePods(memory, () => "CCC");
    await controller.settle();
  };
  for (let turn = 0; turn < 6; turn += 1) await endAll();
  expect(names.map((name) => statusOf(name).verdict)).toEqual(names.map(() => "Passed"));
  await controller.stop();
  vi.setSystemTime(Date.parse(BEGAN) + 2 * 3_600_000);
  await start();
  const inProgress = () =>
    memory
      .at(probeRunsPath("shop"))
      .map((run) => probeRunSchema.parse(run))
      .filter(({ status }) => status.phase !== "Finished")
      .map(({ spec }) => spec.test.name);
  expect(inProgress()).toHaveLength(2);
  const requested = names.findLast((name) => !inProgress().includes(name)) ?? "";
  const annotations = { "netverdict.dev/run-requested": "token" };
  await apply(requested, "shop", { ...hourly, metadata: { annotations } });
  expect(statusOf(requested).queued).toBeDefined();
  await endAll();
  expect(inProgress()).toHaveLength(2);
  expect(inProgress()).toContain(requested);
  for (let turn = 0; turn < 6; turn += 1) await endAll();
  expect(names.map((name) => statusOf(name).history?.length)).toEqual(names.map(() => 2));
  expect(statusOf(requested)).toMatchObject({ lastHandledRequest: "token", run: { trigger: "Request" } });
});
