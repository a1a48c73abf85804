import { expect, it, vi } from "vitest";
import { z } from "zod";
import { silentLog } from "../testing/silentLog.ts";
import type { Api } from "./api.ts";
import { errorFromAnswer } from "./apiError.ts";
import { type ObjectEvent, recordEvent } from "./eventRecorder.ts";

const log = silentLog();

const event: ObjectEvent = {
  regarding: {
    apiVersion: "netverdict.dev/v1alpha1",
    kind: "ConnectivityTest",
    namespace: "shop",
    name: "web",
    uid: "u",
  },
  type: "Warning",
  reason: "Failed",
  note: "orders-never-touch-mysql: expected Denied, was Allowed",
  action: "Judge",
  now: new Date("2026-11-21T10:00:00.123Z"),
};

const nameOf = (body: unknown) =>
  z.object({ metadata: z.object({ name: z.string() }) }).parse(body).metadata.name;

const bodyOf = async (changes: Partial<ObjectEvent> = {}) => {
  const create = vi.fn<Api["create"]>().mockResolvedValue({});
  await recordEvent({ create }, { ...event, ...changes }, log);
  return create.mock.calls[0] ?? [];
};

it("writes the event beside the object, with a time of six digits", async () => {
  const [path, body] = await bodyOf();
  expect(path).toBe("/apis/events.k8s.io/v1/namespaces/shop/events");
  expect(body).toMatchObject({
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { namespace: "shop" },
    eventTime: "2026-11-21T10:00:00.123000Z",
    regarding: event.regarding,
    type: "Warning",
    reason: "Failed",
    note: event.note,
    action: "Judge",
    reportingController: "netverdict.dev/operator",
  });
  expect(nameOf(body)).toMatch(/^web\.[0-9a-f]{16}$/);
});

it("writes the annotations that it is given", async () => {
  const annotations = { "netverdict.dev/run-id": "k3f9q" };
  const [, body] = await bodyOf({ annotations });
  expect(body).toMatchObject({ metadata: { annotations } });
});

it("cuts what is longer than the API server takes", async () => {
  const [, body] = await bodyOf({
    note: "n".repeat(2_000),
    regarding: { ...event.regarding, name: "x".repeat(253) },
  });
  expect(body).toMatchObject({ note: "n".repeat(1_024) });
  expect(nameOf(body)).toMatch(/^x{200}\.[0-9a-f]{16}$/);
});

it("gives the same event the same name, and another one another", async () => {
  const [, first] = await bodyOf();
  const [, again] = await bodyOf();
  const [, other] = await bodyOf({ note: "something else" });
  expect(again).toEqual(first);
  expect(nameOf(other)).not.toBe(nameOf(first));
});

it("logs a failure and does not throw it", async () => {
  const create = vi.fn<Api["create"]>().mockRejectedValue(errorFromAnswer(403, "", ""));
  await recordEvent({ create }, event, log);
  expect(log.warn).toHaveBeenCalledWith(
    "an event could not be written",
    expect.objectContaining({ object: "web", code: 403 }),
  );
});
