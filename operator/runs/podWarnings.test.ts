import { describe, expect, it } from "vitest";
import type { ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import type { Api } from "../runtime/api.ts";
import { fakeApi, rejection } from "../testing/fakeApi.ts";
import { probePod, probeRun } from "../testing/objects.ts";
import { withWarnings } from "./podWarnings.ts";

const run = probeRun();
const pod = probePod("probe-ui", run);
const status: ProbeRunStatus = {
  phase: "Running",
  pods: [
    { name: "probe-ui", phase: "NotRun", message: "not started within 1m: ContainerCreating" },
    { name: "probe-db", phase: "Finished" },
  ],
  results: [],
};

const event = (note: string, times: object) => ({
  metadata: { creationTimestamp: "2026-11-21T12:00:00Z" },
  reason: "FailedCreatePodSandBox",
  note,
  ...times,
});
/** What the message of the pod is where the API server has these events of it. */
async function messageWith(...events: readonly object[]) {
  const list: Api["list"] = (_, parse) => Promise.resolve(events.map((one) => parse(one)));
  const { pods } = await withWarnings(fakeApi({ list }), { status, unexplained: [pod] });
  return pods[0]?.message;
}

describe("a pod that has not started in time, and whose status does not say why", () => {
  it("has the newest warning about it, however the time of an event is written", async () => {
    const message = await messageWith(
      event("no addresses left", { deprecatedLastTimestamp: "2026-11-21T12:00:30Z" }),
      event("no such handler", { series: { lastObservedTime: "2026-11-21T12:00:40.000000Z" } }),
      event("a volume is missing", { eventTime: "2026-11-21T12:00:20.500000Z" }),
      event("the oldest", { eventTime: null, deprecatedLastTimestamp: null, series: null }),
    );
    expect(message).toBe("not started within 1m: ContainerCreating: FailedCreatePodSandBox: no such handler");
  });

  it("keeps the begin and the end of a long warning, which have the operation and its cause", async () => {
    const message = await messageWith(
      event(`Failed to create pod sandbox: ${"x".repeat(2_000)}: no addresses left`, {}),
    );
    expect(message).toMatch(
      /: FailedCreatePodSandBox: Failed to create pod sandbox: x+ … x+: no addresses left$/,
    );
    expect(message?.length).toBeLessThanOrEqual(512);
  });

  it("has the message of its own status if there is no event", async () => {
    await expect(messageWith()).resolves.toBe(status.pods[0]?.message);
  });

  it("has its events listed once, by its UID", async () => {
    const asked: unknown[] = [];
    const list: Api["list"] = (path, _, query) => {
      asked.push([path, query]);
      return Promise.resolve([]);
    };
    await withWarnings(fakeApi({ list }), { status, unexplained: [pod] });
    expect(asked).toEqual([
      [
        "/apis/events.k8s.io/v1/namespaces/shop/events",
        { fieldSelector: "regarding.uid=uid-probe-ui,type=Warning" },
      ],
    ]);
  });

  it("has no warning where the operator may not list events", async () => {
    const api = fakeApi({ list: () => Promise.reject(rejection(403, "Forbidden")) });
    await expect(withWarnings(api, { status, unexplained: [pod] })).resolves.toEqual(status);
  });

  it("is tried again if the API server fails", async () => {
    const failure = rejection(500, "InternalError");
    const api = fakeApi({ list: () => Promise.reject(failure) });
    await expect(withWarnings(api, { status, unexplained: [pod] })).rejects.toBe(failure);
  });
});

it("no events are listed if no pod lacks an explanation", async () => {
  await expect(withWarnings(fakeApi({}), { status, unexplained: [] })).resolves.toEqual(status);
});
