import { cluster, kubectl } from "./scenario.ts";
import { TOLERATES_SECOND_NODE } from "./secondNode.ts";

interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly replicas?: number;
  /** Left out: wherever the scheduler wants it, and so never on the second node. */
  readonly node?: string;
  /** False: Ready as soon as it runs, since no readiness probe asks. */
  readonly readinessProbe?: boolean;
  /** What node runs instead of a server that answers 200 to every request. It is to listen on port 8080, if at all. */
  readonly script?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** True: on its node's network, and without a port that could be taken there. */
  readonly hostNetwork?: boolean;
  /** Labels of the pods besides `app`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** More fields of the pod's spec. */
  readonly pod?: object;
  /** What a pod asks for, and its weight on a busy node: `100m`. Left out: nothing. */
  readonly cpu?: string;
}

const PORT = 8080;

const SERVER = `require("http").createServer((_, response) => response.end("ok")).listen(${PORT}, "::")`;
/** A `script`: the process runs and nothing listens on its port. */
export const SLEEPER = "setInterval(() => {}, 1000)";

/**
 * A Deployment and a Service of the same name that answer HTTP 200 on port 80, from pods labelled `app: <name>` that
 * listen on 8080 and whose readiness probe asks that very port, unless said otherwise. As a manifest for `deploy`.
 */
export function server(workload: Workload): string {
  return [deployment(workload), service(workload)].map((object) => JSON.stringify(object)).join("\n---\n");
}

/** The Deployment alone. */
export function deployment(workload: Workload) {
  const { namespace, name, replicas = 1, labels = {} } = workload;
  const template = { metadata: { labels: { ...labels, app: name } }, spec: podSpec(workload) };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: { app: name } }, template },
  };
}

/** The same as a StatefulSet, whose pods are `<name>-0`, `<name>-1`, … */
export function statefulSet(workload: Workload) {
  const { spec, ...others } = deployment(workload);
  return { ...others, kind: "StatefulSet", spec: { ...spec, serviceName: workload.name } };
}

/** The security contexts that the Pod Security level "restricted" requires. */
export const RESTRICTED = {
  pod: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: "RuntimeDefault" } },
  container: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
} as const;

function podSpec(workload: Workload) {
  const { node, readinessProbe = true, script = SERVER, environment = {} } = workload;
  const { hostNetwork = false, pod = {}, cpu } = workload;
  return {
    ...(node !== undefined && {
      nodeSelector: { "kubernetes.io/hostname": node },
      tolerations: TOLERATES_SECOND_NODE,
    }),
    ...(hostNetwork && { hostNetwork }),
    ...pod,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: RESTRICTED.pod,
    containers: [
      {
        name: "server",
        image: cluster.image,
        imagePullPolicy: "IfNotPresent",
        command: ["node", "-e", script],
        env: Object.entries(environment).map(([name, value]) => ({ name, value })),
        ...(!hostNetwork && { ports: [{ name: "http", containerPort: PORT }] }),
        resources: { requests: { cpu } },
        ...(readinessProbe && { readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 } }),
        securityContext: RESTRICTED.container,
      },
    ],
  };
}

/** The Service alone. */
export function service({ namespace, name }: Pick<Workload, "namespace" | "name">) {
  const ports = [{ name: "http", port: 80, targetPort: "http" }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports },
  };
}

/** The one pod of a Deployment, as kubectl has it: `pod/web-5d9f-x2x`. Never one of netverdict's, which have its labels otherwise. */
export async function podOf(namespace: string, app: string): Promise<string> {
  const selector = `--selector=app=${app},pod-template-hash`;
  return (await kubectl(["get", "pods", selector, `--namespace=${namespace}`, "--output=name"])).trim();
}

/** The addresses of a pod, which kubectl names `pod/NAME`. */
export async function addressesOf(namespace: string, pod: string): Promise<string[]> {
  const template = "--output=jsonpath={range .status.podIPs[*]}{.ip} {end}";
  return (await kubectl(["get", pod, `--namespace=${namespace}`, template])).trim().split(" ");
}

/** An address as a range of that address alone. */
export const rangeOf = (address: string) => `${address}/${address.includes(":") ? 128 : 32}`;

/** A running pod connects to an address by itself. Fails if it does not. */
export const connects = (namespace: string, pod: string, [address, port]: readonly [string, number]) =>
  kubectl([
    "exec",
    `--namespace=${namespace}`,
    pod,
    "--",
    "node",
    "-e",
    `require("net").connect({ host: "${address}", port: ${port}, timeout: 3000 })
      .on("connect", () => process.exit(0)).on("error", () => process.exit(1)).on("timeout", () => process.exit(2))`,
  ]);
