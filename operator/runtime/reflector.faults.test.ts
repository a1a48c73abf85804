import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { markdownTable } from "../../crds/generator/markdownTable.ts";
import { type Fault, type FaultPlace, placeOf } from "../testing/collectionServer.ts";
import { type FollowedCollection, followCollection } from "../testing/followedCollection.ts";
import { SERVER_FAULTS, type ServerFault } from "../testing/serverFaults.ts";

/** The longest wait between two requests of a reflector. */
const MAX_WAIT_MS = 30_000;
/** The requests of one cache, of a collection of two pages, while a fault lasts. */
const MAX_PER_MINUTE = 20;
const PATIENT = { interval: 5, timeout: 20_000 };

let followed: FollowedCollection;
let happened: PromiseWithResolvers<void>;
beforeEach(() => {
  happened = Promise.withResolvers();
});
afterEach(() => followed.close());

const casesOf = (place: FaultPlace) =>
  SERVER_FAULTS.filter(({ at }) => at.includes(place)).map((each) => [each.sends, each] as const);

async function follow({ isSlow }: ServerFault, isSynced = true) {
  followed = await followCollection({ isImpatient: isSlow === true });
  if (!isSynced) return followed.server;
  followed.start();
  await followed.reflector.synced;
  // The watch is open then.
  await vi.waitFor(() => expect(followed.server.requests).toHaveLength(3), PATIENT);
  return followed.server;
}

/** The fault, and after it objects are created, changed, deleted and replaced. */
function faulty({ fault }: ServerFault): Fault {
  return (...asked) => {
    const { server } = followed;
    fault(...asked);
    server.put("changed");
    server.put("made");
    server.remove("gone");
    server.remove("again");
    server.put("again");
    happened.resolve();
  };
}

/** What is wrong after the fault, as soon as the cache has what the server has. */
async function wrongAfterFault(): Promise<string[]> {
  await happened.promise;
  await vi.waitFor(() => expect(followed.cached()).toEqual(followed.stored()), PATIENT);
  const { reported, waits, problems } = followed;
  return [
    ...problems,
    ...reported.filter((line, index) => reported.indexOf(line) !== index).map((line) => `twice: ${line}`),
    ...waits.filter((wait) => wait > MAX_WAIT_MS).map((wait) => `a wait of ${wait} ms`),
    ...(/secret|html/i.test(followed.logged()) ? ["a response is in the log"] : []),
  ];
}

describe("if the API server, instead of a page of a list, sends", () => {
  it.each(casesOf("list"))("%s, a cache is not filled by it, and is right afterwards", async (_, each) => {
    const server = await follow(each, false);
    server.next("list", faulty(each));
    followed.start();
    expect(await wrongAfterFault()).toEqual([]);
  });

  it.each(casesOf("list"))(
    "%s, a cache that lists again keeps its objects until it is right",
    async (_, each) => {
      const server = await follow(each);
      server.next("watch", expired);
      server.next("list", faulty(each));
      server.endWatches();
      expect(await wrongAfterFault()).toEqual([]);
    },
  );

  it.each(casesOf("list"))("%s, the pages before it change nothing in a cache", async (_, each) => {
    const server = await follow(each);
    server.next("watch", expired);
    server.next("list", undefined, faulty(each));
    server.endWatches();
    expect(await wrongAfterFault()).toEqual([]);
  });
});

const expired: Fault = (response) => void response.writeHead(410).end();

describe("if the API server, instead of a watch, sends", () => {
  it.each(casesOf("watch"))("%s, a cache misses nothing", async (_, each) => {
    const server = await follow(each);
    server.next("watch", faulty(each));
    server.endWatches();
    expect(await wrongAfterFault()).toEqual([]);
    const [next] = server.requests.slice(4);
    expect(next && placeOf(next)).toBe(each.relists ? "list" : "watch");
    expect(followed.logged().includes("a watch has broken")).toBe(!each.isNormal);
  });
});

describe("if it lasts for ten minutes that the API server sends", () => {
  const lasting = SERVER_FAULTS.filter(({ isSlow }) => !isSlow).flatMap((each) =>
    each.at.map((place) => [each.sends, place, each] as const),
  );

  it.each(lasting)("%s, instead of a %s, a cache makes few requests", async (_, place, { fault }) => {
    followed = await followCollection({ random: () => 1 });
    const { server, waits } = followed;
    server.always(place, fault);
    followed.start();
    const waited = () => waits.reduce((sum, wait) => sum + wait, 0);
    await vi.waitFor(() => expect(waited()).toBeGreaterThan(600_000), PATIENT);
    expect(server.requests.length / (waited() / 60_000)).toBeLessThan(MAX_PER_MINUTE);
  });
});

it("docs/api-server-faults.md has the table of the faults, and --update writes it", async () => {
  const page = join(import.meta.dirname, "../../docs/api-server-faults.md");
  const mark = "<!-- Written by `npm run unit -- runtime/reflector.faults --update`. Do not edit. -->";
  const [before] = readFileSync(page, "utf8").split(mark);
  const rows = SERVER_FAULTS.map(({ sends, at, relists }) => [
    sends,
    at.includes("list") ? "lists again" : "",
    at.includes("watch") ? (relists ? "lists again" : "watches on") : "",
  ]);
  const table = markdownTable(
    ["the API server sends", "instead of a page of a list", "instead of a watch"],
    rows,
  );
  await expect(`${before}${mark}\n\n${table}\n`).toMatchFileSnapshot(page);
});
