import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { metadataSchema } from "../../crds/metadata.ts";
import { event, type FakeServer, list, startFakeServer, status, watch } from "../testing/fakeServer.ts";
import { silentLog } from "../testing/silentLog.ts";
import { type Api, createApi } from "./api.ts";
import { createReflector, type Reflector, type ReflectorOptions } from "./reflector.ts";
import { podsPath } from "./resourcePaths.ts";

const itemSchema = z.object({ metadata: metadataSchema, size: z.number() });
type Item = z.infer<typeof itemSchema>;

let server: FakeServer;
let api: Api;
let reflector: Reflector<Item>;
let reported: string[];
let waits: number[];
let now: number;
const log = silentLog();

beforeEach(async () => {
  server = await startFakeServer();
  api = createApi({ kubeConfig: server.kubeConfig });
  reported = [];
  waits = [];
  now = 0;
});
afterEach(async () => {
  reflector.stop();
  await api.close();
  await server.close();
});

const item = (name: string, uid = `${name}-uid`, resourceVersion = "1") => ({
  metadata: { name, namespace: "shop", uid, resourceVersion },
  size: 1,
});
const bookmark = (resourceVersion: string) => event("BOOKMARK", { metadata: { resourceVersion } });

/** Starts a reflector whose waits take no time; every watch lives `lived` milliseconds by its clock. */
function start(options: Partial<ReflectorOptions<Item>> = {}, lived = 10_000) {
  reflector = createReflector<Item>({
    api,
    path: podsPath(),
    log,
    parse: (raw) => {
      const parsed = itemSchema.parse(raw);
      return parsed.size > 0 ? parsed : undefined;
    },
    onChange: ({ key, before, after }) =>
      reported.push(`${key} ${before?.metadata.uid ?? "-"} → ${after?.metadata.uid ?? "-"}`),
    clock: {
      now: () => (now += lived),
      random: () => 0,
      sleep: async (milliseconds) => void waits.push(milliseconds),
    },
    ...options,
  });
  reflector.start();
}

/** Waits until the server has seen so many requests and everything it answered has been taken in. */
const requests = async (count: number) => {
  await vi.waitFor(() => expect(server.requests.length).toBeGreaterThanOrEqual(count), {
    interval: 1,
    timeout: 20_000,
  });
  return server.requests[count - 1];
};
/** What was told, as soon as it is so many lines. */
const lines = async (count: number) => {
  await vi.waitFor(() => expect(reported.length).toBeGreaterThanOrEqual(count), {
    interval: 1,
    timeout: 20_000,
  });
  return reported;
};
const stayOpen = watch([], "open");

describe("at the start a reflector", () => {
  it("reads all pages, reports every object, and is synced then", async () => {
    server.answer(list([item("a")], "5", "more"), list([item("b")], "5"), stayOpen);
    start();
    expect(reflector.hasSynced).toBe(false);
    await reflector.synced;
    expect(reflector.hasSynced).toBe(true);
    expect(reported).toEqual(["shop/a - → a-uid", "shop/b - → b-uid"]);
    expect(reflector.get("shop/b")?.metadata.uid).toBe("b-uid");
    expect([...reflector.values()]).toHaveLength(2);
  });

  it("watches from the list's version on, with bookmarks and a limit of its own", async () => {
    server.answer(list([], "5"), stayOpen);
    start({ query: { fieldSelector: "spec.restartPolicy=Never" } });
    expect((await requests(2))?.query).toEqual({
      fieldSelector: "spec.restartPolicy=Never",
      watch: "true",
      resourceVersion: "5",
      allowWatchBookmarks: "true",
      timeoutSeconds: "290",
    });
  });

  it.each([429, 403, 500, 503])("does not give up on a list that is refused with %i", async (code) => {
    server.answer(status({ code }), status({ code }), list([item("a")]), stayOpen);
    start();
    await reflector.synced;
    expect(waits).toEqual([1_000, 2_000]);
  });

  it("does not give up on a list that breaks, or is no list", async () => {
    server.answer(
      (response) => response.socket?.resetAndDestroy(),
      (response) => response.end("<html>"),
      list([item("a")]),
      stayOpen,
    );
    start();
    await reflector.synced;
    expect(reported).toEqual(["shop/a - → a-uid"]);
  });

  it("is not synced by the first pages of a list that breaks", async () => {
    server.answer(list([item("a")], "5", "more"), status({ code: 410 }), list([item("b")]), stayOpen);
    start();
    await reflector.synced;
    expect(reported).toEqual(["shop/b - → b-uid"]);
  });
});

