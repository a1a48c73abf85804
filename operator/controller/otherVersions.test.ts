import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { connectivityTestSchema, type ConnectivityTestStatus } from "../../crds/connectivitytest.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import { probeRunsPath } from "../runtime/resourcePaths.ts";
import { nextStatus } from "../status/status.ts";
import { startController } from "../testing/controller.ts";
import { createMemoryApi, type MemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, connectivityTest, expectation, pod, probeRun, withoutFollowUp } from "../testing/objects.ts";
import { endedRun } from "../testing/statuses.ts";

const TEST = "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/net";
const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
const WITNESSES = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns";

/** From a pod of the source to an address outside, so that a run needs nothing else of the cluster. */
const { metadata, spec } = connectivityTest({
  spec: { expectations: [expectation({ to: { ip: "203.0.113.9" }, tcp: { port: 443 } })] },
});

/** As an earlier version took it. */
const sendingToken = {
  ...expectation({ to: { ip: "203.0.113.9" }, tcp: { port: 443 } }),
  tcp: undefined,
  http: { port: 443, headers: [{ name: "X-Vault-Token", value: "s.abc" }] },
};

let memory: MemoryApi;
let controller: ReturnType<typeof startController>;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(BEGAN) });
  memory = createMemoryApi();
});
afterEach(async () => {
  await controller.stop();
  vi.useRealTimers();
});

async function start() {
  controller = startController(memory);
  await controller.caches.synced;
  await controller.settle();
}

/** A test whose last run has ended, with its ProbeRun and the witnesses of that, none of which goes with it by owner. */
function storeTest(change: { spec?: object; status?: (status: ConnectivityTestStatus) => object }) {
  const status = nextStatus({
    test: connectivityTest(),
    ended: endedRun(["Passed", "Failed"]),
    now: new Date(),
  });
  const runSpec = {
    ...probeRun({ id: "k3f9q" }).spec,
    test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace: "shop" },
  };
  memory.put(
    `${RUNS}/net-k3f9q`,
    probeRun({ id: "k3f9q", status: { phase: "Finished", finishedAt: BEGAN } }),
  );
  memory.put(`${WITNESSES}/shop.net-k3f9q`, {
    spec: runSpec,
    status: { phase: "Finished", finishedAt: BEGAN },
  });
  memory.put(TEST, {
    metadata,
    spec: { ...spec, ...change.spec },
    status: change.status?.(status) ?? status,
  });
}

const writes = () =>
  memory.requests.filter(({ verb }) => verb === "delete" || verb === "create" || verb === "update");
const stored = () => memory.at(TEST)[0]?.status;

describe("a test whose status another version of the operator has written", () => {
  it("keeps its status and everything that belongs to it, also with unknown words in there", async () => {
    storeTest({
      status: (status) =>
        z
          .looseObject({})
          .parse(
            JSON.parse(
              JSON.stringify({ ...status, run: { ...status.run, trigger: "NodeChange" } }).replaceAll(
                "Open",
                "Throttled",
              ),
            ),
          ),
    });
    const before = stored();
    await start();
    expect([...controller.caches.tests.values()]).toHaveLength(1);
    expect(writes()).toEqual([]);
    expect(stored()).toEqual(before);
  });

  it("has no verdict where one of its expectations cannot be read, and runs again", async () => {
    storeTest({
      status: (status) => ({
        ...status,
        expectations: status.expectations?.map((one) =>
          one.verdict === "Failed" ? { name: one.name } : one,
        ),
      }),
    });
    memory.put("/api/v1/namespaces/shop/pods/ui", pod("ui", { labels: { app: "ui" } }));
    await start();
    expect(stored()).toMatchObject({ verdict: "Pending" });
    expect(memory.at(RUNS).map((run) => run.status)).toEqual([expect.objectContaining({ phase: "Pending" })]);
  });
});

