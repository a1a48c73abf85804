import { z } from "zod";
import { metadataOf } from "../../crds/metadata.ts";
import type { Api } from "../runtime/api.ts";
import { isForbidden } from "../runtime/apiError.ts";
import { nodesPath, podsPath } from "../runtime/resourcePaths.ts";
import { isNamedAsProbePod } from "./probePod.ts";
import { parseQuantity } from "./quantity.ts";

const optionalText = z.string().default("");
const quantities = z.record(z.string(), z.string()).default({});
const textMap = z.record(z.string(), z.string()).default({});
const resources = z.object({ requests: quantities }).prefault({});

const admittingNodeSchema = z.object({
  metadata: z.object({ labels: textMap }),
  spec: z
    .object({
      unschedulable: z.boolean().default(false),
      taints: z.array(z.object({ key: z.string(), value: optionalText, effect: z.string() })).default([]),
    })
    .prefault({}),
  status: z.object({
    allocatable: quantities,
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
  }),
});

const nodeRequirement = z.object({ operator: z.string(), values: z.array(z.string()).default([]) });
const podSchema = z.object({
  spec: z.object({
    containers: z.array(z.object({ resources })).default([]),
    initContainers: z.array(z.object({ resources, restartPolicy: optionalText })).default([]),
    overhead: quantities,
    resources: resources,
    nodeSelector: textMap,
    tolerations: z
      .array(
        z.object({ key: optionalText, operator: optionalText, value: optionalText, effect: optionalText }),
      )
      .default([]),
    affinity: z
      .object({
        nodeAffinity: z
          .object({
            requiredDuringSchedulingIgnoredDuringExecution: z
              .object({
                nodeSelectorTerms: z.array(
                  z.object({
                    matchFields: z.array(nodeRequirement).default([]),
                    matchExpressions: z.array(nodeRequirement).default([]),
                  }),
                ),
              })
              .optional(),
          })
          .optional(),
      })
      .optional(),
  }),
  status: z.object({ phase: optionalText }).prefault({}),
});
type Node = z.infer<typeof admittingNodeSchema>;
type Pod = z.infer<typeof podSchema>;

/** A pod by its name, and a node. */
export interface Assignment {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
}

/** The room of a node for the pods of netverdict. CPU is in thousandths of a core. */
export interface NodeRoom {
  /** All CPU that it offers to pods. */
  readonly cpu: number;
  /** What all other pods of the node leave. */
  readonly free: { readonly cpu: number; readonly pods: number };
}

/**
 * Reads the room of a node: its allocatable resources and the requests of its other pods. Undefined if there is no such
 * node, or if the operator may not list nodes.
 */
