import { z } from "zod";
import type { Api } from "../runtime/api.ts";
import { nodesPath, podsPath } from "../runtime/resourcePaths.ts";
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

/**
 * Reports whether a pod can run on a node if the scheduler is bypassed: the node is Ready and not cordoned, its taints and the
 * pod's own node selector permit it, and it has room for what the pod requests, as its kubelet will check again. Reads
 * the pod, the node and all pods of the node. False if one of them does not exist.
 */
export async function canRunOnNode(
  api: Pick<Api, "list">,
  { namespace, name, node }: Assignment,
): Promise<boolean> {
  const [[pod], [found], others] = await Promise.all([
    api.list(podsPath(namespace), (raw) => podSchema.parse(raw), { fieldSelector: `metadata.name=${name}` }),
    api.list(nodesPath(), (raw) => admittingNodeSchema.parse(raw), {
      fieldSelector: `metadata.name=${node}`,
    }),
    api.list(podsPath(), (raw) => podSchema.parse(raw), { fieldSelector: `spec.nodeName=${node}` }),
  ]);
  return pod !== undefined && found !== undefined && accepts({ name: node, ...found }, pod, others);
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
  const running = others.filter(({ status: { phase } }) => phase !== "Succeeded" && phase !== "Failed");
  const used = [...running, pod].map(requestsOf);
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
