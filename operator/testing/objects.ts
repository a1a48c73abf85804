import type { z } from "zod";
import {
  clusterConnectivityTestSchema,
  connectivityTestSchema,
  type connectivityTestSpecSchema,
  type ConnectivityTest,
  type ConnectivityTestSpec,
} from "../../crds/connectivitytest.ts";
import { expectationSchema, type Expectation } from "../../crds/expectation.ts";
import { API_VERSION, CONNECTIVITY_TEST, NEVER_READY, PROBE_RUN } from "../../crds/group.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { NamespaceLimits } from "../cluster/podResources.ts";
import { networkPolicySchema } from "../cluster/policies/networkPolicy.ts";
import type { Policy } from "../cluster/policies/policy.ts";
import { probePodSchema, type ProbePod } from "../cluster/probePod.ts";
import {
  endpointSliceSchema,
  SERVICE_NAME_LABEL,
  serviceSchema,
  type EndpointSlice,
  type Service,
} from "../cluster/service.ts";
import { snapshotOf, type ClusterSnapshot } from "../cluster/snapshot.ts";
import { workloadPodSchema, type WorkloadPod } from "../cluster/workloadPod.ts";

/** Objects of a made-up cluster, as the schemas read them: sound unless a test says otherwise. */

export const NAMESPACE = "shop";
export const BEGAN = "2026-11-21T12:00:00.000Z";

/** So many milliseconds after the run under test began. */
export const later = (milliseconds: number) => new Date(Date.parse(BEGAN) + milliseconds);

type Input<Schema extends z.ZodType, Part extends keyof z.input<Schema>> = Partial<
  NonNullable<z.input<Schema>[Part]>
>;

export interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly node?: string;
  readonly ips?: readonly string[];
  /** Kind/name of the controller. */
  readonly owner?: string;
  readonly metadata?: Input<typeof workloadPodSchema, "metadata">;
  readonly spec?: Input<typeof workloadPodSchema, "spec">;
  readonly status?: Input<typeof workloadPodSchema, "status">;
}

/** A running pod on node-1, with UID `uid-<name>`. */
export function pod(name: string, options: PodOptions = {}): WorkloadPod {
  const { namespace = NAMESPACE, labels = {}, node = "node-1", ips = ["10.1.0.1"], owner } = options;
  return workloadPodSchema.parse({
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      labels: { ...labels },
      ownerReferences: owner === undefined ? [] : [controlledBy(owner)],
      ...options.metadata,
    },
    spec: { nodeName: node, ...options.spec },
    status: { phase: "Running", podIPs: ips.map((ip) => ({ ip })), ...options.status },
  });
}

/** A reference to the controller `Kind/name`, with UID `uid-<name>`. */
export function controlledBy(owner: string, apiVersion = "apps/v1") {
  const [kind = "", name = ""] = owner.split("/");
  return { apiVersion, kind, name, uid: `uid-${name}`, controller: true };
}

export interface ServiceOptions {
  readonly namespace?: string;
  readonly type?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalIPs?: readonly string[];
  readonly ports?: readonly { name?: string; port: number; protocol?: string; nodePort?: number }[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly publishNotReadyAddresses?: boolean;
  readonly internalTrafficPolicy?: "Local" | "Cluster";
}

/** A Service with one port, 80. */
export function service(name: string, options: ServiceOptions = {}): Service {
  const { namespace = NAMESPACE, clusterIPs = ["10.96.0.1"], ports = [{ port: 80 }], ...rest } = options;
  return serviceSchema.parse({ metadata: { name, namespace }, spec: { clusterIPs, ports, ...rest } });
}

/** A NetworkPolicy of the namespace `shop`, unless said otherwise. */
export function networkPolicy(
  name: string,
  spec: z.input<typeof networkPolicySchema>["spec"],
  namespace = NAMESPACE,
): Policy {
  return networkPolicySchema.parse({ metadata: { name, namespace }, spec });
}

type RawSlice = z.input<typeof endpointSliceSchema>;
type RawEndpoint = NonNullable<RawSlice["endpoints"]>[number];

export interface SliceOptions {
  readonly namespace?: string;
  readonly addressType?: string;
  readonly ports?: RawSlice["ports"];
  /** Default: the controller of the API server, which follows the selector of the Service. */
  readonly managedBy?: string;
}

/** A slice of a Service: IPv4, and its one port leads to 8080. */
export function slice(
  ofService: string,
  endpoints: readonly RawEndpoint[],
  options: SliceOptions = {},
): EndpointSlice {
  const { namespace = NAMESPACE, addressType = "IPv4", ports = [{ name: "", port: 8080 }] } = options;
  const { managedBy = "endpointslice-controller.k8s.io" } = options;
  const labels = {
    [SERVICE_NAME_LABEL]: ofService,
    "endpointslice.kubernetes.io/managed-by": managedBy,
  };
  return endpointSliceSchema.parse({
    metadata: { name: `${ofService}-x`, namespace, labels },
    addressType,
    ports,
    endpoints,
  });
}

/** The endpoint that the endpoint slice controller makes of a pod: ready, by its first address. */
export function endpointOf(
  { metadata, spec, status }: WorkloadPod,
  overrides: Partial<RawEndpoint> = {},
): RawEndpoint {
  return {
    addresses: status.podIPs.slice(0, 1).map(({ ip }) => ip),
    nodeName: spec.nodeName,
    conditions: { ready: true },
    targetRef: { kind: "Pod", name: metadata.name, uid: metadata.uid },
    ...overrides,
  };
}

export interface Cluster {
  readonly pods?: readonly WorkloadPod[];
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly policies?: readonly Policy[];
  /** Of the namespace `shop`. */
  readonly namespaceLimits?: NamespaceLimits;
  readonly grants?: readonly ProbeGrant[];
  readonly namespaces?: ClusterSnapshot["namespaces"];
  readonly replicaSetOwners?: ClusterSnapshot["replicaSetOwners"];
}

/** What is seen of a cluster with these objects. */
export function snapshot(cluster: Cluster = {}): ClusterSnapshot {
  const {
    pods = [],
    services = [],
    slices = [],
    policies = [],
    namespaceLimits,
    grants = [],
    namespaces,
    replicaSetOwners = new Map(),
  } = cluster;
  return snapshotOf({
    pods: Map.groupBy(pods, ({ metadata }) => metadata.namespace),
    services: new Map(services.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one])),
    slices: Map.groupBy(
      slices,
      ({ metadata }) => `${metadata.namespace}/${metadata.labels[SERVICE_NAME_LABEL]}`,
    ),
    policies: Map.groupBy(policies, ({ metadata }) => metadata.namespace),
    namespaceLimits: new Map(namespaceLimits ? [[NAMESPACE, namespaceLimits]] : []),
    grants,
    ...(namespaces && { namespaces }),
    replicaSetOwners,
  });
}