export async function nodeRoomOf(api: Pick<Api, "list">, node: string): Promise<NodeRoom | undefined> {
  try {
    const [found, pods] = await Promise.all([
      nodeNamed(api, node),
      api.list(podsPath(), requestsOfOthers, { fieldSelector: `spec.nodeName=${node}` }),
    ]);
    if (!found) return undefined;
    const { allocatable } = found.status;
    const others = pods.flatMap((requests) => requests ?? []);
    const cpu = Math.floor(parseQuantity(allocatable["cpu"] ?? "0") * 1_000);
    const used = others.reduce((sum, requests) => sum + (requests.get("cpu") ?? 0), 0);
    return {
      cpu,
      free: {
        cpu: cpu - Math.round(used * 1_000),
        pods: parseQuantity(allocatable["pods"] ?? "0") - others.length,
      },
    };
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** The requests of a pod; undefined for a pod of netverdict and for one that has ended. */
function requestsOfOthers(raw: unknown): ReadonlyMap<string, number> | undefined {
  const pod = podSchema.parse(raw);
  return isNamedAsProbePod(metadataOf(raw)) || !hasNotEnded(pod) ? undefined : requestsOf(pod);
}

const hasNotEnded = ({ status: { phase } }: Pod) => phase !== "Succeeded" && phase !== "Failed";

/**
 * Reports whether a pod can run on a node if the scheduler is bypassed: the node is Ready and not cordoned, its taints and the
 * pod's own node selector permit it, and it has room for what the pod requests, as its kubelet will check again. Reads
 * the pod, the node and all pods of the node. False if one of them does not exist.
 */
export async function canRunOnNode(
  api: Pick<Api, "list">,
  { namespace, name, node }: Assignment,
): Promise<boolean> {
  const [[pod], found, others] = await Promise.all([
    api.list(podsPath(namespace), (raw) => podSchema.parse(raw), { fieldSelector: `metadata.name=${name}` }),
    nodeNamed(api, node),
    api.list(podsPath(), (raw) => podSchema.parse(raw), { fieldSelector: `spec.nodeName=${node}` }),
  ]);
  return pod !== undefined && found !== undefined && accepts({ name: node, ...found }, pod, others);
}

/** A list, because the operator may list nodes and not get one. */
async function nodeNamed(api: Pick<Api, "list">, name: string): Promise<Node | undefined> {
  const parse = (raw: unknown) => admittingNodeSchema.parse(raw);
  return (await api.list(nodesPath(), parse, { fieldSelector: `metadata.name=${name}` }))[0];
}

/** The same, without reads. */
function accepts(node: Node & { readonly name: string }, pod: Pod, others: readonly Pod[]): boolean {
  const isReady = node.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");
  return (
    isReady &&
    !node.spec.unschedulable &&
    node.spec.taints.every((taint) => isTolerated(taint, pod)) &&
    Object.entries(pod.spec.nodeSelector).every(([key, value]) => node.metadata.labels[key] === value) &&
    isPermittedByAffinity(node.name, pod) &&
    hasRoom(node, pod, others)
  );
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
function isTolerated(taint: Node["spec"]["taints"][number], { spec }: Pod): boolean {
  return (
    taint.effect === "PreferNoSchedule" ||
    spec.tolerations.some(
      ({ key, operator, value, effect }) =>
        (effect === "" || effect === taint.effect) &&
        (operator === "Exists"
          ? key === "" || key === taint.key
          : (operator === "" || operator === "Equal") && key === taint.key && value === taint.value),
    )
  );
}

/** A twin itself only names nodes that it must avoid. Any other requirement is that of admission, and is not evaluated. */
function isPermittedByAffinity(node: string, { spec }: Pod): boolean {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (required?.nodeSelectorTerms ?? []).every(
    ({ matchFields, matchExpressions }) =>
      matchExpressions.length === 0 &&
      matchFields.every(({ operator, values }) => operator === "NotIn" && !values.includes(node)),
  );
}

/** A resource that the node does not offer has no room; the number of pods is one of its resources. */
function hasRoom({ status }: Node, pod: Pod, others: readonly Pod[]): boolean {
  const used = [...others.filter(hasNotEnded), pod].map(requestsOf);
  return [...requestsOf(pod).keys()].every((resource) => {
    const sum = used.reduce((total, requests) => total + (requests.get(resource) ?? 0), 0);
    return sum <= parseQuantity(status.allocatable[resource] ?? "0");
  });
}

/**
 * What the kubelet reserves for a pod: the sum of its containers and sidecars, or the largest init container if that is more,
 * and its overhead; the pod-level requests if it has some
 * (https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers). An init container
 * is counted with all sidecars, which is never less than what the kubelet counts.
 */
function requestsOf({ spec }: Pod): ReadonlyMap<string, number> {
  const { containers, initContainers, overhead, resources: ofPod } = spec;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
  const lasting = [...containers, ...sidecars].map((one) => one.resources.requests);
  const starting = initContainers.filter(({ restartPolicy }) => restartPolicy !== "Always");
  const names = [...lasting, ...starting.map((one) => one.resources.requests), overhead, ofPod.requests];
  const amount = (requests: Readonly<Record<string, string>>, name: string) =>
    parseQuantity(requests[name] ?? "0");
  const requestOf = (name: string): number => {
    const sum = (all: readonly Readonly<Record<string, string>>[]) =>
      all.reduce((total, requests) => total + amount(requests, name), 0);
    const ofSidecars = sum(sidecars.map((one) => one.resources.requests));
    const ofContainers = Math.max(
      sum(lasting),
      ...starting.map((one) => ofSidecars + amount(one.resources.requests, name)),
    );
    return (name in ofPod.requests ? amount(ofPod.requests, name) : ofContainers) + amount(overhead, name);
  };
  const resourceNames = new Set(names.flatMap((requests) => Object.keys(requests)));
  return new Map([...[...resourceNames].map((name) => [name, requestOf(name)] as const), ["pods", 1]]);
}
