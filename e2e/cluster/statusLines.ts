import type { ClusterStatus } from "./cluster.ts";

/** A cluster's status for a person; says which component has ended and where its log is. */
export function statusLines(name: string, status: ClusterStatus | undefined): readonly string[] {
  if (status === undefined) return [`cluster ${name}: not running. Start it: npm run cluster -- up`];
  const dead = status.components.filter((component) => !component.alive);
  const running = status.components.filter((component) => component.alive);
  return [
    `cluster ${name}: ${status.healthy ? "healthy" : "NOT HEALTHY; npm run cluster -- up replaces it"}`,
    `network: ${status.engine}`,
    `api server: ${status.apiServer ? "ready" : "DOES NOT ANSWER"}`,
    `nodes: ${status.nodes.map((node) => `${node.name} ${node.ready ? "Ready" : "NOT READY"}`).join(", ")}`,
    `running: ${running.map((component) => `${component.name} (${component.pid})`).join(", ")}`,
    ...dead.map((component) => `ENDED: ${component.name}, log ${status.logs}/${component.name}.log`),
    `kubeconfig: ${status.kubeconfig}`,
  ];
}
