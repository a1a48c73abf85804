import {
  namespacePolicySchema,
  namespaceServiceSchema,
  runningWorkloadSchema,
  type NamespaceObjects,
  type NamespacePolicy,
  type NamespaceService,
  type RunningWorkload,
} from "../init/namespaceObjects.ts";

/** A Deployment whose pods have the label `app`, and the ports `http` (8080) and `sql` (5432). */
export function workload(name: string, template: object = {}): RunningWorkload {
  const labels = { app: name };
  const ports = [
    { name: "http", containerPort: 8080 },
    { name: "sql", containerPort: 5432 },
  ];
  const spec = { containers: [{ ports }], ...template };
  const raw = {
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  return { ...runningWorkloadSchema.parse(raw), kind: "Deployment" };
}

/** A Service before the pods of such a workload, with a TCP port 80. */
export function service(name: string, targetPort: number | string = "http"): NamespaceService {
  const raw = { metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80, targetPort }] } };
  return namespaceServiceSchema.parse(raw);
}

export const policy = (name: string, spec: object): NamespacePolicy =>
  namespacePolicySchema.parse({ metadata: { name }, spec });

/** The namespace shop. Without other workloads it has `web`, `api` and `db`, and a Service of each. */
export function shop(objects: Partial<NamespaceObjects> = {}): NamespaceObjects {
  const names = ["web", "api", "db"];
  return {
    namespace: "shop",
    labels: { "kubernetes.io/metadata.name": "shop", team: "shop" },
    workloads: names.map((name) => workload(name)),
    services: names.map((name) => service(name)),
    policies: [],
    ...objects,
  };
}
