import { API_VERSION } from "../../crds/group.ts";

/** What the soak test needs to know of its namespace. */
export interface Site {
  readonly namespace: string;
  /** The image of operator and probes: it has Node, which is all that sources and targets need. */
  readonly image: string;
}

export const SOURCES = ["red", "green", "blue"] as const;
export const TARGETS = ["catalog", "orders", "stock"] as const;
const PORT = 8080;

/** The connection of a source to a target, as `red → stock`. */
export const connectionOf = (source: string, target: string): string => `${source} → ${target}`;
/** The connection of a source to the DNS of the cluster. */
export const dnsOf = (source: string): string => connectionOf(source, "DNS");

/** All connections, with their first states. The tests expect these. */
export function firstStates(): Map<string, boolean> {
  const toTargets = SOURCES.flatMap((source, i) =>
    TARGETS.map((target, j) => [connectionOf(source, target), (i + j) % 2 === 0] as const),
  );
  return new Map([...toTargets, ...SOURCES.map((source) => [dnsOf(source), true] as const)]);
}

/** The name of the test of each source. */
export const testOf = (source: string): string => source;
/** The name of each expectation: `to-stock`, or `dns`. */
export const expectationTo = (target: string): string => `to-${target}`;
export const DNS = "dns";

/** The namespace with all of its workloads, policies and tests, as a manifest. */
export function sceneOf(site: Site): string {
  const first = firstStates();
  const objects = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: site.namespace } },
    ...SOURCES.map((name) => deployment(site, name, "setInterval(() => {}, 1000)")),
    ...TARGETS.flatMap((name) => targetWorkload(site, name)),
    ...TARGETS.map((name) => policyFor(site, name, (connection) => first.get(connection) === true)),
    ...SOURCES.map((name) => connectivityTest(site, name, first)),
  ];
  return objects.map((object) => JSON.stringify(object)).join("\n---\n");
}

/** Lets exactly the sources reach the target whose connections are open. */
export function policyFor(
  { namespace }: Site,
  name: string,
  isOpen: (connection: string) => boolean,
): object {
  const open = SOURCES.filter((source) => isOpen(connectionOf(source, name)));
  const from = open.map((app) => ({ podSelector: { matchLabels: { app } } }));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec: {
      podSelector: { matchLabels: { app: name } },
      policyTypes: ["Ingress"],
      // A rule without sources would admit all of them.
      ingress: from.length === 0 ? [] : [{ from }],
    },
  };
}

function connectivityTest({ namespace }: Site, source: string, first: ReadonlyMap<string, boolean>): object {
  const from = { podSelector: { matchLabels: { app: source } } };
  const toTargets = TARGETS.map((name) => ({
    name: expectationTo(name),
    from,
    to: { service: { name } },
    tcp: { port: PORT },
    expect: first.get(connectionOf(source, name)) === true ? "Allowed" : "Denied",
  }));
  const dns = {
    name: DNS,
    from,
    dns: { name: `${TARGETS[0]}.${namespace}.svc.cluster.local` },
    expect: "Allowed",
  };
  return {
    apiVersion: API_VERSION,
    kind: "ConnectivityTest",
    metadata: { name: testOf(source), namespace },
    spec: { expectations: [...toTargets, dns] },
  };
}

function targetWorkload(site: Site, name: string): object[] {
  const serve = `require("node:http").createServer((_, answer) => answer.end("ok")).listen(${PORT}, "::")`;
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: site.namespace },
    spec: { selector: { app: name }, ports: [{ port: PORT }] },
  };
  return [deployment(site, name, serve), service];
}

function deployment({ namespace, image }: Site, name: string, script: string): object {
  const container = {
    name: "main",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["node", "-e", script],
    resources: { requests: { cpu: "1m", memory: "16Mi" } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [container],
        },
      },
    },
  };
}
