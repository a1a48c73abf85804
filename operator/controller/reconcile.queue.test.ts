import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import type { AdmissionLimits } from "../planning/admission.ts";
import { nodesPath, podsPath, probeRunsPath } from "../runtime/resourcePaths.ts";
import { AMPLE } from "../testing/ampleQueue.ts";
import { startController } from "../testing/controller.ts";
import { endProbePods } from "../testing/kubelet.ts";
import { createMemoryApi, type MemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, connectivityTest, expectation, pod, type TestOptions } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";

const pathOf = (namespace: string, name: string) =>
  `/apis/netverdict.dev/v1alpha1/namespaces/${namespace}/connectivitytests/${name}`;
const outside = [expectation({ to: { ip: "203.0.113.9" }, tcp: { port: 443 } })];

let memory: MemoryApi;
let controller: ReturnType<typeof startController>;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(BEGAN) });
  memory = createMemoryApi();
  for (const namespace of ["shop", "other"])
    memory.put(podsPath(namespace, "ui"), pod("ui", { namespace, labels: { app: "ui" } }));
});
afterEach(async () => {
  await controller.stop();
  if (controller.errors.length > 0) throw new Error("a reconcile failed", { cause: controller.errors });
  vi.useRealTimers();
});

async function start(limits: Partial<AdmissionLimits>) {
  controller = startController(memory, { limits: { ...AMPLE, ...limits } });
  await controller.caches.synced;
  await controller.settle();
}

/** A test from `app: ui` to an address outside the cluster, which has one probe pod. */
async function apply(name: string, { metadata, spec }: TestOptions = {}, namespace = "shop") {
  const test = connectivityTest({
    metadata: { name, namespace, uid: `uid-${namespace}-${name}`, ...metadata },
    spec: { expectations: outside, ...spec },
  });
  const [stored] = memory.at(pathOf(namespace, name));
  memory.put(pathOf(namespace, name), {
    metadata: { ...test.metadata },
    spec: test.spec,
    status: stored?.status,
  });
  await controller.settle();
}

const statusOf = (name: string, namespace = "shop") =>
  connectivityTestSchema.shape.status.parse(memory.at(pathOf(namespace, name))[0]?.status);
const queuedOf = (name: string) => statusOf(name).queued;
const runs = (namespace?: string) =>
  memory.at(probeRunsPath(namespace)).map((run) => probeRunSchema.parse(run));
const testsWithRuns = () => runs().map(({ spec }) => spec.test.name);
const pods = () => memory.at(podsPath()).filter(({ metadata }) => metadata.name !== "ui");

/** All probe pods end; those of runs that start then do not. */
async function endAll(letters = "CCC") {
  endProbePods(memory, () => letters);
  await controller.settle();
}

