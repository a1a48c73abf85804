import { describe, expect, it } from "vitest";
import type { ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { probePod, probeRun } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";
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

const EVENTS = "/apis/events.k8s.io/v1/namespaces/shop/events";

const event = (note: string, times: object) => ({
  type: "Warning",
  regarding: { uid: pod.metadata.uid },
  metadata: { creationTimestamp: "2026-11-21T12:00:00Z" },
  reason: "FailedCreatePodSandBox",
  note,
  ...times,
});
/** What the message of the pod is where the API server has these events of it. */
async function messageWith(...events: readonly object[]) {
  const memory = createMemoryApi();
  for (const [index, one] of events.entries()) memory.put(`${EVENTS}/event-${index}`, one);
  const { pods } = await withWarnings(memory.api, { status, unexplained: [pod] });
  return pods[0]?.message;
}

/** An API server that answers every request with an error. */
function failing(error: Error) {
  const memory = createMemoryApi();
  memory.before = () => {
    throw error;
  };
  return memory;
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
    const { api, requests } = createMemoryApi();
    await withWarnings(api, { status, unexplained: [pod] });
    const query = { fieldSelector: "regarding.uid=uid-probe-ui,type=Warning" };
    expect(requests).toEqual([{ verb: "list", path: EVENTS, query }]);
  });

  it("has no warning where the operator may not list events", async () => {
    const { api } = failing(rejection(403, "Forbidden"));
    await expect(withWarnings(api, { status, unexplained: [pod] })).resolves.toEqual(status);
  });

  it("is tried again if the API server fails", async () => {
    const failure = rejection(500, "InternalError");
    const { api } = failing(failure);
    await expect(withWarnings(api, { status, unexplained: [pod] })).rejects.toBe(failure);
  });
});

it("no events are listed if no pod lacks an explanation", async () => {
  const { api, requests } = createMemoryApi();
  await expect(withWarnings(api, { status, unexplained: [] })).resolves.toEqual(status);
  expect(requests).toEqual([]);
});
