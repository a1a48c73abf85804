import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Expectation } from "../../crds/expectation.ts";
import { type PodLists, podsOf, servicesOf, slicesOf } from "./lists.ts";
import { nodeAt, type ClusterNode } from "./nodes.ts";
import { readyEndpoints, type NodePort, type Service, type ServicePort } from "./service.ts";
import { hasHostPort, isRunning } from "./workloadPod.ts";

type NodeSocket = Pick<NodePort, "node" | "port">;

/**
 * Returns those of the test's targets that are node ports of a Service or host ports of a pod, in any namespace. It costs
 * requests only for a test with a port of a node as its target.
 */
export async function nodePortsFor(
  test: ConnectivityTest,
  nodes: readonly ClusterNode[],
  api: PodLists,
): Promise<readonly NodePort[]> {
  const sockets = nodeSocketsOf(test, nodes);
  if (sockets.length === 0) return [];
  const services = await servicesWithNodePorts(api);
  return (await Promise.all(sockets.map((socket) => findNodePort(socket, services, api)))).flat();
}

function nodeSocketsOf({ spec }: ConnectivityTest, nodes: readonly ClusterNode[]): NodeSocket[] {
  const sockets = spec.expectations.flatMap((expectation) => {
    const node = namedNode(expectation, nodes);
    const port = askedPort(expectation);
    return typeof port === "number" && node !== undefined ? [{ node, port }] : [];
  });
  return [...new Map(sockets.map((socket) => [`${socket.node} ${socket.port}`, socket])).values()];
}

const askedPort = ({ http, tcp }: Expectation) => http?.port ?? tcp?.port;

function namedNode({ to }: Expectation, nodes: readonly ClusterNode[]): string | undefined {
  return to?.ip === undefined ? to?.node : nodeAt(to.ip, nodes)?.name;
}

/** The API server selects Services by their type, so those that have only a cluster address are not read. */
async function servicesWithNodePorts(api: PodLists): Promise<readonly Service[]> {
  const types = ["NodePort", "LoadBalancer"];
  const found = await Promise.all(
    types.map((type) => servicesOf(api, undefined, { fieldSelector: `spec.type=${type}` })),
  );
  return found.flat();
}

async function findNodePort(
  { node, port }: NodeSocket,
  services: readonly Service[],
  api: PodLists,
): Promise<NodePort[]> {
  for (const service of services) {
    const own = service.spec.ports.find(({ nodePort, protocol }) => nodePort === port && protocol === "TCP");
    if (own) return [{ node, port, by: "NodePort", endpoints: await endpointsOf(service, own, api) }];
  }
  const { workloadPods } = await podsOf(api, undefined, { fieldSelector: `spec.nodeName=${node}` });
  const isHostPort = workloadPods.some((pod) => isRunning(pod) && hasHostPort(pod, port));
  return isHostPort ? [{ node, port, by: "HostPort" }] : [];
}

async function endpointsOf({ metadata }: Service, port: ServicePort, api: PodLists) {
  const { namespace, name } = metadata;
  return readyEndpoints(await slicesOf(api, namespace, [{ namespace, name }]), port);
}