describe("where the limit is one pod of a namespace", () => {
  beforeEach(() => start({ podsPerNamespace: 1 }));

  it("the tests of a namespace run one after the other, in the order in which they became due, and all get their verdicts", async () => {
    const names = ["d", "c", "b", "a"];
    for (const name of names) {
      await apply(name);
      await controller.pass(1_000);
    }
    for (const [index, name] of names.entries()) {
      expect(testsWithRuns()).toHaveLength(index + 1);
      expect(pods()).toHaveLength(1);
      await endAll();
      expect(statusOf(name)).toMatchObject({ verdict: "Passed" });
      await controller.pass(4_000);
    }
    expect(names.map((name) => statusOf(name).run?.queuedSeconds)).toEqual([undefined, 3, 6, 9]);
    expect(controller.queuedSeconds).toEqual([0, 3, 6, 9]);
  });

  it("a queued test says since when it is queued, and what it waits for", async () => {
    for (const name of ["a", "b", "c"]) await apply(name);
    expect(queuedOf("a")).toBeUndefined();
    expect(queuedOf("b")).toEqual({ since: BEGAN, waitsFor: "NamespaceLimit" });
    expect(queuedOf("c")).toEqual({ since: BEGAN, waitsFor: "EarlierRuns" });
    const status = statusOf("c");
    expect(status).toMatchObject({ verdict: "Pending" });
    expect(status.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      "Passed Queued",
      "Ready Queued",
      "Reconciling Queued",
    ]);
    expect(status.message).toContain(`is queued since ${BEGAN}, until earlier runs have started`);
    await controller.pass(10_000);
    await endAll();
    expect(queuedOf("b")).toBeUndefined();
    expect(queuedOf("c")).toEqual({ since: BEGAN, waitsFor: "NamespaceLimit" });
  });

  it("the tests of another namespace do not wait", async () => {
    for (const name of ["a", "b"]) await apply(name);
    await apply("single", {}, "other");
    expect(runs("other")).toHaveLength(1);
  });

  it("a queued test that is deleted or suspended leaves the queue, and nothing else", async () => {
    for (const name of ["a", "b", "c", "d"]) await apply(name);
    memory.remove(pathOf("shop", "b"));
    await apply("c", { spec: { suspend: true } });
    expect(statusOf("c").conditions?.[0]?.reason).toBe("Suspended");
    expect(queuedOf("c")).toBeUndefined();
    expect(controller.runQueue.length).toBe(1);
    await endAll();
    expect(testsWithRuns()).toEqual(["a", "d"]);
  });

  it("a run is planned when it is admitted, from what the cluster is then", async () => {
    for (const name of ["a", "b"]) await apply(name);
    memory.put(podsPath("shop", "ui"), pod("ui", { labels: { app: "ui" }, node: "node-7" }));
    await controller.pass(5_000);
    await endAll();
    const [planned] = runs().find(({ spec }) => spec.test.name === "b")?.spec.pods ?? [];
    expect(planned?.twin?.nodeName).toBe("node-7");
  });

  it("the deadlines of a run begin when it is admitted, however long it was queued", async () => {
    for (const name of ["a", "b"]) await apply(name, { spec: { maxAttempts: 1 } });
    await controller.pass(50_000);
    await endAll();
    await controller.pass(50_000);
    expect(statusOf("b")).toMatchObject({ verdict: "Pending" });
    await endAll();
    expect(statusOf("b")).toMatchObject({ verdict: "Passed", run: { queuedSeconds: 50 } });
  });

  it("a request is answered by the run that was queued for it, with the newest token", async () => {
    for (const name of ["a", "b"]) await apply(name);
    await endAll();
    await endAll();
    await apply("a", { metadata: { annotations: { "netverdict.dev/run-requested": "one" } } });
    await apply("b", { metadata: { annotations: { "netverdict.dev/run-requested": "old" } } });
    await controller.pass(1_000);
    await apply("b", { metadata: { annotations: { "netverdict.dev/run-requested": "new" } } });
    expect(statusOf("b")).not.toHaveProperty("lastHandledRequest");
    expect(queuedOf("b")).toMatchObject({ since: BEGAN });
    await endAll();
    expect(statusOf("a")).toMatchObject({ lastHandledRequest: "one" });
    await endAll();
    expect(statusOf("b")).toMatchObject({ lastHandledRequest: "new", run: { queuedSeconds: 1 } });
    expect(statusOf("b").history).toHaveLength(2);
  });

  it("a scheduled run that is queued does not make its test Reconciling, and is started once", async () => {
    await apply("a", { spec: { schedule: { every: "10m" } } });
    await endAll();
    await controller.pass(Date.parse(statusOf("a").nextRunAt ?? "") - Date.now() - 5_000);
    await apply("b", { spec: { maxAttempts: 1 } });
    const asked = memory.requests.length;
    await controller.pass(20_000);
    expect(statusOf("a")).toMatchObject({ verdict: "Passed", queued: { waitsFor: "NamespaceLimit" } });
    expect(statusOf("a").conditions?.map(({ type }) => type)).toEqual(["Passed", "Ready"]);
    expect(memory.requests.slice(asked).length).toBeLessThan(20);
    await endAll();
    await endAll();
    expect(statusOf("a")).toMatchObject({ run: { trigger: "Schedule", queuedSeconds: 15 } });
    expect(statusOf("a").history).toHaveLength(2);
  });

  it("another attempt of a run starts before the runs that became due after it, and holds no place until then", async () => {
    await apply("a");
    await controller.pass(1_000);
    for (const name of ["b", "c"]) await apply(name, { spec: { maxAttempts: 1 } });
    await controller.pass(60_000);
    expect(statusOf("a").message).toContain("attempt 2 starts at");
    expect(testsWithRuns()).toEqual(["a", "b"]);
    await controller.pass(10_000);
    expect(statusOf("a").message).toContain("attempt 2 of the run of generation 1 is queued since");
    await endAll();
    expect(queuedOf("a")).toBeUndefined();
    expect(queuedOf("c")).toMatchObject({ waitsFor: "NamespaceLimit" });
    await endAll();
    expect(statusOf("a")).toMatchObject({ verdict: "Passed", run: { attempts: 2 } });
    await endAll();
    expect(statusOf("c")).toMatchObject({ verdict: "Passed" });
  });

  it("a run that the API server rejects, or whose step fails, does not keep others from starting", async () => {
    let failures = 0;
    memory.before = ({ verb, path, body }) => {
      if (verb !== "create" || path !== probeRunsPath("shop")) return;
      const { spec } = probeRunSchema.pick({ spec: true }).parse(body);
      if (spec.test.name === "a") throw rejection(403, "Forbidden", "exceeded quota: runs");
      if (spec.test.name === "b" && (failures += 1) < 2) throw rejection(500, "InternalError");
    };
    for (const name of ["a", "b", "c"]) await apply(name);
    expect(statusOf("a")).toMatchObject({ message: "the run could not start: exceeded quota: runs" });
    expect(testsWithRuns()).toEqual(["c"]);
    await controller.pass(10_000);
    expect(controller.errors.splice(0)).toHaveLength(1);
    await endAll();
    expect(testsWithRuns().toSorted()).toEqual(["b", "c"]);
  });
});

