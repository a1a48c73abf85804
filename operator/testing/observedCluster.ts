import { metadataOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { createObserver } from "../cluster/observe.ts";
import type { KnownRuns } from "../cluster/probePod.ts";
import { readsOf } from "./clusterReads.ts";
import { createMemoryApi, type Request } from "./memoryApi.ts";
import { controlledBy } from "./objects.ts";

interface Contents {
  /** The objects, by the path of their collection. */
  readonly lists: Readonly<Record<string, readonly object[]>>;
  /** Who controls a ReplicaSet of the namespace `shop`, by its name. */
  readonly controllers?: Readonly<Record<string, string>>;
  readonly grants?: readonly ProbeGrant[];
  /** The ProbeRuns in the cache. */
  readonly runs?: KnownRuns;
}

const REPLICA_SETS = "/apis/apps/v1/namespaces/shop/replicasets";

/** An API server with these objects, the observer of it, and what that asks. */
export function cluster({ lists, controllers = {}, grants = [], runs }: Contents) {
  const memory = createMemoryApi();
  const asked: string[] = [];
  memory.before = (request) => void asked.push(withSelectors(request));
  const put = (collection: string, ...objects: readonly object[]) => {
    for (const object of objects) memory.put(`${collection}/${metadataOf(object).name}`, object);
  };
  for (const [collection, objects] of Object.entries(lists)) put(collection, ...objects);
  for (const [name, owner] of Object.entries(controllers))
    put(REPLICA_SETS, { metadata: { name, ownerReferences: [controlledBy(owner)] } });
  const observe = createObserver(readsOf(memory.api, runs), {
    grants: { values: () => grants },
    ownersKept: 2,
  });
  return { observe, asked, put, memory };
}

/** The path of a request, and the selectors of a list. */
export const withSelectors = ({ path, query: { labelSelector = "", fieldSelector = "" } = {} }: Request) =>
  [path, labelSelector, fieldSelector].filter((part) => part !== "").join(" ");