describe("a test whose spec this version cannot read", () => {
  it("is Stalled and says which field, keeps everything that belongs to it, and begins no run", async () => {
    storeTest({ spec: { rerunOn: ["NodeChange"] } });
    await start();
    expect(writes().map(({ verb, path }) => `${verb} ${path}`)).toEqual([`update ${TEST}/status`]);
    const { verdict, message, conditions, run } = connectivityTestSchema.shape.status.parse(stored());
    expect(message).toMatch(/^spec\.rerunOn\.0: Invalid option.*update the operator, or correct the spec$/);
    expect(verdict).toBe("Inconclusive");
    expect(run?.id).toBe("k3f9q");
    expect(conditions?.find(({ type }) => type === "Stalled")).toMatchObject({
      status: "True",
      reason: "SpecNotReadable",
    });
    expect([...controller.caches.tests.values()].map(({ status }) => status.verdict)).toEqual([
      "Inconclusive",
    ]);
    expect(memory.at(TEST)[0]?.spec).toMatchObject({ rerunOn: ["NodeChange"] });
  });

  it("is Stalled if it has a header that this version rejects, and says what to do about it", async () => {
    storeTest({ spec: { expectations: [sendingToken] } });
    const before = memory.at(RUNS);
    await start();
    const { message, conditions, run } = connectivityTestSchema.shape.status.parse(stored());
    expect(message).toMatch(
      /^spec\.expectations\.0\.http\.headers\.0\.name: must not be a header with credentials.*\. This version of the operator rejects it\. Correct the spec; until then no run starts$/,
    );
    expect(conditions?.find(({ type }) => type === "Stalled")).toMatchObject({
      status: "True",
      reason: "SpecNotReadable",
    });
    expect(run?.id).toBe("k3f9q");
    expect(memory.at(RUNS)).toEqual(before);
  });

  it("goes on as before once the spec can be read", async () => {
    storeTest({ spec: { rerunOn: ["NodeChange"] } });
    await start();
    const [unreadable] = memory.at(TEST);
    memory.remove(TEST);
    memory.put(TEST, { ...unreadable, spec });
    await controller.settle();
    expect(stored()).toMatchObject({ verdict: "Failed", run: { id: "k3f9q" } });
  });

  it("loses what does not go with it by owner references when it is deleted", async () => {
    storeTest({ spec: { rerunOn: ["NodeChange"] } });
    await start();
    memory.remove(TEST);
    await controller.settle();
    expect(memory.at(WITNESSES)).toEqual([]);
  });
});

it("a run that an earlier version created is deleted, and its run begins again", async () => {
  memory.put(TEST, { metadata, spec });
  memory.put("/api/v1/namespaces/shop/pods/ui", pod("ui", { labels: { app: "ui" } }));
  memory.put(`${RUNS}/net-again`, withoutFollowUp(probeRun({ id: "again" })));
  await start();
  await controller.settle();
  expect(memory.at(RUNS).map(({ metadata: { name } }) => name)).not.toContain("net-again");
  expect(memory.at(RUNS)).toHaveLength(1);
  expect(controller.errors).toEqual([]);
});

it("a run of an earlier version is still read, with a header that this version rejects", () => {
  const { spec: runSpec, ...rest } = probeRun();
  const headers = [{ name: "X-Vault-Token", value: "s.abc" }];
  const check = { path: 0, tool: "http", family: "IPv4", address: "203.0.113.9", port: 443, headers };
  const path = { id: 0, expectation: "check", expect: "Allowed", from: "Deployment/ui", to: "203.0.113.9" };
  const paths = [{ ...path, kind: "Address", pod: "probe-ui", check }];
  expect(probeRunSchema.parse({ ...rest, spec: { ...runSpec, paths } }).spec.paths).toMatchObject([
    { check: { headers } },
  ]);
});

it("a run in progress that another version has planned, and this one cannot read, begins again", async () => {
  memory.put(TEST, { metadata, spec });
  memory.put("/api/v1/namespaces/shop/pods/ui", pod("ui", { labels: { app: "ui" } }));
  await start();
  const [planned] = memory.at(RUNS);
  if (!planned) throw new Error("a run should have begun");
  await controller.stop();
  const path = probeRunsPath("shop", planned.metadata.name);
  memory.put(path, {
    ...planned,
    spec: { ...probeRun().spec, findings: [{ expectation: "check", reason: "Throttled", message: "" }] },
  });
  await start();
  const [again] = memory.at(RUNS);
  expect(again?.metadata.name).toBe(planned.metadata.name);
  expect(again?.metadata.uid).not.toBe(planned.metadata.uid);
  expect(again?.spec).toEqual(planned.spec);
  expect(controller.errors).toEqual([]);
});
