/** Names of the API: group, version, kinds, annotations, in one place for code, manifests and docs. */
export const GROUP = "netverdict.dev";
export const VERSION = "v1alpha1";
export const API_VERSION = `${GROUP}/${VERSION}`;

/** The names of a kind in its CustomResourceDefinition. */
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

/**
 * Annotation of a test of either kind that requests a run. Its value is any token; `status.lastHandledRequest` has
 * the token when that run has ended.
 */
export const RUN_REQUESTED = `${GROUP}/run-requested`;

/**
 * Annotation of a ConnectivityTest: the SHA-256 digests, in hex and separated by commas, of the secrets with which a gate may
 * ask for its verdict and request runs.
 */
export const GATE_SECRET = `${GROUP}/gate-secret-sha256`;

/**
 * The namespace of witnesses: host-network pods, which the Pod Security level of the tests' own namespaces would
 * reject.
 */
export const WITNESS_NAMESPACE = "netverdict-witness";

/**
 * The names of probe pods and of witness pods: the role, the source or the node, the id of the run, and a number. They are
 * reserved for the operator, because a request to enter a pod shows admission nothing but the pod's name. The policies in
 * manifests/admission/ have the same expression.
 */
export const PROBE_POD_NAME = /^(probe|witness)-[a-z0-9-]+-[bcdfghjklmnpqrstvwxz2456789]{8}(-again)?-[0-9]+$/;

/**
 * Label of a namespace. With the value "true", admission may change the operator's pods there: other images, containers, volumes and
 * variables, such as those of a service mesh.
 */
export const TRUST_ADMISSION = `${GROUP}/trust-admission`;

/** Annotation of a probe pod: the ProbeRun's id, for people; controllers use the owner reference. */
export const RUN_ID = `${GROUP}/run-id`;

/** Annotation of a witness: when the operator ended it, by the API server's clock. */
export const ENDED_AT = `${GROUP}/ended-at`;

/** The PriorityClass of probe pods and witness pods; its manifest is part of the installation. */
export const PRIORITY_CLASS = "netverdict-probe";

/**
 * The readiness gate of probe pods. No controller sets this condition, so a probe pod never becomes a ready endpoint.
 */
export const NEVER_READY = `${GROUP}/never-ready`;

/**
 * The readiness gate with which a pod becomes Ready only when the tests of its namespace that name it as a source have passed: the
 * type of the condition that the operator writes.
 */
export const PASSED_GATE = `${GROUP}/passed`;