describe("a run with a follow-up run, where the limit is one pod of a namespace", () => {
  const toward = (name: string) =>
    expectation({ name, to: { podSelector: { matchLabels: { app: name } } }, tcp: { port: 80 } });

  /** The source reaches `web`; nothing replies at `db`, so a witness determines why. */
  const dbIsDown = (address: string | undefined) => (address === "10.1.0.3" ? "....." : "CCCCC");

  beforeEach(async () => {
    for (const [index, name] of ["web", "db"].entries())
      memory.put(podsPath("shop", name), pod(name, { labels: { app: name }, ips: [`10.1.0.${index + 2}`] }));
    await start({ podsPerNamespace: 1 });
    await apply("a", { spec: { expectations: [toward("web"), toward("db")] } });
    await apply("b");
    endProbePods(memory, ({ address }) => dbIsDown(address));
    await controller.settle();
  });

  const followUps = () => runs().filter(({ spec }) => spec.run.followUp === true);

  it("does not wait for the room that it holds itself, and keeps it until the follow-up run has ended", async () => {
    expect(followUps().map(({ spec }) => spec.test.name)).toContain("a");
    expect(queuedOf("b")).toMatchObject({ waitsFor: "NamespaceLimit" });
    await endAll();
    expect(statusOf("a")).toMatchObject({ verdict: "Failed" });
    expect(queuedOf("b")).toBeUndefined();
  });

  it("keeps it under a new leader as well", async () => {
    await controller.stop();
    await start({ podsPerNamespace: 1 });
    expect(queuedOf("b")).toMatchObject({ waitsFor: "NamespaceLimit" });
    expect(runs().filter(({ spec }) => spec.test.name === "b")).toEqual([]);
    await endAll();
    expect(queuedOf("b")).toBeUndefined();
  });
});

it("a new leader continues with the runs in progress and in the order of the queue, and starts nothing twice", async () => {
  await start({ podsPerNamespace: 1 });
  for (const name of ["c", "b", "a"]) {
    await apply(name);
    await controller.pass(1_000);
  }
  await controller.stop();
  await start({ podsPerNamespace: 1 });
  expect(testsWithRuns()).toEqual(["c"]);
  expect(controller.runQueue.pods).toBe(1);
  await endAll();
  expect(testsWithRuns().toSorted()).toEqual(["b", "c"]);
  await endAll();
  await endAll();
  expect(["c", "b", "a"].map((name) => statusOf(name).verdict)).toEqual(["Passed", "Passed", "Passed"]);
  expect(statusOf("a").queued).toBeUndefined();
});

it("a run whose pods exceed every limit runs alone", async () => {
  memory.put(`${nodesPath()}/node-1`, { status: { allocatable: { cpu: "1", pods: "10" } } });
  for (const [index, owner] of ["one", "two", "three"].entries())
    memory.put(
      podsPath("shop", owner),
      pod(owner, { labels: { app: "ui" }, owner: `StatefulSet/${owner}`, ips: [`10.1.1.${index}`] }),
    );
  await start({ pods: 2, podsPerNamespace: 2 });
  await apply("large");
  await apply("single", {}, "other");
  const probePods = () => pods().filter(({ spec }) => spec !== undefined && !("nodeName" in Object(spec)));
  expect(probePods().length).toBeGreaterThan(3);
  expect(statusOf("single", "other").queued).toMatchObject({ waitsFor: "ClusterLimit" });
  await endAll();
  expect(statusOf("large")).toMatchObject({ verdict: "Passed" });
  expect(runs("other")).toHaveLength(1);
});

it("a node that other runs use is read once for many tests, and none if nothing else runs", async () => {
  memory.put(`${nodesPath()}/node-1`, { status: { allocatable: { cpu: "2", pods: "10" } } });
  await start({});
  const reads = () =>
    memory.requests.filter(({ path, query }) => path === nodesPath() && query?.["fieldSelector"]).length;
  await apply("a");
  expect(reads()).toBe(0);
  for (const name of ["b", "c", "d"]) await apply(name);
  expect(reads()).toBe(1);
  expect(queuedOf("c")).toMatchObject({ waitsFor: "NamespaceStarts" });
});
