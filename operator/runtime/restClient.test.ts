import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, type FakeServer, json, startFakeServer, watch } from "../testing/fakeServer.ts";
import { type Api, createApi } from "./api.ts";
import { realClock } from "./clock.ts";
import { createConnection, type Connection } from "./connection.ts";
import { podsPath } from "./resourcePaths.ts";
import { createRestClient, MAX_CALLS } from "./restClient.ts";

/** On a busy machine everything takes its time. */
const PATIENT = { timeout: 30_000 };
const path = podsPath("shop", "ui");
let server: FakeServer;
let api: Api;

beforeEach(async () => {
  server = await startFakeServer();
  api = createApi({ kubeConfig: server.kubeConfig });
});
afterEach(async () => {
  await api.close();
  await server.close();
});

describe("many calls at once", () => {
  it("leave no more than 32 at a time", async () => {
    const held: (() => void)[] = [];
    server.answer(
      ...Array.from(
        { length: 40 },
        (): Answer =>
          (...asked) =>
            held.push(() => json({})(...asked)),
      ),
    );
    const calls = Promise.all(Array.from({ length: 40 }, () => api.get(path)));
    await vi.waitFor(() => expect(held).toHaveLength(32), PATIENT);
    await realClock.sleep(50);
    expect(server.requests).toHaveLength(32);
    for (const release of held.splice(0)) release();
    await vi.waitFor(() => expect(held).toHaveLength(8), PATIENT);
    for (const release of held) release();
    await calls;
  });

  it("never wait for a watch to end", async () => {
    const stop = new AbortController();
    server.answer(...Array.from({ length: 40 }, () => watch([], "open")), json({ kind: "Pod" }));
    const watches = Array.from({ length: 40 }, () =>
      api.watch(podsPath(), {}, { signal: stop.signal, onEvent: () => {} }).catch(() => {}),
    );
    await vi.waitFor(() => expect(server.requests).toHaveLength(40), PATIENT);
    expect(await api.get(path)).toEqual({ kind: "Pod" });
    stop.abort();
    await Promise.all(watches);
  });

  it("have each its whole timeout from when it is sent, however long it waited for others", async () => {
    server.answer(...Array.from({ length: MAX_CALLS + 1 }, () => json({})));
    const real = createConnection(server.kubeConfig, MAX_CALLS);
    const open = Promise.withResolvers<void>();
    const wasLate: boolean[] = [];
    const calls: Connection = {
      async request(request) {
        wasLate.push(request.signal.aborted);
        await open.promise;
        return real.request({ ...request, signal: new AbortController().signal });
      },
      close: () => real.close(),
    };
    const { json: ask } = createRestClient({ calls, watches: real, observe: () => {}, onAnswer: () => {} });
    const first = Array.from({ length: MAX_CALLS }, () => ask({ verb: "get", path }));
    const timeout = 50;
    const last = ask({ verb: "get", path, timeout });
    await realClock.sleep(2 * timeout);
    expect(wasLate).toHaveLength(MAX_CALLS);
    open.resolve();
    await Promise.all([...first, last]);
    expect(wasLate).toEqual(Array.from({ length: MAX_CALLS + 1 }, () => false));
    await real.close();
  });
});
