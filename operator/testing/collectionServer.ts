import type { ServerResponse } from "node:http";
import { type FakeServer, type SeenRequest, startFakeServer } from "./fakeServer.ts";
import { selfSignedPair } from "./keyPair.ts";

/** An object of the collection; each version of it has another `resourceVersion`. */
export interface StoredVersion {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

/** What is sent instead of the right answer, whose text may be a part of it: a page as JSON, or the lines of a watch. */
export type Fault = (response: ServerResponse, text: string, seen: SeenRequest) => void;

/** Which request has a fault: one for a page of a list, or a watch. */
export type FaultPlace = "list" | "watch";

export const placeOf = ({ query }: SeenRequest): FaultPlace => (query["watch"] === "true" ? "watch" : "list");

/** Serves one collection over TLS as an API server does: in pages, with watches, versions and compaction. */
export interface CollectionServer extends Pick<FakeServer, "kubeConfig" | "requests" | "close"> {
  /** The objects by `namespace/name`. */
  readonly objects: ReadonlyMap<string, StoredVersion>;
  /** Whether an object has ever been there with this `UID@resourceVersion`. */
  has(id: string): boolean;
  /** Creates the object of this name, or changes it. */
  put(name: string): void;
  remove(name: string): void;
  /** Forgets the changes so far, so that watches and further pages from their versions are answered with 410. */
  compact(): void;
  /** Ends every open watch, as an API server does after minutes. */
  endWatches(): void;
  /** The next requests of a place are answered so, in order; undefined: rightly. */
  next(place: FaultPlace, ...faults: (Fault | undefined)[]): void;
  /** All further requests of a place that have no other fault. */
  always(place: FaultPlace, fault: Fault | undefined): void;
  /** Called for each request, before it is answered. */
  onRequest: (seen: SeenRequest) => void;
}

interface Recorded {
  readonly version: number;
  readonly line: string;
}

const PAGE_SIZE = 2;
const JSON_TYPE = { "content-type": "application/json" };
const EXPIRED = { kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old" };

export async function startCollectionServer(): Promise<CollectionServer> {
  const objects = new Map<string, StoredVersion>();
  const known = new Set<string>();
  const faults: Record<FaultPlace, (Fault | undefined)[]> = { list: [], watch: [] };
  const lasting: Partial<Record<FaultPlace, Fault | undefined>> = {};
  const open = new Set<ServerResponse>();
  const snapshots = new Map<number, readonly StoredVersion[]>();
  let log: Recorded[] = [];
  let version = 1;
  let compacted = 0;

  function record(type: string, { metadata }: StoredVersion) {
    const object = { metadata: { ...metadata, resourceVersion: String(version) } };
    const line = `${JSON.stringify({ type, object })}\n`;
    log.push({ version, line });
    for (const response of open) response.write(line);
  }

  function linesSince(since: number): string | undefined {
    if (since < compacted) return undefined;
    return log.flatMap((entry) => (entry.version > since ? [entry.line] : [])).join("");
  }

  function pageFor(token: string): string | undefined {
    const [at = version, offset = 0] = token.split("/").filter(Boolean).map(Number);
    if (offset === 0) snapshots.set(version, [...objects.values()]);
    if (Number.isNaN(at) || at < compacted) return undefined;
    const all = snapshots.get(at) ?? [];
    const end = offset + PAGE_SIZE;
    const metadata = { resourceVersion: String(at), continue: end < all.length ? `${at}/${end}` : "" };
    return JSON.stringify({ kind: "List", apiVersion: "v1", metadata, items: all.slice(offset, end) });
  }

  /** The text of the right answer; undefined if it is a 410. */
  function textFor(seen: SeenRequest): string | undefined {
    const { resourceVersion, continue: token = "" } = seen.query;
    return placeOf(seen) === "watch" ? linesSince(Number(resourceVersion)) : pageFor(token);
  }

  function serve(response: ServerResponse, seen: SeenRequest) {
    collection.onRequest(seen);
    const place = placeOf(seen);
    const fault = faults[place].length > 0 ? faults[place].shift() : lasting[place];
    const text = textFor(seen);
    if (fault) return fault(response, text ?? "", seen);
    if (text === undefined) return response.writeHead(410, JSON_TYPE).end(JSON.stringify(EXPIRED));
    response.writeHead(200, JSON_TYPE);
    if (place === "list") return response.end(text);
    response.flushHeaders();
    response.write(text);
    open.add(response);
    response.on("close", () => open.delete(response));
  }

  const server = await startFakeServer({ keyPair: selfSignedPair(), otherwise: serve });
  const collection: CollectionServer = {
    kubeConfig: server.kubeConfig,
    requests: server.requests,
    close: () => server.close(),
    objects,
    has: (id) => known.has(id),
    put(name) {
      const key = `shop/${name}`;
      const before = objects.get(key);
      version += 1;
      const uid = before?.metadata.uid ?? `${name}-${version}`;
      const object = { metadata: { namespace: "shop", name, uid, resourceVersion: String(version) } };
      objects.set(key, object);
      known.add(`${uid}@${version}`);
      record(before ? "MODIFIED" : "ADDED", object);
    },
    remove(name) {
      const before = objects.get(`shop/${name}`);
      if (before === undefined) return;
      version += 1;
      objects.delete(`shop/${name}`);
      record("DELETED", before);
    },
    compact() {
      log = [];
      compacted = version;
    },
    endWatches() {
      open.forEach((response) => response.end());
      open.clear();
    },
    next: (place, ...others) => void faults[place].push(...others),
    always: (place, fault) => void (lasting[place] = fault),
    onRequest: () => {},
  };
  return collection;
}