describe("while it watches, a reflector", () => {
  it("reports what is made, changed and deleted, and the same version only once", async () => {
    const changed = { ...item("a", "a-uid", "2"), size: 2 };
    server.answer(
      list([]),
      watch(
        [
          event("ADDED", item("a")),
          event("ADDED", item("a")),
          event("MODIFIED", changed),
          event("DELETED", changed),
        ],
        "open",
      ),
    );
    start();
    expect(await lines(3)).toEqual(["shop/a - → a-uid", "shop/a a-uid → a-uid", "shop/a a-uid → -"]);
    expect(reflector.get("shop/a")).toBeUndefined();
  });

  it("reports an object of the same name and another UID as gone and made", async () => {
    server.answer(list([item("a", "old")]), watch([event("MODIFIED", item("a", "new"))], "open"));
    start();
    expect(await lines(3)).toEqual(["shop/a - → old", "shop/a old → -", "shop/a - → new"]);
  });

  it("drops on arrival what it is not to keep, and lets go of what has become that", async () => {
    const dropped = { ...item("b"), size: 0 };
    server.answer(
      list([item("a")]),
      watch([event("ADDED", dropped), event("MODIFIED", { ...item("a"), size: 0 })], "open"),
    );
    start();
    expect(await lines(2)).toEqual(["shop/a - → a-uid", "shop/a a-uid → -"]);
  });

  it("skips an object that cannot be read, and logs it", async () => {
    const invalid: string[] = [];
    server.answer(
      list([{ metadata: { name: "x", namespace: "shop" }, size: "many" }, item("a")]),
      watch([event("ADDED", "nonsense"), event("ADDED", item("b"))], "open"),
    );
    start({ onInvalid: (key) => void invalid.push(key) });
    expect(await lines(2)).toEqual(["shop/a - → a-uid", "shop/b - → b-uid"]);
    expect(invalid).toEqual(["shop/x", ""]);
  });

  it("goes on when a listener throws", async () => {
    server.answer(list([item("a")]), watch([event("ADDED", item("b"))], "open"));
    start({
      onChange: ({ key }) => {
        reported.push(key);
        throw new Error("listener");
      },
    });
    expect(await lines(2)).toEqual(["shop/a", "shop/b"]);
    expect(log.error).toHaveBeenCalledTimes(2);
  });
});

describe("when a watch ends, a reflector", () => {
  it.each(["end", "cut"] as const)("goes on from the last version it has heard of (%s)", async (end) => {
    server.answer(list([], "5"), watch([event("ADDED", item("a", "u", "6")), bookmark("9")], end), stayOpen);
    start();
    expect((await requests(3))?.query).toMatchObject({ watch: "true", resourceVersion: "9" });
    expect(waits).toEqual([0]);
  });

  it("goes on after silence", async () => {
    server.answer(list([], "5"), stayOpen, stayOpen);
    start({ inactivity: 50 });
    expect((await requests(3))?.query).toMatchObject({ watch: "true", resourceVersion: "5" });
  });

  it("waits longer and longer if watches end at once", async () => {
    server.answer(list([], "5"), ...Array.from({ length: 7 }, () => watch([])), stayOpen);
    start({}, 0);
    await requests(9);
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it.each([
    ["7", 7_000],
    ["3600", 30_000],
  ])("waits %s s if the server asks for it, but no longer than usual", async (retryAfter, wait) => {
    server.answer(list([], "5"), status({ code: 429, retryAfter }), stayOpen);
    start();
    expect((await requests(3))?.query).toMatchObject({ watch: "true", resourceVersion: "5" });
    expect(waits).toEqual([wait]);
  });

  it.each([
    ["an ERROR event of 410", watch([event("ERROR", { code: 410, reason: "Expired" })])],
    ["an ERROR event of 500", watch([event("ERROR", { code: 500 })])],
    ["a refusal with 410", status({ code: 410 })],
    ["a refusal with 500", status({ code: 500 })],
    ["a refusal with 403", status({ code: 403 })],
  ])("lists again after %s and reports only what has changed", async (_, rejection) => {
    server.answer(
      list([item("same"), item("gone"), item("again", "old"), item("changed", "u", "1")], "5"),
      rejection,
      list([item("same"), item("again", "new"), item("changed", "u", "2"), item("made")], "8"),
      stayOpen,
    );
    start();
    expect((await requests(4))?.query).toMatchObject({ resourceVersion: "8" });
    expect(reported.slice(4).toSorted()).toEqual([
      "shop/again - → new",
      "shop/again old → -",
      "shop/changed u → u",
      "shop/gone gone-uid → -",
      "shop/made - → made-uid",
    ]);
  });
});

describe("stopped, a reflector", () => {
  it("reports nothing more and asks nothing more, though a watch had more to say", async () => {
    server.answer(list([]), watch([event("ADDED", item("a")) + event("ADDED", item("b"))], "open"));
    const ended = Promise.withResolvers<void>();
    start({
      onChange: ({ key }) => {
        reported.push(key);
        reflector.stop();
      },
      clock: {
        now: () => 0,
        random: () => 0,
        sleep: async (milliseconds) => {
          waits.push(milliseconds);
          ended.resolve();
        },
      },
    });
    // It waits once the watch has ended, which had brought both events by then, and follows nothing afterwards.
    await ended.promise;
    await nextTurn();
    expect(waits).toHaveLength(1);
    expect(reported).toEqual(["shop/a"]);
    expect(server.requests).toHaveLength(2);
    expect(log.warn).not.toHaveBeenCalled();
  });

  it("ends a request that has not been answered yet", async () => {
    const aborted = Promise.withResolvers<void>();
    server.answer((response) => void response.once("close", aborted.resolve));
    start();
    await requests(1);
    reflector.stop();
    await aborted.promise;
    expect(reported).toEqual([]);
  });

  it("reports nothing of a list of which it had got half", async () => {
    server.answer(list([item("a")], "5", "more"), () => reflector.stop());
    start();
    await requests(2);
    expect(reported).toEqual([]);
  });
});
