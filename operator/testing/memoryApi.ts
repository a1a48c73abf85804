import { setMaxListeners } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Api, Query, WatchEvent, WatchOptions } from "../runtime/api.ts";
import { DISCOVERY } from "./discovery.ts";
import { rejection } from "./rejection.ts";
import { isWithin, merged, place, representation, selects, type Place } from "./resourcePlace.ts";

const metadataSchema = z.looseObject({
  name: z.string().default(""),
  generateName: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z.array(z.looseObject({ uid: z.string() })).optional(),
});
const objectSchema = z.looseObject({
  metadata: metadataSchema.prefault({}),
  spec: z.unknown().optional(),
  status: z.unknown().optional(),
});
/** An object as it is stored. */
export type StoredObject = z.infer<typeof objectSchema>;

/** Kinds whose status is written by its own path alone. */
const WITH_STATUS: readonly string[] = ["connectivitytests", "clusterconnectivitytests", "proberuns", "pods"];

export interface Request {
  readonly verb: "get" | "list" | "watch" | "create" | "update" | "patch" | "apply" | "delete";
  readonly path: string;
  readonly body?: unknown;
  /** Of a list with selectors. */
  readonly query?: Query;
}

interface Recorded extends WatchEvent {
  readonly version: number;
  readonly place: Place;
}

export interface MemoryApi {
  readonly api: Api;
  /** Every request, in the order of arrival; also the rejected ones. */
  readonly requests: readonly Request[];
  /** Called before a request is served: what it throws is the answer, and what it waits for delays it. */
  before: (request: Request) => void | Promise<void>;
  /** Stores an object as a client other than the operator does, its status included. */
  put(path: string, object: unknown): StoredObject;
  /** Removes an object at once, and what it owns; nothing happens if it is not there. */
  remove(path: string): void;
  /** The objects at a path, sorted by namespace and name: of a collection, or the one object. */
  at(path: string): StoredObject[];
  /** Ends every watch, as the API server does after minutes. */
  endWatches(): void;
}

/**
 * The part of an API server that the operator relies on, in memory: unique names, UIDs, resource versions with conflicts,
 * generations, a status of its own, deletion with preconditions and finalizers, garbage collection by owner references, lists
 * with selectors, and watches that go on from a version. It validates nothing. Whether the real one behaves so is for the
 * tests in e2e/ to say.
 */
