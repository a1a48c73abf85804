import type { Backend } from "../crds/proberun.ts";

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