/** From the pods with `app: ui`, Allowed, and named `check`, unless said otherwise. */
export function expectation(fields: Partial<z.input<typeof expectationSchema>>): Expectation {
  return expectationSchema.parse({
    name: "check",
    from: { podSelector: { matchLabels: { app: "ui" } } },
    expect: "Allowed",
    ...fields,
  });
}

export interface TestOptions {
  readonly spec?: Partial<Omit<z.input<typeof connectivityTestSpecSchema>, "expectations">> &
    Partial<Pick<ConnectivityTestSpec, "expectations">>;
  readonly status?: z.input<typeof connectivityTestSchema>["status"];
  readonly metadata?: Input<typeof connectivityTestSchema, "metadata">;
}

/** The test shop/net, with UID `uid-net`, of generation 1; of the kind without a namespace where its namespace is "". */
export function connectivityTest({ spec, status, metadata }: TestOptions = {}): ConnectivityTest {
  const schema = metadata?.namespace === "" ? clusterConnectivityTestSchema : connectivityTestSchema;
  return schema.parse({
    metadata: { name: "net", namespace: NAMESPACE, uid: "uid-net", generation: 1, ...metadata },
    spec: { expectations: [expectation({ to: { service: { name: "web" } }, tcp: { port: 80 } })], ...spec },
    status,
  });
}

export interface RunOptions {
  readonly id?: string;
  readonly generation?: number;
  readonly spec?: Input<typeof probeRunSchema, "spec">;
  readonly status?: z.input<typeof probeRunSchema>["status"];
  readonly metadata?: Input<typeof probeRunSchema, "metadata">;
}

/** The run `net-<id>` of the test shop/net, with UID `uid-net-<id>`; it began at `BEGAN` and has neither pods nor paths. */
export function probeRun({ id = "abc", generation = 1, ...options }: RunOptions = {}): ProbeRun {
  return probeRunSchema.parse({
    metadata: {
      name: `net-${id}`,
      namespace: NAMESPACE,
      uid: `uid-net-${id}`,
      creationTimestamp: BEGAN,
      ownerReferences: [controlledBy(`${CONNECTIVITY_TEST.kind}/net`, API_VERSION)],
      ...options.metadata,
    },
    spec: {
      test: { kind: CONNECTIVITY_TEST.kind, name: "net", uid: "uid-net" },
      run: { id, trigger: "Schedule", generation, followUp: false },
      probing: {},
      expectations: [],
      ...options.spec,
    },
    status: options.status,
  });
}

/** A run, a follow-up run or a child run as an earlier version created it: the API server has pruned what distinguishes them. */
export function withoutFollowUp(run: ProbeRun): ProbeRun {
  const { followUp: _, ...named } = run.spec.run;
  return { ...run, spec: { ...run.spec, run: named } };
}

/** The fields of a pod's spec by which the operator recognises the pods that it creates. */
export const PROBE_POD_FIELDS = {
  restartPolicy: "Never",
  readinessGates: [{ conditionType: NEVER_READY }],
  containers: [{ name: "probe" }],
};

/** A probe pod of a run, as the operator remembers it; made when the run began, not yet on a node. */
export function probePod(
  name: string,
  run: ProbeRun,
  raw: { metadata?: object; spec?: object; status?: object } = {},
): ProbePod {
  return probePodSchema.parse({
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `uid-${name}`,
      creationTimestamp: BEGAN,
      ownerReferences: [{ ...controlledBy(`${PROBE_RUN.kind}/${run.metadata.name}`, API_VERSION) }],
      ...raw.metadata,
    },
    spec: { ...raw.spec },
    status: { phase: "Pending", ...raw.status },
  });
}