export function createMemoryApi(now: () => Date = () => new Date()): MemoryApi {
  const objects = new Map<string, { readonly place: Place; readonly object: StoredObject }>();
  const history: Recorded[] = [];
  const watches = new Set<AbortController>();
  const changes = new EventTarget();
  // One for each watch.
  setMaxListeners(100, changes);
  const requests: Request[] = [];
  let version = 0;
  let uids = 0;

  const keyOf = ({ resource, namespace, name }: Place) => `${resource} ${namespace ?? ""}/${name ?? ""}`;

  function record(type: string, at: Place, object: StoredObject) {
    history.push({ type, place: at, object: structuredClone(object), version });
    changes.dispatchEvent(new Event("change"));
  }

  function store(type: "ADDED" | "MODIFIED", at: Place, object: StoredObject): StoredObject {
    const metadata = { ...object.metadata, resourceVersion: String((version += 1)) };
    const stored = { ...object, metadata };
    objects.set(keyOf(at), { place: at, object: stored });
    record(type, at, stored);
    return structuredClone(stored);
  }

  function find(at: Place): StoredObject {
    const found = objects.get(keyOf(at));
    if (!found) throw rejection(404, "NotFound", `${at.resource} "${at.name}" not found`);
    return found.object;
  }

  function insert(at: Place, raw: unknown, withStatus: boolean): StoredObject {
    const { status, ...object } = objectSchema.parse(raw);
    const { generateName } = object.metadata;
    const name = object.metadata.name || `${generateName}${(uids += 1)}`;
    const named = { ...at, name };
    if (objects.has(keyOf(named)))
      throw rejection(409, "AlreadyExists", `${at.resource} "${name}" already exists`);
    const metadata = {
      creationTimestamp: now()
        .toISOString()
        .replace(/\.\d+Z$/, "Z"),
      generation: 1,
      uid: `uid-${name}-${(uids += 1)}`,
      ...object.metadata,
      name,
      ...(at.namespace !== undefined && { namespace: at.namespace }),
    };
    return store("ADDED", named, { ...object, metadata, ...(withStatus && { status }) });
  }

  function check(
    at: Place,
    object: StoredObject,
    { uid, resourceVersion }: Partial<StoredObject["metadata"]>,
  ) {
    const differs =
      (uid !== undefined && uid !== object.metadata.uid) ||
      (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion);
    if (differs) throw rejection(409, "Conflict", `the object ${at.resource} "${at.name}" has been modified`);
  }

  function replace(at: Place, raw: unknown): StoredObject {
    const before = find(at);
    const body = objectSchema.parse(raw);
    check(at, before, body.metadata);
    const next =
      at.subresource === "status"
        ? { ...before, status: body.status }
        : { ...body, metadata: { ...before.metadata, ...body.metadata }, ...keptStatus(at, before) };
    if (isDeepStrictEqual(next, before)) return structuredClone(before);
    const { generation = 1, deletionTimestamp, finalizers = [] } = next.metadata;
    const isOther = !isDeepStrictEqual(next.spec, before.spec);
    const stored = store("MODIFIED", at, {
      ...next,
      metadata: { ...next.metadata, generation: isOther ? generation + 1 : generation },
    });
    if (deletionTimestamp !== undefined && finalizers.length === 0) drop(at);
    return stored;
  }

  const keptStatus = ({ resource }: Place, { status }: StoredObject) =>
    WITH_STATUS.includes(resource) ? { status } : {};

  /** Background deletion: the object goes, then what it alone owns. */
  function drop(at: Place) {
    const { object } = objects.get(keyOf(at)) ?? {};
    if (!object || !objects.delete(keyOf(at))) return;
    version += 1;
    record("DELETED", at, { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
    const isOwned = ({ metadata: { ownerReferences = [] } }: StoredObject) =>
      ownerReferences.length > 0 && ownerReferences.every(({ uid }) => uid === object.metadata.uid);
    const owned = [...objects.values()].filter(({ object: other }) => isOwned(other));
    for (const other of owned) markDeleted(other.place);
  }

  function markDeleted(at: Place) {
    const object = find(at);
    if ((object.metadata.finalizers ?? []).length === 0) return drop(at);
    const metadata = {
      ...object.metadata,
      deletionTimestamp: object.metadata.deletionTimestamp ?? now().toISOString(),
    };
    if (object.metadata.deletionTimestamp === undefined) store("MODIFIED", at, { ...object, metadata });
  }

  function matching(at: Place, query: Query = {}): StoredObject[] {
    return [...objects]
      .filter(([, entry]) => isWithin(entry.place, at) && selects(query, entry.object))
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([, { object }]) => structuredClone(object));
  }

  /** Resolves at the next change, or when the signal aborts. */
  function changed(signal: AbortSignal): Promise<void> {
    const next = Promise.withResolvers<void>();
    const stop = new AbortController();
    const resolve = () => {
      stop.abort();
      next.resolve();
    };
    changes.addEventListener("change", resolve, { signal: stop.signal });
    signal.addEventListener("abort", resolve, { signal: stop.signal });
    if (signal.aborted) resolve();
    return next.promise;
  }

  async function follow(at: Place, query: Query, { signal, onEvent, ...options }: WatchOptions) {
    let seen = Number(query["resourceVersion"] ?? 0);
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    watches.add(ended);
    const isNews = (event: Recorded) => event.version > seen && isWithin(event.place, at);
    while (!either.aborted) {
      for (const event of history.filter(isNews)) {
        seen = event.version;
        if (selects(query, event.object))
          onEvent({ type: event.type, object: representation(structuredClone(event.object), options) });
      }
      await changed(either);
    }
    watches.delete(ended);
    signal.throwIfAborted();
  }

  const memory: MemoryApi = {
    requests,
    before: () => {},
    put(path, raw) {
      const at = place(path);
      const { metadata, ...object } = objectSchema.parse(raw);
      const named = {
        ...metadata,
        name: at.name ?? "",
        ...(at.namespace !== undefined && { namespace: at.namespace }),
      };
      const before = objects.get(keyOf(at))?.object;
      if (!before) return insert(at, { ...object, metadata: named }, true);
      const isOther = !isDeepStrictEqual(object.spec, before.spec);
      const { uid, creationTimestamp, generation = 1 } = before.metadata;
      return store("MODIFIED", at, {
        ...object,
        metadata: { uid, creationTimestamp, ...named, generation: isOther ? generation + 1 : generation },
      });
    },
    remove: (path) => drop(place(path)),
    at: (path) => matching(place(path)),
    endWatches: () => watches.forEach((ended) => ended.abort()),
    api: {
      get: async (path, options) =>
        DISCOVERY.get(path) ?? served({ verb: "get", path }, options, (at) => structuredClone(find(at))),
      list: async (path, parse, query) =>
        (
          await served({ verb: "list", path, ...(query && { query }) }, undefined, (at) =>
            matching(at, query),
          )
        ).map(parse),
      async *pages(path, query, options) {
        const found = await served({ verb: "list", path }, options, (at) => matching(at, query));
        const items = found.map((object) => representation(object, options));
        yield { items, resourceVersion: String(version) };
      },
      create: async (path, body, options) =>
        served({ verb: "create", path, body }, options, (at) =>
          insert(at, body, !WITH_STATUS.includes(at.resource)),
        ),
      update: async (path, body, options) =>
        served({ verb: "update", path, body }, options, (at) => replace(at, body)),
      patch: async (path, body, options) =>
        served({ verb: "patch", path, body }, options, (at) => replace(at, merged(find(at), body))),
      apply: async (path, body) =>
        served({ verb: "apply", path, body }, undefined, (at) =>
          objects.has(keyOf(at)) ? replace(at, merged(find(at), body)) : insert(at, body, false),
        ),
      delete: async (path, options) =>
        served({ verb: "delete", path, body: options }, options, (at) => {
          check(at, find(at), options?.uid === undefined ? {} : { uid: options.uid });
          markDeleted(at);
        }),
      watch: async (path, query, options) => {
        await served({ verb: "watch", path }, options, () => undefined);
        return follow(place(path), query, options);
      },
      close: async () => memory.endWatches(),
    },
  };

  async function served<Answer>(
    request: Request,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
    answer: (at: Place) => Answer,
  ): Promise<Answer> {
    requests.push(request);
    await unlessAborted(memory.before(request), signal);
    return answer(place(request.path));
  }
  return memory;
}

async function unlessAborted(waiting: void | Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () =>
    aborted.reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal?.addEventListener("abort", onAbort);
  try {
    await Promise.race([waiting, aborted.promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
