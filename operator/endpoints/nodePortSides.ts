import type { Backend } from "../../crds/proberun/backend.ts";
import { MAX_BACKENDS, type TranslatedPort } from "../../crds/proberun/plannedpath.ts";
import type { NodePort } from "../cluster/service.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { Source } from "./sources.ts";
import type { TargetAddress } from "./targetAddress.ts";

/** Returns what the node translates the port to, if it does. */
export function nodePortAt(
  { node, port }: { readonly node: string | undefined; readonly port?: number },
  { nodePorts = [] }: ClusterSnapshot,
): { nodePort?: NodePort } {
  const nodePort = nodePorts.find((one) => one.node === node && one.port === port);
  return nodePort === undefined ? {} : { nodePort };
}

/**
 * Returns the address once for each side of a node port that the source has pods on. From a pod on the node itself the
 * port is translated before policies apply: they see the pod behind it. From any other node they see the node's address.
 * A side without pods of the source is not tried, since no traffic of the source comes from there.
 */
export function fromEachSide(source: Source, target: TargetAddress): TargetAddress[] {
  const { nodePort, ...address } = target;
  if (nodePort === undefined) return [target];
  const { node, by } = nodePort;
  const nodes = source.pod === undefined ? [source.node] : source.pods.map(({ spec }) => spec.nodeName);
  const sides: TranslatedPort["from"][] = [
    ...(nodes.some((one) => one !== node) ? (["OtherNode"] as const) : []),
    ...(nodes.includes(node) ? (["OwnNode"] as const) : []),
  ];
  return sides.map((from) => {
    const backends = from === "OwnNode" ? behind(nodePort, target) : [nodeItself(node)];
    return { ...address, translated: { node, by, from }, backends, backendCount: backends.length };
  });
}

const unknownPod = { uid: "", hostNetwork: false, readinessOnPort: false } as const;

/** The far end of a link from elsewhere; the probe pod must not run there. */
const nodeItself = (node: string): Backend => ({ ...unknownPod, name: node, node, hostNetwork: true });

/** The far ends of the links from the node itself. A test need not have access to the pods, so they are named by their addresses. */
function behind({ node, endpoints }: NodePort, { family }: TargetAddress): Backend[] {
  if (endpoints === undefined) return [{ ...unknownPod, name: node, node }];
  return endpoints
    .filter((endpoint) => endpoint.family === family)
    .slice(0, MAX_BACKENDS)
    .map((endpoint) => ({ ...unknownPod, name: endpoint.address, node: endpoint.node }));
}
