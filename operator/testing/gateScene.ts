import { connectivityTestSchema, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import { connectivityTestPath } from "../runtime/resourcePaths.ts";
import { createGate } from "../server/gate.ts";
import { listen, type ListenOptions } from "../server/httpServer.ts";
import { createReviews } from "../server/reviews.ts";
import { createMemoryApi, type Request } from "./memoryApi.ts";
import { later } from "./objects.ts";
import { withReviews, type ReviewedUsers } from "./reviews.ts";
import { silentLog } from "./silentLog.ts";

/** The real server of the gate endpoint before an API server in memory, half a minute after everything began. */
export async function startGate(users: ReviewedUsers, keyPair?: ListenOptions["keyPair"]) {
  const memory = createMemoryApi();
  const { api } = withReviews(memory, users);
  const log = silentLog();
  const state = { now: later(30_000), monotonic: 0, unready: undefined as string | undefined };
  const requests: Request[] = [];
  memory.before = (request) => void requests.push(request);
  const cached = (key: string): ConnectivityTest | undefined => {
    const [namespace = "", name = ""] = key.split("/");
    const [stored] = memory.at(connectivityTestPath(namespace, name));
    return stored && connectivityTestSchema.parse(stored);
  };
  const app = createGate({
    api,
    tests: { get: cached },
    unready: () => state.unready,
    reviews: createReviews(api, () => state.monotonic),
    now: () => state.now,
    monotonic: () => state.monotonic,
    log,
  });
  const server = await listen(app, { port: 0, keyPair });
  return {
    memory,
    log,
    /** The time, and why the operator cannot answer. */
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
