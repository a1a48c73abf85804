import { stringify } from "yaml";

/** What a measurement needs to know of its namespace. */
export interface Site {
  readonly namespace: string;
  /** The image of operator and probes: it has Node, which is all that sources and targets need. */
  readonly image: string;
}

/** Targets that a NetworkPolicy closes, out of all: denials cost the most rounds, so a measurement has to have some. */
const CLOSED = 2;

/** More ports that every target listens at, one for each of many expectations toward one pod. */
export const MORE_PORTS: readonly number[] = Array.from({ length: 20 }, (_, index) => 9_001 + index);

interface Amounts {
  readonly sources: number;
  readonly targets: number;
  /** Two if left out. */
  readonly closed?: number;
}

const container = (image: string) => ({
  name: "main",
  image,
  imagePullPolicy: "IfNotPresent",
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  resources: { requests: { cpu: "1m", memory: "16Mi" } },
});

const pod = (labels: Record<string, string>, main: object) => ({
  metadata: { labels },
  spec: {
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [main],
  },
});

function deployment({ namespace }: Site, name: string, template: object): object {
  const spec = { replicas: 1, selector: { matchLabels: { app: name } }, template };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace }, spec };
}

function source(site: Site, index: number): object {
  const name = `source-${index}`;
  return deployment(
    site,
    name,
    pod({ app: name }, { ...container(site.image), command: ["sleep", "infinity"] }),
  );
}

function target(site: Site, index: number, closed: number): object[] {
  const name = `target-${index}`;
  const ports = JSON.stringify([8080, ...MORE_PORTS]);
  const serve = `for (const port of ${ports}) require('node:http').createServer((_, answer) => answer.end('ok')).listen(port)`;
  const main = {
    ...container(site.image),
    command: ["node", "-e", serve],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  };
  const { namespace } = site;
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  };
  return [
    deployment(site, name, pod({ app: name, role: index < closed ? "closed" : "open" }, main)),
    service,
  ];
}

/** As many sources and targets as asked for, and the policy that closes the first targets. */
export function workloads(site: Site, { sources, targets, closed = CLOSED }: Amounts): string {
  const { namespace } = site;
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "closed", namespace },
    spec: { podSelector: { matchLabels: { role: "closed" } }, policyTypes: ["Ingress"] },
  };
  const objects = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    policy,
    ...Array.from({ length: sources }, (_, index) => source(site, index)),
    ...Array.from({ length: targets }, (_, index) => target(site, index, closed)).flat(),
  ];
  return objects.map((object) => stringify(object)).join("---\n");
}

/** A test of every source towards every target. With one target only, it is an open one. */
export function connectivityTest(
  { namespace }: Site,
  { name, sources, targets, closed = CLOSED }: Amounts & { name: string },
): object {
  const first = targets === 1 ? closed : 0;
  const expectations = Array.from({ length: sources * targets }, (_, index) => {
    const [from, to] = [Math.floor(index / targets), first + (index % targets)];
    return {
      name: `source-${from}-target-${to}`,
      from: { podSelector: { matchLabels: { app: `source-${from}` } } },
      to: { service: { name: `target-${to}` } },
      tcp: { port: 80 },
      expect: to < closed ? "Denied" : "Allowed",
    };
  });
  return testOf(namespace, name, expectations);
}

/** A test with these expectations. */
export const testOf = (namespace: string, name: string, expectations: readonly object[]): object => ({
  apiVersion: "netverdict.dev/v1alpha1",
  kind: "ConnectivityTest",
  metadata: { name, namespace },
  spec: { expectations },
});

/** A pod that does nothing but run `true`: what a probe pod costs at the least. */
export function plainPod({ namespace, image }: Site, name: string): object {
  const main = {
    ...container(image),
    command: ["true"],
    resources: { requests: { cpu: "10m", memory: "64Mi" } },
  };
  const { spec } = pod({}, main);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { ...spec, restartPolicy: "Never", automountServiceAccountToken: false, enableServiceLinks: false },
  };
}
