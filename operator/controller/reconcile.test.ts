import { describe, expect, it } from "vitest";
import { controllerScene, MINUTE, PODS, RUNS, TEST } from "../testing/controllerScene.ts";
import { BEGAN, pod } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";

const EVENTS = "/apis/events.k8s.io/v1/namespaces/shop/events";

const { memory, controller, apply, probe, status, runs, probePods } = controllerScene();
const writes = () =>
  memory().requests.filter(({ verb }) => verb === "create" || verb === "update" || verb === "delete");

describe("a test that was applied", () => {
  it("gets a ProbeRun and a probe pod that follow from it, and says that the run is in progress", async () => {
    await apply();
    const [run] = runs();
    expect(run?.metadata.ownerReferences).toMatchObject([
      { kind: "ConnectivityTest", name: "net", controller: true },
    ]);
    expect(probePods().map(({ metadata }) => metadata.ownerReferences)).toMatchObject([
      [{ kind: "ProbeRun", name: run?.metadata.name, uid: run?.metadata.uid }],
    ]);
    expect(status()).toMatchObject({ verdict: "Pending", observedGeneration: 1 });
    expect(status().message).toContain(`run ${run?.spec.run.id} of generation 1 is in progress`);
  });

  it("gets its verdict when the probe pods have ended; the pods go, and the ProbeRun stays", async () => {
    await apply();
    await probe();
    const [run] = runs();
    expect(status()).toMatchObject({
      verdict: "Passed",
      run: { id: run?.spec.run.id, trigger: "Generation" },
    });
    expect(run?.status.phase).toBe("Finished");
    expect(probePods()).toEqual([]);
    expect(memory().at(EVENTS)).toMatchObject([
      { type: "Normal", reason: "Passed", regarding: { name: "net" } },
    ]);
    expect(controller().published.filter(({ ended }) => ended)).toHaveLength(1);
  });

  it("and has its verdict costs no further request until something changes", async () => {
    await apply();
    await probe();
    const asked = memory().requests.length;
    await controller().pass(24 * 60 * MINUTE);
    const polled = memory()
      .requests.slice(asked)
      .filter(({ verb }) => verb !== "list" && verb !== "watch");
    expect(polled).toEqual([]);
  });

  it("and is suspended begins no run", async () => {
    await apply({ spec: { suspend: true } });
    await controller().pass(24 * 60 * MINUTE);
    expect(runs()).toEqual([]);
    expect(status().conditions?.map(({ reason }) => reason)).toEqual(["Suspended", "Suspended"]);
  });

  it("runs again for a new generation, and the ProbeRun of the old one is deleted", async () => {
    await apply();
    await probe();
    const [first] = runs();
    await apply({ spec: { probing: { interval: "2s" } } });
    await probe();
    expect(status()).toMatchObject({ verdict: "Passed", observedGeneration: 2, run: { generation: 2 } });
    expect(runs().map(({ spec }) => spec.run.id)).toEqual([status().run?.id]);
    expect(status().history?.map(({ id }) => id)).toEqual([status().run?.id, first?.spec.run.id]);
  });

  it("runs again at once for a request, and answers with its token when that run has ended", async () => {
    await apply();
    await probe();
    await apply({ metadata: { annotations: { "netverdict.dev/run-requested": "now" } } });
    expect(status()).not.toHaveProperty("lastHandledRequest");
    expect(status().conditions?.some(({ type }) => type === "Reconciling")).toBe(true);
    await probe();
    expect(status()).toMatchObject({ lastHandledRequest: "now", run: { trigger: "Request" } });
  });

  it("is reconciled again when its status was changed by another client, and gets it back", async () => {
    await apply();
    await probe();
    const [stored] = memory().at(TEST);
    memory().put(TEST, { ...stored, status: { ...status(), verdict: "Failed" } });
    await controller().settle();
    expect(status().verdict).toBe("Passed");
  });
});

