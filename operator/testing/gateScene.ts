import {
  clusterConnectivityTestSchema,
  connectivityTestSchema,
  type ConnectivityTest,
} from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import { readTest } from "../../crds/readtest.ts";
import {
  clusterConnectivityTestsPath,
  connectivityTestPath,
  connectivityTestsPath,
} from "../runtime/resourcePaths.ts";
import { createGate } from "../server/gate.ts";
import { listen, type ListenOptions } from "../server/httpServer.ts";
import { createReviews } from "../server/reviews.ts";
import { createMemoryApi, type Request } from "./memoryApi.ts";
import { later } from "./objects.ts";
import { withReviews, type ReviewedUsers } from "./reviews.ts";
import { silentLog } from "./silentLog.ts";

interface SceneState {
  now: Date;
  monotonic: number;
  /** Why the operator cannot answer. */
  unready: string | undefined;
  /** Further tests of the caches. */
  others: readonly ConnectivityTest[];
}

/** The real server of the gate endpoint before an API server in memory, half a minute after everything began. */
export async function startGate(users: ReviewedUsers, options: Omit<ListenOptions, "port"> = {}) {
  const memory = createMemoryApi();
  const { api } = withReviews(memory, users);
  const log = silentLog();
  const state: SceneState = { now: later(30_000), monotonic: 0, unready: undefined, others: [] };
  const requests: Request[] = [];
  memory.before = (request) => void requests.push(request);
  const cached = (key: string): ConnectivityTest | undefined => {
    const [namespace = "", name = ""] = key.split("/");
    const [stored] = memory.at(connectivityTestPath(namespace, name));
    return stored && connectivityTestSchema.parse(stored);
  };
  // A cache has no order.
  const allCached = () =>
    [
      ...state.others,
      ...memory.at(connectivityTestsPath()).map((raw) => readTest(connectivityTestSchema, raw)),
      ...memory.at(clusterConnectivityTestsPath()).map((raw) => readTest(clusterConnectivityTestSchema, raw)),
    ].toReversed();
  const app = createGate({
    api,
    tests: { get: cached, values: allCached },
    unready: () => state.unready,
    reviews: createReviews(api, () => state.monotonic),
    now: () => state.now,
    monotonic: () => state.monotonic,
    log,
  });
  const server = await listen(app, { port: 0, ...options });
  return {
    memory,
    log,
    state,
    port: server.port,
    /** Every request to the API server, reviews included. */
    requests,
    /** Stores the test as it is, its generation too, also for the caches. */
    put(test: ConnectivityTest) {
      const path = connectivityTestPath(test.metadata.namespace, test.metadata.name);
      memory.remove(path);
      memory.put(path, structuredClone(test));
    },
    test: (name = "net") => cached(keyOf({ namespace: "shop", name })),
    fetch: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init),
    close: () => server.close(),
  };
}
