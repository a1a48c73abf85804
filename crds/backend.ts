import { z } from "zod";

/** A pod behind an address, as it was when the run was planned. */
export const backendSchema = z.object({
  name: z.string().max(253).describe("The pod's name."),
  uid: z.string().max(64).describe("The pod's UID."),
  node: z.string().max(253).describe("The pod's node."),
  hostNetwork: z.boolean().default(false).describe("Whether the pod is on its node's network."),
  readinessOnPort: z
    .boolean()
    .default(false)
    .describe("The pod is Ready by a readiness probe on the very port."),
});
export type Backend = z.infer<typeof backendSchema>;

/** The nodes of what is behind an address, each once; those that nobody knows left out. */
export function nodesBehind(backends: readonly Pick<Backend, "node">[]): string[] {
  return [...new Set(backends.map(({ node }) => node))].filter((node) => node !== "");
}

/**
 * The node from which an address must not be probed: the one whose network all that is behind it uses. A pod may always
 * reach the node it runs on (https://kubernetes.io/docs/concepts/services-networking/network-policies/), so from there an
 * open path would say nothing of the policies. Undefined: there is no such node; or what is behind a cluster address is
 * on several, so that there may be no other.
 */
export function nodeToAvoid(backends: readonly Pick<Backend, "node" | "hostNetwork">[]): string | undefined {
  const [node, ...others] = new Set(backends.map((backend) => backend.node));
  const isHostNetwork = backends.every(({ hostNetwork }) => hostNetwork);
  return isHostNetwork && others.length === 0 && node !== "" ? node : undefined;
}
