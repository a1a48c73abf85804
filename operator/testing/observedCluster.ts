import type { ProbeGrant } from "../../crds/probegrant.ts";
import { createObserver } from "../cluster/observe.ts";
import { fakeApi, rejection } from "./fakeApi.ts";
import { controlledBy } from "./objects.ts";

interface Contents {
  /** What is listed, by path. */
  readonly lists: Readonly<Record<string, readonly unknown[]>>;
  /** Who controls a ReplicaSet, by its name. */
  readonly controllers?: Readonly<Record<string, string>>;
  readonly grants?: readonly ProbeGrant[];
}

/** What sees a cluster with this in it, and notes what it asks. */
export function cluster(contents: Contents) {
  const asked: string[] = [];
  const { lists, controllers = {}, grants = [] } = contents;
  const api = fakeApi({
    async list(path, parse, query = {}) {
      asked.push(`${path} ${query["labelSelector"] ?? ""}`.trim());
      return (lists[path] ?? []).map(parse);
    },
    get(path) {
      asked.push(path);
      const name = path.split("/").at(-1) ?? "";
      const owner = controllers[name];
      if (owner === undefined) return Promise.reject(rejection(404, "NotFound"));
      return Promise.resolve({ metadata: { name, ownerReferences: [controlledBy(owner)] } });
    },
  });
  return { observe: createObserver(api, { grants: { values: () => grants }, ownersKept: 2 }), asked };
}
