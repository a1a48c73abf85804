import { base } from "./goodSpec.ts";

/** An invalid object of another kind, with the answers of the API server and of zod. */
export interface RefusedObject {
  readonly kind: "ClusterConnectivityTest" | "ProbeGrant";
  readonly title: string;
  readonly spec: unknown;
  /** Part of the API server's answer: what a person reads. */
  readonly sentence: string;
  /** Part of zod's answer, where the two have different words. */
  readonly zod?: string;
}

const everywhere = { namespaceSelector: {} };
const to = { service: { name: "catalog", namespace: "shop" } };

/** A ClusterConnectivityTest that is good but for the change. */
const clusterTest = (change: object) => ({
  expectations: [{ ...base, from: everywhere, to, ...change }],
});

export const goodClusterTest: unknown = clusterTest({});
export const goodGrant: unknown = { to: [{ namespace: "shop" }], sources: { podSelector: {} } };

export const refusedObjects: readonly RefusedObject[] = [
  {
    kind: "ClusterConnectivityTest",
    title: "sources of no namespace",
    spec: clusterTest({ from: { podSelector: {} } }),
    sentence: "exactly one of namespaceSelector, node must be set",
  },
  {
    kind: "ClusterConnectivityTest",
    title: "a node and pods as one source",
    spec: clusterTest({ from: { namespaceSelector: {}, node: "worker-1" } }),
    sentence: "exactly one of namespaceSelector, node must be set",
  },
  {
    kind: "ClusterConnectivityTest",
    title: "a node with a podSelector as the source",
    spec: clusterTest({ from: { podSelector: {}, node: "worker-1" } }),
    sentence: "podSelector needs namespaceSelector: a node is a source by its name alone",
  },
  {
    kind: "ClusterConnectivityTest",
    title: "a Service of no namespace",
    spec: clusterTest({ to: { service: { name: "catalog" } } }),
    sentence: "to.service.namespace must be set",
  },
  {
    kind: "ClusterConnectivityTest",
    title: "pods of no namespace",
    spec: clusterTest({ to: { podSelector: {} } }),
    sentence: "to.podSelector needs to.namespaceSelector",
  },
  {
    kind: "ProbeGrant",
    title: "a grant to no namespace",
    spec: { to: [], sources: { podSelector: {} } },
    sentence: "spec.to in body should have at least 1 items",
    zod: "expected array to have >=1 items",
  },
  {
    kind: "ProbeGrant",
    title: "a grant to one namespace twice",
    spec: { to: [{ namespace: "shop" }, { namespace: "shop" }] },
    sentence: "Duplicate value",
    zod: "namespaces must be different",
  },
  {
    kind: "ProbeGrant",
    title: "a grant to what is no namespace's name",
    spec: { to: [{ namespace: "shop/*" }] },
    sentence: "must be a name: at most 63 of a-z, 0-9 and -",
  },
];
