import { beforeEach, describe, expect, it } from "vitest";
import { RUN_REQUESTED } from "../../crds/group.ts";
import { flaggerCall, gateClient, testAfter } from "../testing/gateClient.ts";
import { later } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";

const TEST = "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/net";
const REVIEWS = [
  "/apis/authentication.k8s.io/v1/tokenreviews",
  "/apis/authorization.k8s.io/v1/subjectaccessreviews",
];
const { gate, ask } = gateClient();

describe("a gate of Argo Rollouts", () => {
  it("gets every field of a verdict with 200 and JSON that no proxy may keep", async () => {
    gate().put(testAfter("Failed"));
    const { status, body, response } = await ask("/gate/shop/net?maxAge=10m");
    expect(status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      verdict: "Failed",
      reason: "Open",
      message: "a: expected Denied, was Denied (Open)",
      finishedAt: later(20_000).toISOString(),
      generation: 1,
      run: "k3f9q",
    });
  });

  it("gets the result of its token alone, and the token starts a run if the operator does not know it", async () => {
    gate().put(testAfter("Passed", ["old"]));
    expect((await ask("/gate/shop/net?token=old")).body).toMatchObject({ verdict: "Passed" });
    expect((await ask("/gate/shop/net?token=new")).body).toMatchObject({
      verdict: "Pending",
      reason: "InProgress",
      message: "a run was requested with this token. Ask again",
      finishedAt: null,
      run: null,
    });
    expect(gate().test()?.status.pendingRequests).toEqual(["new"]);
    expect(gate().test()?.metadata.annotations).not.toHaveProperty([RUN_REQUESTED]);
  });

  it("gets Pending for a token that waits, and requests nothing again", async () => {
    gate().put(testAfter("Passed"));
    await Promise.all([ask("/gate/shop/net?token=new"), ask("/gate/shop/net?token=new")]);
    await ask("/gate/shop/net?token=new");
    expect(gate().test()?.status.pendingRequests).toEqual(["new"]);
    expect(gate().requests.filter(({ verb }) => verb === "update").length).toBeLessThanOrEqual(2);
  });

  it("gets the run of a second token if the result of the first one is over by maxAge", async () => {
    gate().put(testAfter("Passed", ["v1"]));
    gate().state.now = later(20_000 + 60_000);
    expect((await ask("/gate/shop/net?token=v1&maxAge=1m")).body).toMatchObject({ verdict: "Passed" });
    gate().state.now = later(20_001 + 60_000);
    expect((await ask("/gate/shop/net?token=v1&maxAge=1m")).body).toMatchObject({ verdict: "Pending" });
    expect(gate().test()?.status.pendingRequests).toEqual(["v1~k3f9q"]);
  });

  it("gets Pending while the status has no room for its token, and the run later", async () => {
    const full = testAfter("Passed");
    const waiting = Array.from({ length: 16 }, (_, index) => `t${index}`);
    gate().put({ ...full, status: { ...full.status, pendingRequests: waiting } });
    expect((await ask("/gate/shop/net?token=new")).body).toMatchObject({
      verdict: "Pending",
      reason: "Queued",
    });
    expect(gate().test()?.status.pendingRequests).toEqual(waiting);
    gate().put({ ...full, status: { ...full.status, pendingRequests: waiting.slice(1) } });
    await ask("/gate/shop/net?token=new");
    expect(gate().test()?.status.pendingRequests).toEqual([...waiting.slice(1), "new"]);
  });

  it("adds its token again if the leader has written the status in the meantime", async () => {
    gate().put(testAfter("Passed"));
    let writes = 0;
    gate().memory.before = ({ verb }) => {
      if (verb === "update" && (writes += 1) === 1)
        gate().put({
          ...testAfter("Failed"),
          status: { ...testAfter("Failed").status, pendingRequests: ["other"] },
        });
    };
    await ask("/gate/shop/net?token=new");
    expect(gate().test()?.status).toMatchObject({ verdict: "Failed", pendingRequests: ["other", "new"] });
  });

  it("sends nothing to the API server for a verdict while the reviews count, for 30 s", async () => {
    gate().put(testAfter("Passed", ["v1"]));
    await ask("/gate/shop/net?token=v1");
    expect(gate().requests.map(({ path }) => path)).toEqual(REVIEWS);
    gate().state.monotonic = 29_999;
    for (const query of ["token=v1", "maxAge=10m", "token=v1&maxAge=5m"])
      await ask(`/gate/shop/net?${query}`);
    expect(gate().requests).toHaveLength(2);
    gate().state.monotonic = 30_000;
    await ask("/gate/shop/net?token=v1");
    expect(gate().requests).toHaveLength(4);
  });

  it("sends one read and one write to the API server for a new token", async () => {
    gate().put(testAfter("Passed"));
    await ask("/gate/shop/net?maxAge=10m");
    const before = gate().requests.length;
    await ask("/gate/shop/net?token=new");
    expect(
      gate()
        .requests.slice(before)
        .map(({ verb, path }) => `${verb} ${path}`),
    ).toEqual([
      `create ${REVIEWS[1]}`, // the right to patch the test
      `get ${TEST}`,
      `update ${TEST}/status`,
    ]);
  });
});

