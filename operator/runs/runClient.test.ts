import { describe, expect, it } from "vitest";
import { API_VERSION, ENDED_AT } from "../../crds/group.ts";
import type { ProbeRun, ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import { createMemoryApi, type Request } from "../testing/memoryApi.ts";
import { later, PROBE_POD_FIELDS, probePod, probeRun } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { rejection } from "../testing/rejection.ts";
import { createProbePod, deleteAll, endAll, withRejections } from "./runClient.ts";

const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
const PODS = "/api/v1/namespaces/shop/pods";

/** An API server that answers requests of this kind with an error. */
function failing(verb: Request["verb"], error: Error) {
  const memory = createMemoryApi();
  memory.before = (request) => {
    if (request.verb === verb) throw error;
  };
  return memory;
}

describe("creating a probe pod", () => {
  const run = plannedRun({ "probe-a": 2, "probe-b": 1 });
  const [, planned] = run.spec.pods;
  if (planned === undefined) throw new Error("the plan has two pods");
  const checks = run.spec.paths.slice(2).map(({ check }) => check);
  const settings = { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 120_400 } as const;
  const create = ({ api } = createMemoryApi()) => createProbePod(api, { run, planned, checks, settings });

  it("gives it its checks, and time to start and for all rounds, in whole seconds", async () => {
    const memory = createMemoryApi();
    await expect(create(memory)).resolves.toBeUndefined();
    const value = JSON.stringify({ checks, probing: run.spec.probing });
    expect(memory.requests).toMatchObject([{ verb: "create", path: PODS }]);
    const [created] = memory.at(PODS);
    expect(created).toMatchObject({
      metadata: { name: "probe-b" },
      spec: {
        activeDeadlineSeconds: 183,
        containers: [{ image: "netverdict:1", imagePullPolicy: "IfNotPresent", env: [{ value }, {}, {}] }],
      },
    });
  });

  describe("whose name is taken", () => {
    const there = (pod: object) => {
      const memory = createMemoryApi();
      memory.put(`${PODS}/probe-b`, pod);
      return memory;
    };
    const owned = (by: ProbeRun, { metadata = {}, spec = {} }: { metadata?: object; spec?: object } = {}) => {
      const { name, uid } = by.metadata;
      const ownerReferences = [{ apiVersion: API_VERSION, kind: "ProbeRun", name, uid, controller: true }];
      return {
        metadata: { name: "probe-b", ownerReferences, ...metadata },
        spec: { ...PROBE_POD_FIELDS, ...spec },
      };
    };
    const another = probeRun({ id: "another" });

    it("by its own run is done", async () => {
      const memory = there(owned(run));
      await expect(create(memory)).resolves.toBeUndefined();
      expect(memory.requests.filter(({ verb }) => verb !== "create")).toEqual([
        { verb: "get", path: `${PODS}/probe-b` },
      ]);
    });

    it.each([
      ["a pod of nobody", { metadata: { name: "probe-b" } }],
      ["a pod of another run", owned(another)],
      [
        "a pod of a user that names its run as the owner",
        owned(run, { spec: { containers: [{ name: "server" }] } }),
      ],
    ])("by %s can never be created, since a user must delete that one", async (_, pod) => {
      await expect(create(there(pod))).resolves.toEqual({
        name: "probe-b",
        message: "another pod probe-b exists, which this run does not own. Delete it",
        final: true,
      });
    });

    it.each([
      ["is going", there(owned(another, { metadata: { deletionTimestamp: "2026-11-21T12:00:00Z" } }))],
      ["is gone by now", failing("create", rejection(409, "AlreadyExists"))],
    ])("by one that %s is asked for again", async (_, memory) => {
      await expect(create(memory)).resolves.toMatchObject({ name: "probe-b", final: false });
    });

    it("by an unknown owner is an error", async () => {
      const unavailable = rejection(503, "ServiceUnavailable");
      const memory = failing("get", unavailable);
      memory.put(`${PODS}/probe-b`, owned(run));
      await expect(create(memory)).rejects.toBe(unavailable);
    });
  });

  it.each([
    [400, "BadRequest", true],
    [403, "Forbidden", false],
    [404, "NotFound", false],
    [422, "Invalid", true],
  ])("that the API server refuses with %s %s is an answer (final: %s)", async (code, reason, final) => {
    const memory = failing("create", rejection(code, reason, "exceeded quota"));
    await expect(create(memory)).resolves.toEqual({
      name: "probe-b",
      message: "exceeded quota",
      final,
    });
  });

  it("without the PriorityClass says how to get it back", async () => {
    const words = 'pods "probe-b" is forbidden: no PriorityClass with name netverdict-probe was found';
    await expect(create(failing("create", rejection(403, "Forbidden", words)))).resolves.toEqual({
      name: "probe-b",
      message: `${words}. Apply the manifests of netverdict again: they contain this PriorityClass`,
      final: false,
    });
  });

  it.each([
    rejection(401, "Unauthorized"),
    rejection(409, "Conflict"),
    rejection(500, "InternalError"),
    new Error("no way"),
  ])("that fails otherwise (%s) is an error", async (error) => {
    await expect(create(failing("create", error))).rejects.toBe(error);
  });
});

describe("refusals in a run's status", () => {
  const status: ProbeRunStatus = {
    phase: "Pending",
    pods: [
      { name: "probe-a", phase: "Pending" },
      { name: "probe-b", phase: "Pending" },
    ],
    results: [],
  };

  it("none leave it as it is", () => {
    expect(withRejections(status, [])).toBe(status);
  });

  it("a final one ends its pod, another is only reported", () => {
    const rejections = [
      { name: "probe-a", message: "exceeded quota", final: false },
      { name: "probe-b", message: "invalid", final: true },
    ];
    expect(withRejections(status, rejections)).toEqual({
      ...status,
      pods: [
        { name: "probe-a", phase: "Pending", message: "exceeded quota", refused: true },
        { name: "probe-b", phase: "NotRun", message: "invalid", refused: true },
      ],
    });
  });

  it("are one line of plain text, independent of who wrote the words", () => {
    const message = "denied:\n\u001B[31mno\u001B[0m\u202E";
    const [pod] = withRejections(status, [{ name: "probe-a", message, final: true }]).pods;
    expect(pod?.message).toBe("denied: [31mno [0m");
  });

  it("have 512 letters at most", () => {
    const [pod] = withRejections(status, [{ name: "probe-a", message: "x".repeat(1_024), final: true }]).pods;
    expect(pod?.message).toHaveLength(512);
  });
});

describe("sweeping", () => {
  const run = probeRun();
  const pod = probePod("probe-a", run);
  const unneeded = { runs: [run], pods: [pod] };
  const paths = [`${PODS}/probe-a`, `${RUNS}/net-abc`] as const;

  /** A cluster with the run and its pod, or with others of their names. */
  function cluster(uid?: string) {
    const memory = createMemoryApi();
    for (const [index, object] of [pod, run].entries()) {
      const metadata = { ...object.metadata, ...(uid !== undefined && { uid }) };
      memory.put(paths[index] ?? "", { ...object, metadata });
    }
    return memory;
  }

  it("deletes each object by its UID", async () => {
    const memory = cluster();
    await deleteAll(memory.api, unneeded);
    expect(memory.requests).toEqual([
      { verb: "delete", path: paths[0], body: { uid: "uid-probe-a" } },
      { verb: "delete", path: paths[1], body: { uid: "uid-net-abc" } },
    ]);
    expect(paths.flatMap((path) => memory.at(path))).toEqual([]);
  });

  it("does not delete an object of the same name that was created since", async () => {
    const memory = cluster("uid-another");
    await expect(deleteAll(memory.api, unneeded)).resolves.toBeUndefined();
    expect(paths.flatMap((path) => memory.at(path))).toHaveLength(2);
  });

  it("ignores an object that does not exist any more", async () => {
    await expect(deleteAll(createMemoryApi().api, unneeded)).resolves.toBeUndefined();
  });

  it("minds everything else", async () => {
    const error = rejection(403, "Forbidden");
    await expect(deleteAll(failing("delete", error).api, unneeded)).rejects.toBe(error);
  });
});

describe("ending pods that go on until then", () => {
  const run = plannedRun({ "probe-a": 1 });
  const raw = (spec: object = {}) => ({ metadata: { name: "probe-a", uid: "uid-probe-a" }, spec });
  const running = [probePod("probe-a", run)];

  it("lets their deadline pass, records when, and changes nothing else", async () => {
    const memory = createMemoryApi();
    memory.put(`${PODS}/probe-a`, raw({ activeDeadlineSeconds: 90, restartPolicy: "Never" }));
    await expect(endAll(memory.api, running, later(9_000))).resolves.toEqual([]);
    expect(memory.at(PODS)).toMatchObject([
      {
        metadata: { annotations: { [ENDED_AT]: later(9_000).toISOString() } },
        spec: { activeDeadlineSeconds: 1, restartPolicy: "Never" },
      },
    ]);
  });

  it.each([
    ["is gone", {}],
    [
      "was replaced by another one of its name",
      { "probe-a": { metadata: { name: "probe-a", uid: "another" } } },
    ],
  ])("ignores a pod that %s", async (_, objects) => {
    const memory = createMemoryApi();
    for (const [name, object] of Object.entries(objects)) memory.put(`${PODS}/${name}`, object);
    await expect(endAll(memory.api, running, later(0))).resolves.toEqual([]);
  });

  it("gives up a pod that the operator may not change, with the API server's message", async () => {
    const { api } = failing("patch", rejection(403, "Forbidden", "cannot patch resource pods"));
    await expect(endAll(api, running, later(0))).resolves.toEqual([
      { name: "probe-a", message: "it could not be ended: cannot patch resource pods", final: true },
    ]);
  });

  it("throws any other error, to be tried again", async () => {
    const error = rejection(500, "InternalError");
    await expect(endAll(failing("patch", error).api, running, later(0))).rejects.toBe(error);
  });
});
