import {
  API_VERSION,
  type KindNames,
  CONNECTIVITY_TEST,
  CLUSTER_CONNECTIVITY_TEST,
  PROBE_GRANT,
  PROBE_RUN,
} from "../../crds/group.ts";

interface Resource {
  readonly api: string;
  readonly plural: string;
}

interface ObjectPath {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string;
}

const CORE = "/api/v1";
const own = ({ plural }: KindNames): Resource => ({ api: `/apis/${API_VERSION}`, plural });
const connectivityTests = own(CONNECTIVITY_TEST);
const clusterConnectivityTests = own(CLUSTER_CONNECTIVITY_TEST);
const probeRuns = own(PROBE_RUN);

/** Without a namespace the collection of all namespaces, without a name the collection, otherwise the one object. */
function pathOf({ api, plural }: Resource, { namespace, name, subresource }: ObjectPath): string {
  const scope = namespace === undefined ? [] : ["namespaces", namespace];
  const object = name === undefined ? [] : [name, ...(subresource === undefined ? [] : [subresource])];
  return [api, ...[...scope, plural, ...object].map((segment) => encodeURIComponent(segment))].join("/");
}

/** ConnectivityTests of all namespaces, or of one. */
export function connectivityTestsPath(namespace?: string): string {
  return pathOf(connectivityTests, { namespace });
}

/** All ClusterConnectivityTests. */
export function clusterConnectivityTestsPath(): string {
  return pathOf(clusterConnectivityTests, {});
}

/** One ConnectivityTest; with the namespace "", one ClusterConnectivityTest. */
export function connectivityTestPath(namespace: string, name: string): string {
  return pathOfTest(namespace, { name });
}

/** The status subresource of such a test. */
export function connectivityTestStatusPath(namespace: string, name: string): string {
  return pathOfTest(namespace, { name, subresource: "status" });
}

function pathOfTest(namespace: string, object: Omit<ObjectPath, "namespace">): string {
  return namespace === ""
    ? pathOf(clusterConnectivityTests, object)
    : pathOf(connectivityTests, { namespace, ...object });
}

/** ProbeGrants of all namespaces, or of one. */
export function probeGrantsPath(namespace?: string): string {
  return pathOf(own(PROBE_GRANT), { namespace });
}

/** All namespaces, or one of them. */
export function namespacesPath(name?: string): string {
  return pathOf({ api: CORE, plural: "namespaces" }, { name });
}

/** ProbeRuns of all namespaces, of one, or one of them. */
export function probeRunsPath(namespace?: string, name?: string): string {
  return pathOf(probeRuns, { namespace, name });
}

/** The status subresource of one ProbeRun. */
export function probeRunStatusPath(namespace: string, name: string): string {
  return pathOf(probeRuns, { namespace, name, subresource: "status" });
}

/** Pods of all namespaces, of one, or one of them. */
export function podsPath(namespace?: string, name?: string): string {
  return pathOf({ api: CORE, plural: "pods" }, { namespace, name });
}

/** The status subresource of one pod. */
export function podStatusPath(namespace: string, name: string): string {
  return pathOf({ api: CORE, plural: "pods" }, { namespace, name, subresource: "status" });
}

/** Services of all namespaces, of one, or one of them. */
export function servicesPath(namespace?: string, name?: string): string {
  return pathOf({ api: CORE, plural: "services" }, { namespace, name });
}

/** EndpointSlices of all namespaces, of one (those of one Service by the label `kubernetes.io/service-name`), or one of them. */
export function endpointSlicesPath(namespace?: string, name?: string): string {
  return pathOf({ api: "/apis/discovery.k8s.io/v1", plural: "endpointslices" }, { namespace, name });
}

/** NetworkPolicies of all namespaces, or of one. */
export function networkPoliciesPath(namespace?: string): string {
  return pathOf({ api: "/apis/networking.k8s.io/v1", plural: "networkpolicies" }, { namespace });
}

/** LimitRanges of a namespace. */
export function limitRangesPath(namespace: string): string {
  return pathOf({ api: CORE, plural: "limitranges" }, { namespace });
}

/** ResourceQuotas of a namespace. */
export function resourceQuotasPath(namespace: string): string {
  return pathOf({ api: CORE, plural: "resourcequotas" }, { namespace });
}

/** The workloads of a kind in all namespaces, or in one. */
export function workloadsPath(kind: "Deployment" | "StatefulSet" | "DaemonSet", namespace?: string): string {
  return pathOf({ api: "/apis/apps/v1", plural: `${kind.toLowerCase()}s` }, { namespace });
}

/** One ReplicaSet. */
export function replicaSetPath(namespace: string, name: string): string {
  return pathOf({ api: "/apis/apps/v1", plural: "replicasets" }, { namespace, name });
}

/** The ReplicaSets of all namespaces. */
export function replicaSetsPath(): string {
  return pathOf({ api: "/apis/apps/v1", plural: "replicasets" }, {});
}

/** All nodes. */
export function nodesPath(): string {
  return pathOf({ api: CORE, plural: "nodes" }, {});
}

/** Leases of a namespace (to create one there), or one of them. */
export function leasePath(namespace: string, name?: string): string {
  return pathOf({ api: "/apis/coordination.k8s.io/v1", plural: "leases" }, { namespace, name });
}

/** TokenReviews, which are only created. */
export function tokenReviewsPath(): string {
  return pathOf({ api: "/apis/authentication.k8s.io/v1", plural: "tokenreviews" }, {});
}

/** SubjectAccessReviews, which are only created. */
export function subjectAccessReviewsPath(): string {
  return pathOf({ api: "/apis/authorization.k8s.io/v1", plural: "subjectaccessreviews" }, {});
}

/** Events of a namespace, in the group `events.k8s.io`. */
export function eventsPath(namespace: string): string {
  return pathOf({ api: "/apis/events.k8s.io/v1", plural: "events" }, { namespace });
}

/**
 * Returns the resource of a path, such as `pods` or `proberuns/status`: never a name, so that it can label a metric.
 */
export function resourceOf(path: string): string {
  const [, root, ...rest] = path.split("/");
  const inVersion = rest.slice(root === "api" ? 1 : 2);
  const scoped = inVersion[0] === "namespaces" && inVersion.length > 2 ? inVersion.slice(2) : inVersion;
  const [plural = "", , subresource] = scoped;
  return subresource === undefined ? plural : `${plural}/${subresource}`;
}
