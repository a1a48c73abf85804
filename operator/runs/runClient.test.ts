import { describe, expect, it, vi } from "vitest";
import type { ProbeRun, ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import type { Api } from "../runtime/api.ts";
import { fakeApi, rejection } from "../testing/fakeApi.ts";
import { probePod, probeRun } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { createProbePod, deleteAll, withRejections } from "./runClient.ts";

const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
const alreadyExists = rejection(409, "AlreadyExists");
const failing = (refused: Error) => () => Promise.reject(refused);

describe("creating a probe pod", () => {
  const run = plannedRun({ "probe-a": 2, "probe-b": 1 });
  const [, planned] = run.spec.pods;
  if (planned === undefined) throw new Error("the plan has two pods");
  const checks = run.spec.paths.slice(2).map(({ check }) => check);
  const settings = { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 120_400 } as const;
  const create = (answer: Api["create"]) =>
    createProbePod(fakeApi({ create: answer }), { run, planned, checks, settings });

  it("gives it its checks, and time to start and for all rounds, in whole seconds", async () => {
    const answer = vi.fn<Api["create"]>().mockResolvedValue({});
    await expect(create(answer)).resolves.toBeUndefined();
    const value = JSON.stringify({ checks, probing: run.spec.probing });
    const [path, body] = answer.mock.calls[0] ?? [];
    expect(path).toBe("/api/v1/namespaces/shop/pods");
    expect(body).toMatchObject({
      metadata: { name: "probe-b" },
      spec: {
        activeDeadlineSeconds: 183,
        containers: [{ image: "netverdict:1", imagePullPolicy: "IfNotPresent", env: [{ value }, {}, {}] }],
      },
    });
  });

  describe("whose name is taken", () => {
    const find = (get: Api["get"]) =>
      createProbePod(fakeApi({ create: failing(alreadyExists), get }), { run, planned, checks, settings });
    const owned = (by: ProbeRun, metadata: object = {}) => {
      const { metadata: owner } = by;
      const ownerReferences = [
        { apiVersion: "v1", kind: "ProbeRun", name: owner.name, uid: owner.uid, controller: true },
      ];
      return { metadata: { name: "probe-b", ownerReferences, ...metadata } };
    };
    const another = probeRun({ id: "another" });

    it("by its own run is done", async () => {
      const get = vi.fn<Api["get"]>().mockResolvedValue(owned(run));
      await expect(find(get)).resolves.toBeUndefined();
      expect(get).toHaveBeenCalledExactlyOnceWith("/api/v1/namespaces/shop/pods/probe-b");
    });

    it.each([
      ["a pod of nobody", { metadata: { name: "probe-b" } }],
      ["a pod of another run", owned(another)],
    ])("by %s can never be, since somebody has to delete that one", async (_, pod) => {
      await expect(find(() => Promise.resolve(pod))).resolves.toEqual({
        name: "probe-b",
        message: "another pod probe-b exists, which this run does not own. Delete it",
        final: true,
      });
    });

    it.each([
      ["is going", () => Promise.resolve(owned(another, { deletionTimestamp: "2026-11-21T12:00:00Z" }))],
      ["is gone by now", failing(rejection(404, "NotFound"))],
    ])("by one that %s is asked for again", async (_, get) => {
      await expect(find(get)).resolves.toMatchObject({ name: "probe-b", final: false });
    });

    it("by nobody knows whom is an error", async () => {
      const unavailable = rejection(503, "ServiceUnavailable");
      await expect(find(failing(unavailable))).rejects.toBe(unavailable);
    });
  });

  it.each([
    [400, "BadRequest", true],
    [403, "Forbidden", false],
    [404, "NotFound", false],
    [422, "Invalid", true],
  ])("that the API server refuses with %s %s is an answer (final: %s)", async (code, reason, final) => {
    await expect(create(failing(rejection(code, reason, "exceeded quota")))).resolves.toEqual({
      name: "probe-b",
      message: "exceeded quota",
      final,
    });
  });

  it("without the PriorityClass says how to get it back", async () => {
    const words = 'pods "probe-b" is forbidden: no PriorityClass with name netverdict-probe was found';
    await expect(create(failing(rejection(403, "Forbidden", words)))).resolves.toEqual({
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
    await expect(create(failing(error))).rejects.toBe(error);
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

  it("a final one ends its pod, another is only told", () => {
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

  it("are one line of plain text, whoever wrote the words", () => {
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
  const unneeded = { runs: [run], pods: [probePod("probe-a", run)] };

  it("deletes each object by its UID, so that one of the same name made since is spared", async () => {
    const remove = vi.fn<Api["delete"]>().mockResolvedValue();
    await deleteAll(fakeApi({ delete: remove }), unneeded);
    expect(remove.mock.calls).toEqual([
      ["/api/v1/namespaces/shop/pods/probe-a", { uid: "uid-probe-a" }],
      [`${RUNS}/net-abc`, { uid: "uid-net-abc" }],
    ]);
  });

  it.each([rejection(404, "NotFound"), rejection(409, "Conflict")])(
    "minds neither what is gone nor what is another (%s)",
    async (error) => {
      await expect(deleteAll(fakeApi({ delete: failing(error) }), unneeded)).resolves.toBeUndefined();
    },
  );

  it("minds everything else", async () => {
    const error = rejection(403, "Forbidden");
    await expect(deleteAll(fakeApi({ delete: failing(error) }), unneeded)).rejects.toBe(error);
  });
});
