import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { event, type FakeServer, json, list, startFakeServer, status, watch } from "../testing/fakeServer.ts";
import { type Api, createApi, linesOf } from "./api.ts";
import { ApiError, isAlreadyExists, isConflict, isNotFound } from "./apiError.ts";
import { podsPath } from "./resourcePaths.ts";
import type { RequestObservation } from "./restClient.ts";

let server: FakeServer;
let api: Api;
let observed: RequestObservation[];

beforeEach(async () => {
  server = await startFakeServer();
  observed = [];
  api = createApi({ kubeConfig: server.kubeConfig, observe: (request) => void observed.push(request) });
});
afterEach(async () => {
  await api.close();
  await server.close();
});

const path = podsPath("shop", "ui");
const failure = (request: Promise<unknown>) =>
  request.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a read", () => {
  it("returns what the server sent, fields that no client knows included, with the user's credentials", async () => {
    server.answer(json({ spec: { brandNewField: { deep: 1 } } }));
    expect(await api.get(path)).toEqual({ spec: { brandNewField: { deep: 1 } } });
    expect(server.requests[0]).toMatchObject({
      method: "GET",
      path,
      headers: { authorization: "Bearer secret-token" },
    });
  });

  it.each([429, 500, 503])("comes back where the server asks for it with %i", async (code) => {
    server.answer(status({ code, retryAfter: "0" }), json({ kind: "Pod" }));
    expect(await api.get(path)).toEqual({ kind: "Pod" });
  });

  it("gives up after four attempts", async () => {
    server.answer(...Array.from({ length: 9 }, () => status({ code: 429, retryAfter: "0" })));
    expect(await failure(api.get(path))).toMatchObject({ code: 429 });
    expect(server.requests).toHaveLength(4);
  });

  it("does not repeat a refusal that does not ask for it", async () => {
    server.answer(status({ code: 500 }), json({}));
    expect(await failure(api.get(path))).toMatchObject({ code: 500 });
  });

  it("fails in time when no answer comes, and says so", async () => {
    server.answer(() => {});
    expect(await failure(api.get(path, { timeout: 50 }))).toMatchObject({
      message: "no response within 50 ms",
    });
  });

  it("fails in time when an answer stalls half way", async () => {
    server.answer((response) => response.write('{"half":'));
    expect(await failure(api.get(path, { timeout: 50 }))).toMatchObject({
      message: "no response within 50 ms",
    });
  });

  it("ends when the caller aborts, also while it waits to come back", async () => {
    const caller = new AbortController();
    server.answer((response, seen) => {
      status({ code: 429, retryAfter: "10" })(response, seen);
      setImmediate(() => caller.abort());
    });
    expect(await failure(api.get(path, { signal: caller.signal }))).toMatchObject({ name: "AbortError" });
  });
});

describe("a write", () => {
  it("creates with JSON and a field manager", async () => {
    server.answer(json({ metadata: { uid: "u" } }, 201));
    expect(await api.create(podsPath("shop"), { kind: "Pod" })).toEqual({ metadata: { uid: "u" } });
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      query: { fieldManager: "netverdict" },
      headers: { "content-type": "application/json" },
      body: { kind: "Pod" },
    });
  });

  it("replaces", async () => {
    server.answer(json({}));
    await api.update(path, { metadata: { resourceVersion: "3" } });
    expect(server.requests[0]).toMatchObject({ method: "PUT", body: { metadata: { resourceVersion: "3" } } });
  });

  it("changes single fields by a merge patch", async () => {
    server.answer(json({}));
    await api.patch(path, { spec: { activeDeadlineSeconds: 1 } });
    expect(server.requests[0]).toMatchObject({
      method: "PATCH",
      query: { fieldManager: "netverdict" },
      headers: { "content-type": "application/merge-patch+json" },
      body: { spec: { activeDeadlineSeconds: 1 } },
    });
  });

  it("applies on the server, for a field manager of the caller's, and rejects unknown fields", async () => {
    server.answer(json({}));
    await api.apply(path, { kind: "Pod" }, "someone");
    expect(server.requests[0]).toMatchObject({
      method: "PATCH",
      query: { fieldManager: "someone", fieldValidation: "Strict" },
      headers: { "content-type": "application/apply-patch+yaml" },
      body: { kind: "Pod" },
    });
  });

  it("deletes the object with the UID and no other", async () => {
    server.answer(json({}));
    await api.delete(path, { uid: "u", gracePeriodSeconds: 0 });
    expect(server.requests[0]).toMatchObject({
      method: "DELETE",
      body: { preconditions: { uid: "u" }, gracePeriodSeconds: 0 },
    });
  });

  it("is repeated only if the server has not looked at it", async () => {
    server.answer(status({ code: 429, retryAfter: "0" }), status({ code: 503, retryAfter: "0" }), json({}));
    expect(await failure(api.create(path, {}))).toMatchObject({ code: 503 });
    expect(server.requests).toHaveLength(2);
  });
});

