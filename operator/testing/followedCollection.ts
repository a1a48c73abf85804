import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { metadataSchema } from "../../crds/metadata.ts";
import { createApi } from "../runtime/api.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import { podsPath } from "../runtime/resourcePaths.ts";
import type { Change } from "../runtime/store.ts";
import { type CollectionServer, startCollectionServer } from "./collectionServer.ts";
import { silentLog } from "./silentLog.ts";

const itemSchema = z.object({ metadata: metadataSchema });
type Item = z.infer<typeof itemSchema>;

/** A timeout for faults that only time shows, in milliseconds. */
const SHORT_MS = 300;

/** A reflector, the API server of its collection, and what is wrong with what the reflector reports. */
export interface FollowedCollection {
  readonly server: CollectionServer;
  readonly reflector: Reflector<Item>;
  /** Each object that was reported as there or as gone, with its UID and version. */
  readonly reported: readonly string[];
  /** Changes that cannot be true, and objects that were missing although they are there. */
  readonly problems: readonly string[];
  /** Each wait of the reflector and of its client, in milliseconds; none takes time. */
  readonly waits: readonly number[];
  start(): void;
  cached(): string[];
  stored(): string[];
  /** Everything that was logged. */
  logged(): string;
  close(): Promise<void>;
}

export interface FollowOptions {
  /** Whether timeouts end soon, for faults that only time shows. */
  readonly isImpatient?: boolean;
  readonly random?: () => number;
}

const idOf = ({ metadata: { uid, resourceVersion } }: { readonly metadata: VersionId }) =>
  `${uid}@${resourceVersion}`;
type VersionId = { readonly uid: string; readonly resourceVersion?: string | undefined };

/** Starts the server, with the objects `same`, `changed`, `gone` and `again`; the reflector is to be started. */
export async function followCollection({
  isImpatient = false,
  random = () => 0,
}: FollowOptions = {}): Promise<FollowedCollection> {
  const server = await startCollectionServer();
  for (const name of ["same", "changed", "gone", "again"]) server.put(name);
  const log = silentLog();
  const [reported, problems, waits]: [string[], string[], number[]] = [[], [], []];
  const replayed = new Map<string, Item>();
  let now = 0;
  const clock = {
    now: () => now,
    random,
    sleep: async (milliseconds: number, signal?: AbortSignal) => {
      waits.push(milliseconds);
      now += milliseconds;
      await nextTurn();
      signal?.throwIfAborted();
    },
  };

  function check(isTrue: boolean, problem: string) {
    if (!isTrue) problems.push(problem);
  }
  function onChange({ key, before, after }: Change<Item>) {
    reported.push(after ? idOf(after) : `${key} ${before?.metadata.uid} is gone`);
    check(replayed.get(key) === before, `${key}: not what was there before`);
    if (after) {
      check(server.has(idOf(after)), `${key}: ${idOf(after)} has never been there`);
      const [older, newer] = [before, after].map((item) => Number(item?.metadata.resourceVersion ?? 0));
      check(Number(older) < Number(newer), `${key}: goes back to ${idOf(after)}`);
      replayed.set(key, after);
    } else {
      const there = server.objects.get(key)?.metadata.uid;
      check(there !== before?.metadata.uid, `${key}: ${there} is not gone`);
      replayed.delete(key);
    }
  }
  server.onRequest = () =>
    check(!reflector.hasSynced || reflector.get("shop/same") !== undefined, "shop/same is missing");

  const api = createApi({
    kubeConfig: server.kubeConfig,
    sleep: clock.sleep,
    ...(isImpatient && { timeout: SHORT_MS }),
  });
  const reflector = createReflector<Item>({
    api,
    path: podsPath(),
    parse: (raw) => itemSchema.parse(raw),
    onChange,
    log,
    clock,
    ...(isImpatient && { inactivity: SHORT_MS }),
  });
  return {
    server,
    reflector,
    reported,
    problems,
    waits,
    start: () => reflector.start(),
    cached: () => Array.from(reflector.values(), idOf).toSorted(),
    stored: () => Array.from(server.objects.values(), idOf).toSorted(),
    logged: () => JSON.stringify([log.warn.mock.calls, log.error.mock.calls]),
    async close() {
      reflector.stop();
      await api.close();
      await server.close();
    },
  };
}
