import { z } from "zod";

/** A pod behind an address, as it was when the run was planned. */
export const backendSchema = z.object({
  name: z.string().max(253).describe("The pod's name."),
  uid: z.string().max(64).describe("The pod's UID."),
  node: z.string().max(253).describe("The pod's node."),
  hostNetwork: z.boolean().default(false).describe("Whether the pod is on the host network."),
  readinessOnPort: z
    .boolean()
    .default(false)
    .describe("Whether the pod is Ready by a readiness probe on the same port."),
});
export type Backend = z.infer<typeof backendSchema>;

/** Returns the nodes of the backends of an address, each once, without unknown nodes. */
export function backendNodes(backends: readonly Pick<Backend, "node">[]): string[] {
  return [...new Set(backends.map(({ node }) => node))].filter((node) => node !== "");
}

/**
 * Returns the node from which an address must not be probed: the node whose host network all backends of the address
 * use. Traffic from a pod to its own node is never blocked
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/), so an open path from there would prove
 * nothing. Undefined if there is no such node, or if the backends of a cluster address are on several nodes, because
 * then there may be no other node.
 */
export function nodeToAvoid(backends: readonly Pick<Backend, "node" | "hostNetwork">[]): string | undefined {
  const [node, ...others] = new Set(backends.map((backend) => backend.node));
  const isHostNetwork = backends.every(({ hostNetwork }) => hostNetwork);
  return isHostNetwork && others.length === 0 && node !== "" ? node : undefined;
}