describe("when a test is looked at again without a change", () => {
  it("is when its schedule is due, and not before", async () => {
    await apply({ spec: { schedule: { every: "10m" } } });
    await probe();
    const [first] = runs();
    await controller().pass(Date.parse(status().nextRunAt ?? "") - Date.now() - 1_000);
    expect(runs().map(({ spec }) => spec.run.id)).toEqual([first?.spec.run.id]);
    await controller().pass(2_000);
    expect(runs()).toHaveLength(2);
    await probe(".....");
    expect(status()).toMatchObject({ verdict: "Inconclusive", run: { trigger: "Schedule" } });
  });

  it("is when a probe pod should have started long ago: then it did not run", async () => {
    await apply({ spec: { maxAttempts: 1 } });
    await controller().pass(5 * MINUTE);
    expect(status()).toMatchObject({ verdict: "Inconclusive", expectations: [{ reason: "ProbeNotRun" }] });
    expect(probePods()).toEqual([]);
  });

  it("is when pods that were kept for a look have been there for an hour", async () => {
    await apply({ spec: { keepProbePods: "OnFailure" } });
    const names = await probe("RRRRR");
    expect(status().verdict).not.toBe("Passed");
    expect(probePods().map(({ metadata }) => metadata.name)).toEqual(names);
    await controller().pass(59 * MINUTE);
    expect(probePods()).toHaveLength(1);
    await controller().pass(2 * MINUTE);
    expect(probePods()).toEqual([]);
  });

  it("is half a minute after the API server refused the ProbeRun", async () => {
    memory().before = ({ verb, path }) => {
      if (verb === "create" && path === RUNS) throw rejection(403, "Forbidden", "exceeded quota: runs");
    };
    await apply();
    expect(status()).toMatchObject({
      verdict: "Pending",
      message: "the run could not start: exceeded quota: runs",
    });
    memory().before = () => {};
    await controller().pass(29_000);
    expect(runs()).toEqual([]);
    await controller().pass(2_000);
    expect(runs()).toHaveLength(1);
  });

  it("is five minutes after its spec came to too many paths, since its workloads may have become fewer", async () => {
    const pods = Array.from({ length: 300 }, (_, index) => `${PODS}/extra-${index}`);
    for (const path of pods) memory().put(path, pod(path.split("/").at(-1) ?? "", { labels: { app: "ui" } }));
    await apply();
    expect(status().conditions?.[0]?.reason).toBe("TooManyPaths");
    for (const path of pods) memory().remove(path);
    await controller().pass(5 * MINUTE + 1_000);
    expect(runs()).toHaveLength(1);
  });
});

describe("a step that the API server fails", () => {
  it("is taken again with growing delays, and nothing is done twice", async () => {
    let failures = 0;
    memory().before = ({ verb, path }) => {
      if (verb !== "create" || path !== PODS || (failures += 1) > 3) return;
      throw rejection(500, "InternalError");
    };
    await apply();
    expect(probePods()).toEqual([]);
    await controller().pass(10_000);
    expect(probePods()).toHaveLength(1);
    expect(runs()).toHaveLength(1);
    expect(controller().errors.splice(0)).toHaveLength(3);
  });

  it("is no error where another writer was faster: the watch brings the newer object", async () => {
    memory().before = ({ verb, path }) => {
      if (verb !== "update" || path !== `${TEST}/status`) return;
      memory().before = () => {};
      const [stored] = memory().at(TEST);
      memory().put(TEST, {
        ...stored,
        metadata: { ...stored?.metadata, name: "net", labels: { changed: "yes" } },
      });
    };
    await apply();
    expect(status().verdict).toBe("Pending");
    await probe();
    expect(status().verdict).toBe("Passed");
  });
});

describe("a test that was deleted", () => {
  it("loses its runs and pods by owner references, and is not reconciled any more", async () => {
    await apply();
    memory().remove(TEST);
    await controller().settle();
    expect([...runs(), ...probePods()]).toEqual([]);
    const written = writes().length;
    await controller().pass(5 * MINUTE);
    expect(writes()).toHaveLength(written);
  });

  it("is left alone as soon as it is on its way out", async () => {
    await apply({ metadata: { deletionTimestamp: BEGAN } });
    expect(writes()).toEqual([]);
  });
});

describe("a test that asks for runs after changes", () => {
  const POLICY = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/deny";

  it("runs again when a policy in the namespace of its source changes, once for each change", async () => {
    await apply({ spec: { rerunOn: ["PolicyChange"] } });
    await probe();
    memory().put(POLICY, { spec: { podSelector: {}, policyTypes: ["Egress"] } });
    await controller().settle();
    await probe(".....");
    expect(status().run?.trigger).toBe("PolicyChange");
    const id = status().run?.id;
    await controller().pass(60 * MINUTE);
    expect(status().run?.id).toBe(id);
  });

  it("does not where it does not ask for that", async () => {
    await apply();
    await probe();
    const id = status().run?.id;
    memory().put(POLICY, { spec: { podSelector: {}, policyTypes: ["Egress"] } });
    await controller().pass(60 * MINUTE);
    expect(status().run?.id).toBe(id);
  });
});
