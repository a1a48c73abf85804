import { describe, expect, it } from "vitest";
import { z } from "zod";
import { controllerScene, MINUTE, PODS, TEST } from "../testing/controllerScene.ts";
import { expectation, pod } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";
import { gatedPodOf } from "./gatedPods.ts";

const GATE = "netverdict.dev/passed";
const INITIALIZED = { type: "Initialized", status: "True", lastProbeTime: null, from: "another version" };

interface GatedOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly owner?: string;
  readonly isRunning?: boolean;
  readonly serviceAccountName?: string;
}

/** A pod with the readiness gate, as the API server has it. */
function gated(name: string, options: GatedOptions = {}) {
  const { labels = { app: "ui" }, owner, isRunning = true, serviceAccountName = "default" } = options;
  const { metadata, spec, status } = pod(name, {
    labels,
    ...(owner !== undefined && { owner }),
    spec: { readinessGates: [{ conditionType: GATE }], serviceAccountName },
    ...(!isRunning && { ips: [], status: { phase: "Pending", podIPs: [] } }),
  });
  return { metadata, spec, status: { ...status, conditions: [INITIALIZED] } };
}

/** A spec whose run passes by the letter A, and fails by a. */
const WITH_HTTP = {
  spec: { expectations: [expectation({ to: { ip: "203.0.113.9" }, http: { port: 80 } })] },
};

const conditionsSchema = z.array(
  z.looseObject({ type: z.string(), status: z.string(), reason: z.string().optional() }),
);

