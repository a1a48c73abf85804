/** Names of the API: group, version, kinds, annotations. One place, so that code, manifests and docs cannot drift. */
export const GROUP = "netverdict.dev";
export const VERSION = "v1alpha1";
export const API_VERSION = `${GROUP}/${VERSION}`;

/** What the CustomResourceDefinition of a kind calls it. */
export interface KindNames {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
}

export const CONNECTIVITY_TEST: KindNames = {
  kind: "ConnectivityTest",
  plural: "connectivitytests",
  singular: "connectivitytest",
  shortNames: ["conntest"],
  scope: "Namespaced",
};

export const CLUSTER_CONNECTIVITY_TEST: KindNames = {
  kind: "ClusterConnectivityTest",
  plural: "clusterconnectivitytests",
  singular: "clusterconnectivitytest",
  shortNames: ["cconntest"],
  scope: "Cluster",
};

export const PROBE_GRANT: KindNames = {
  kind: "ProbeGrant",
  plural: "probegrants",
  singular: "probegrant",
  shortNames: [],
  scope: "Namespaced",
};

export const PROBE_RUN: KindNames = {
  kind: "ProbeRun",
  plural: "proberuns",
  singular: "proberun",
  shortNames: [],
  scope: "Namespaced",
};

/** `kubectl get netverdict` lists every kind of this category. */
export const CATEGORY = "netverdict";

/** On a test of either kind: run now. Any token; `status.lastHandledRequest` answers with it once that run has ended. */
export const RUN_REQUESTED = `${GROUP}/run-requested`;

/** Where witnesses live: host-network pods, which the Pod Security of the tests' own namespaces would not have. */
export const WITNESS_NAMESPACE = "netverdict-witness";

/** On a probe pod: the ProbeRun's id, for people; machines follow the owner reference. */
export const RUN_ID = `${GROUP}/run-id`;

/** The readiness gate of probe pods. Nobody ever sets this condition, so a probe pod never becomes an endpoint. */
export const NEVER_READY = `${GROUP}/never-ready`;