describe("a gate of Flagger", () => {
  it("gets 200 for Passed, and 409 with a sentence for everything else", async () => {
    const token = "flagger/web/pre-rollout/85877bd876";
    gate().put(testAfter("Passed"));
    expect(await ask("/gate/flagger", flaggerCall())).toMatchObject({
      status: 409,
      body: "ConnectivityTest shop/net: Pending (InProgress): a run was requested with this token. Ask again.",
    });
    expect(gate().test()?.status.pendingRequests).toEqual([token]);
    gate().put(testAfter("Failed", [token]));
    expect(await ask("/gate/flagger", flaggerCall())).toMatchObject({
      status: 409,
      body: "ConnectivityTest shop/net: Failed (Open): a: expected Denied, was Denied (Open).",
    });
    gate().put(testAfter("Inconclusive", [token]));
    expect(await ask("/gate/flagger", flaggerCall())).toMatchObject({ status: 409 });
    gate().put(testAfter("Passed", [token]));
    expect(await ask("/gate/flagger", flaggerCall())).toMatchObject({
      status: 200,
      body: { verdict: "Passed" },
    });
  });

  it("is not answered by the run of another hook, nor by one that is older than maxAge", async () => {
    gate().put(testAfter("Passed", ["flagger/web/confirm-rollout/85877bd876"]));
    expect(await ask("/gate/flagger", flaggerCall())).toMatchObject({ status: 409 });
    gate().put(testAfter("Passed", ["flagger/web/pre-rollout/85877bd876"]));
    gate().state.now = later(20_000 + 300_001);
    expect(await ask("/gate/flagger", flaggerCall())).toMatchObject({ status: 409 });
  });
});

describe("a gate of Flagger in any phase of the Canary", () => {
  // Flagger sends the phase that the Canary has: that of a confirm-rollout hook changes when it waits.
  it.each(["", "Initialized", "Succeeded", "Failed", "Waiting", "Progressing", "WaitingPromotion"])(
    "gets the result of its hook in phase %j",
    async (phase) => {
      gate().put(testAfter("Passed", ["flagger/web/pre-rollout/85877bd876"]));
      expect(await ask("/gate/flagger", flaggerCall({ phase }))).toMatchObject({ status: 200 });
    },
  );
});

describe("the gate fails closed", () => {
  beforeEach(() => gate().put(testAfter("Passed", ["v1"])));

  it("while the operator is not ready", async () => {
    gate().state.unready = "no replica holds the lease. Try again later";
    expect(await ask("/gate/shop/net?token=v1")).toMatchObject({
      status: 503,
      body: { error: "NotReady", message: "the operator: no replica holds the lease. Try again later." },
    });
    expect((await ask("/gate/flagger", flaggerCall())).status).toBe(503);
  });

  it.each(REVIEWS)("if the API server does not answer %s, and the next request asks again", async (path) => {
    gate().memory.before = (request) => {
      if (request.path === path) throw rejection(500, "InternalError");
    };
    expect(await ask("/gate/shop/net?token=v1")).toMatchObject({ status: 503, body: { error: "NotReady" } });
    expect(gate().log.warn).toHaveBeenCalledOnce();
    gate().memory.before = () => {};
    expect(await ask("/gate/shop/net?token=v1")).toMatchObject({ status: 200 });
  });

  it("if the run cannot be requested", async () => {
    gate().memory.before = ({ verb }) => {
      if (verb === "update") throw rejection(500, "InternalError");
    };
    expect(await ask("/gate/shop/net?token=new")).toMatchObject({
      status: 503,
      body: { message: expect.stringContaining("the run could not be requested") as unknown },
    });
  });

  it("if the test is created again in the meantime", async () => {
    gate().memory.before = ({ verb, path }) => {
      if (verb === "get" && path === TEST) gate().memory.remove(TEST);
    };
    expect(await ask("/gate/shop/net?token=new")).toMatchObject({ status: 404 });
  });

  it("if something unexpected happens, which the log alone explains", async () => {
    gate().memory.put(TEST, { metadata: { uid: "uid-net" }, spec: "odd" });
    expect(await ask("/gate/shop/net?maxAge=1h")).toMatchObject({
      status: 500,
      body: { error: "InternalError", message: "the operator: an unexpected error. See its log." },
    });
    expect(gate().log.error).toHaveBeenCalledOnce();
  });
});