describe("a pod with the readiness gate", () => {
  const { memory, controller, apply, probe, requestsSince, triggersSince, status, runs } = controllerScene(
    (api) => void api.put(`${PODS}/ui`, gated("ui")),
    { readinessGate: true },
  );
  const conditionsOf = (name: string) =>
    conditionsSchema.parse(
      z.object({ conditions: z.json() }).parse(memory().at(`${PODS}/${name}`)[0]?.status).conditions,
    );
  const gateOf = (name: string) => conditionsOf(name).find(({ type }) => type === GATE);
  const create = async (name: string, options?: GatedOptions) => {
    memory().put(`${PODS}/${name}`, gated(name, options));
    await controller().settle();
  };
  const events = () =>
    memory()
      .requests.filter(({ verb, path }) => verb === "create" && path.endsWith("/events"))
      .map(({ body }) =>
        z.object({ reason: z.string(), regarding: z.object({ name: z.string() }) }).parse(body),
      )
      .filter(({ regarding }) => regarding.name !== "net");

  it("gets its condition from the run of a test that names it, and keeps all others", async () => {
    expect(gateOf("ui")).toMatchObject({ status: "False", reason: "NoTest" });
    await apply();
    expect(gateOf("ui")).toMatchObject({ status: "False", reason: "InProgress" });
    await probe();
    expect(gateOf("ui")).toMatchObject({ status: "True", reason: "Passed" });
    expect(conditionsOf("ui")[0]).toEqual(INITIALIZED);
    expect(runs()).toMatchObject([
      { spec: { run: { trigger: "Generation", requests: [`${GATE}:uid-ui`] } } },
    ]);
    expect(events().map(({ reason }) => reason)).toEqual(["NoTest", "InProgress", "Passed"]);
  });

  it("requests a run of a test that has passed before, without rerunOn and for each revision once", async () => {
    await apply();
    await probe();
    const before = memory().requests.length;
    await create("v2-a", { owner: "ReplicaSet/v2" });
    await create("v2-b", { owner: "ReplicaSet/v2" });
    expect(triggersSince(before)).toEqual(["Request"]);
    expect(gateOf("v2-a")).toMatchObject({ status: "False", reason: "InProgress" });
    await probe();
    expect([gateOf("v2-a")?.status, gateOf("v2-b")?.status]).toEqual(["True", "True"]);
    await create("v2-c", { owner: "ReplicaSet/v2" });
    expect(gateOf("v2-c")).toMatchObject({ status: "True" });
    expect(triggersSince(before)).toEqual(["Request"]);
  });

  it("is tried in place of the other pods of its workload", async () => {
    memory().remove(`${PODS}/ui`);
    await create("a", { owner: "ReplicaSet/v1" });
    await apply();
    await probe();
    await create("b", { owner: "ReplicaSet/v1", serviceAccountName: "new" });
    expect(runs().at(-1)?.spec.pods).toMatchObject([{ twin: { serviceAccountName: "new" } }]);
    await probe();
    expect(gateOf("b")).toMatchObject({ status: "True" });
  });

  it("stays not Ready while a test that names it fails, and passes with a later run that the operator requests", async () => {
    await apply(WITH_HTTP);
    await probe("aaa");
    expect(status()).toMatchObject({ verdict: "Failed" });
    expect(gateOf("ui")).toMatchObject({ status: "False", reason: "Failed" });
    const before = memory().requests.length;
    await controller().pass(4 * MINUTE);
    expect(triggersSince(before)).toEqual([]);
    await controller().pass(1 * MINUTE);
    expect(triggersSince(before)).toEqual(["Request"]);
    await probe("AAA");
    expect(gateOf("ui")).toMatchObject({ status: "True" });
  });

  it("is never written again after it has passed, also if its tests fail later or are deleted", async () => {
    await apply();
    await probe();
    const before = memory().requests.length;
    await apply(WITH_HTTP);
    await probe("aaa");
    expect(status()).toMatchObject({ verdict: "Failed" });
    memory().remove(TEST);
    await controller().settle();
    const written = requestsSince(before).filter(
      ({ verb, path }) => verb === "patch" && path.startsWith(PODS),
    );
    expect(written).toEqual([]);
    expect(gateOf("ui")).toMatchObject({ status: "True" });
  });

  it("is written again after a conflict with the kubelet, from the newer pod", async () => {
    let conflicts = 0;
    memory().before = ({ verb, path }) => {
      if (verb !== "patch" || path !== `${PODS}/ui/status` || conflicts > 0) return;
      conflicts += 1;
      const { metadata, spec, status: newer } = gated("ui");
      memory().put(`${PODS}/ui`, { metadata, spec, status: { ...newer, hostIP: "10.0.0.1" } });
    };
    await apply();
    await probe();
    expect(conflicts).toBe(1);
    expect(gateOf("ui")).toMatchObject({ status: "True" });
    expect(memory().at(`${PODS}/ui`)[0]?.status).toMatchObject({ hostIP: "10.0.0.1" });
  });

  it("is written when the operator gets the right to do so", async () => {
    memory().before = ({ verb, path }) => {
      if (verb === "patch" && path.endsWith("/status"))
        throw rejection(403, "Forbidden", "pods/status is forbidden");
    };
    await apply();
    await probe();
    expect(gateOf("ui")).toMatchObject({ reason: "NoTest" });
    expect(controller().errors.splice(0)).toContainEqual(
      expect.objectContaining({ message: "pods/status is forbidden" }),
    );
    memory().before = () => {};
    await controller().pass(2 * MINUTE);
    expect(gateOf("ui")).toMatchObject({ status: "True" });
  });

  it("gets no condition before it runs", async () => {
    await apply();
    await create("starting", { isRunning: false });
    expect(gateOf("starting")).toBeUndefined();
  });
});

describe("without the setting", () => {
  const { memory, apply, probe } = controllerScene((api) => void api.put(`${PODS}/ui`, gated("ui")));

  it("no pod is written, and none but probe pods is read for it", async () => {
    await apply();
    await probe();
    expect(
      memory().requests.filter(({ verb, path }) => verb === "patch" && path.endsWith("/status")),
    ).toEqual([]);
  });
});

describe("the revision of a pod", () => {
  const revision = (options: GatedOptions, name = "ui") => gatedPodOf(gated(name, options))?.revision;
  const base: GatedOptions = { owner: "ReplicaSet/v1" };

  it("is the same for another pod of its controller", () => {
    expect(revision(base, "other")).toBe(revision(base));
  });

  it.each([
    ["another controller", { owner: "ReplicaSet/v2" }],
    ["another label", { ...base, labels: { app: "ui", role: "canary" } }],
    ["another service account", { ...base, serviceAccountName: "new" }],
    ["no controller", {}],
  ])("is another one with %s", (_, options) => {
    expect(revision(options)).not.toBe(revision(base));
  });

  it("is not kept of a pod without the readiness gate", () => {
    expect(gatedPodOf(pod("ui"))).toBeUndefined();
  });
});