describe("a refusal", () => {
  it.each([
    [404, "NotFound", isNotFound],
    [409, "AlreadyExists", isAlreadyExists],
    [409, "Conflict", isConflict],
    [403, "Forbidden", undefined],
  ])("%i %s is distinguished from the others", async (code, reason, predicate) => {
    server.answer(status({ code, reason, message: "the server's words" }));
    const error = await failure(api.get(path));
    const holding = [isNotFound, isAlreadyExists, isConflict].filter((is) => is(error));
    expect(holding).toEqual(predicate ? [predicate] : []);
    expect(error).toMatchObject({ code, message: "the server's words", reason });
  });

  it("that is no Status leaves its page out of the message", async () => {
    server.answer((response) => void response.writeHead(502).end("<html>secret gateway page</html>"));
    expect(await failure(api.get(path))).toMatchObject({ code: 502, message: "HTTP 502", reason: "" });
  });

  it("whose body breaks is known by its code", async () => {
    server.answer((response) => {
      response.writeHead(503, { "content-length": "100" }).write("{");
      setImmediate(() => response.socket?.end());
    });
    expect(await failure(api.get(path))).toMatchObject({ code: 503, message: "HTTP 503" });
  });

  it("has a message of at most 1024 characters", async () => {
    server.answer(status({ code: 422, message: "x".repeat(5_000) }));
    expect(await failure(api.get(path))).toMatchObject({ message: "x".repeat(1_024) });
  });
});

it("observes each attempt with a bounded set of labels", async () => {
  server.answer(status({ code: 429, retryAfter: "0" }), json({}), (response) =>
    response.socket?.resetAndDestroy(),
  );
  await api.get(path);
  await failure(api.create(podsPath("shop"), {}));
  expect(observed.map(({ verb, resource, code }) => [verb, resource, code])).toEqual([
    ["get", "pods", 429],
    ["get", "pods", 200],
    ["create", "pods", 0],
  ]);
});

it("reuses its connections, and has at most 32 of them", async () => {
  server.answer(...Array.from({ length: 300 }, () => json({})));
  for (let index = 0; index < 100; index += 1) await api.get(path);
  expect(server.connections).toBeLessThanOrEqual(2);
  await Promise.all(Array.from({ length: 200 }, () => api.get(path)));
  expect(server.connections).toBeLessThanOrEqual(32);
});

it.each([
  [true, "application/json;as=PartialObjectMetadata"],
  [false, "application/json"],
])(
  "requests the metadata alone, of a list and of a watch, only if it is to (%s)",
  async (metadataOnly, accept) => {
    server.answer(list([]), watch([]));
    await Array.fromAsync(api.pages(podsPath(), {}, { metadataOnly }));
    await api.watch(podsPath(), {}, { signal: new AbortController().signal, onEvent() {}, metadataOnly });
    const version = metadataOnly ? ";g=meta.k8s.io;v=v1" : "";
    expect(server.requests.map(({ headers }) => headers["accept"])).toEqual([
      `${accept}${metadataOnly ? "List" : ""}${version}`,
      `${accept}${version}`,
    ]);
  },
);

describe("a watch", () => {
  const watchAll = async (inactivity?: number) => {
    const events: unknown[] = [];
    const onEvent = (each: unknown) => void events.push(each);
    const error = await failure(
      api.watch(podsPath(), {}, { signal: new AbortController().signal, onEvent, inactivity }),
    );
    return { events, error };
  };

  it("hears each line, wherever the chunks are cut, even within a character", async () => {
    const bytes = Buffer.from(event("ADDED", { name: "blå—🦊" }) + event("DELETED", { name: "ü" }));
    server.answer(watch([...bytes].map((byte) => Uint8Array.of(byte))));
    expect(await watchAll()).toEqual({
      events: [
        { type: "ADDED", object: { name: "blå—🦊" } },
        { type: "DELETED", object: { name: "ü" } },
      ],
      error: undefined,
    });
  });

  it("hears many lines in one chunk", async () => {
    server.answer(watch([event("ADDED", 1).repeat(1_000)]));
    expect((await watchAll()).events).toHaveLength(1_000);
  });

  it("rejects when it is cut in the middle of a line, after the events before", async () => {
    server.answer(watch([event("ADDED", 1), '{"type":"MODI'], "cut"));
    const { events, error } = await watchAll();
    expect(events).toEqual([{ type: "ADDED", object: 1 }]);
    expect(error).toBeInstanceOf(Error);
  });

  it("rejects with what an ERROR event says", async () => {
    server.answer(watch([event("ERROR", { code: 410, reason: "Expired", message: "too old" })]));
    const { error } = await watchAll();
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 410 });
  });

  it("rejects when no byte comes for too long", async () => {
    server.answer(watch([event("ADDED", 1)], "open"));
    expect(await watchAll(100)).toMatchObject({
      events: [{ object: 1 }],
      error: { code: "UND_ERR_BODY_TIMEOUT" },
    });
  });

  it("hears nothing any more once it was aborted, though the bytes are there", async () => {
    const stop = new AbortController();
    const events: unknown[] = [];
    server.answer(watch([event("ADDED", 1) + event("ADDED", 2)], "open"));
    const onEvent = (each: unknown) => {
      events.push(each);
      stop.abort();
    };
    expect(await failure(api.watch(podsPath(), {}, { signal: stop.signal, onEvent }))).toMatchObject({
      name: "AbortError",
    });
    expect(events).toHaveLength(1);
  });
});

async function* cut(bytes: Uint8Array, sizes: readonly number[]) {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

it("the lines of a stream are given back, however the bytes are cut", async () => {
  const line = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\n"));
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(line), sizes, async (lines, cuts) => {
      const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(""));
      expect(await Array.fromAsync(linesOf(cut(bytes, cuts)))).toEqual(lines);
    }),
  );
});

it("a line of a stream that was cut off is an error, after the lines before", async () => {
  const lines: string[] = [];
  const read = async () => {
    for await (const line of linesOf(cut(new TextEncoder().encode("whole\nhal"), [4]))) lines.push(line);
  };
  await expect(read()).rejects.toThrow("the watch ended within a line");
  expect(lines).toEqual(["whole"]);
});
