import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { ranges } from "../cluster/nodes/spec.ts";
import { deploy } from "../kube/deploy.ts";
import { cluster, kubectl } from "../harness/scenario.ts";
import { RESTRICTED } from "../harness/workload.ts";

/** What the servers do on each port: the same far end that the unit tests' recordings were made with. */
const BEHAVIOURS = join(import.meta.dirname, "../../probes/tools/testdata/servers.ts");

/** Pods that differ only in the policies that guard them. */
const SERVERS = ["open", "guarded", "web-only"] as const;

type Pair = readonly [ipv4: string, ipv6: string];
/** Where a check can go; `open-service` is before the open server, `empty-service` has no endpoint. */
export type Place = (typeof SERVERS)[number] | "open-service" | "empty-service" | "outside" | "nowhere";
export type Addresses = Readonly<Record<Place, Pair>>;

/** Documentation addresses (RFC 5737, RFC 3849) to which the cluster's router has no route. */
const NOWHERE: Pair = ["198.51.100.1", "2001:db8:dead::1"];

/** Brings up servers, Services and policies in a namespace and waits until the servers are ready. */
export async function deployNetwork(namespace: string): Promise<Addresses> {
  const behaviours = await readFile(BEHAVIOURS, "utf8");
  const objects = [
    ...SERVERS.map((name) => server(name, behaviours)),
    service("open-service", "open"),
    service("empty-service", "absent"),
    ...policies,
  ];
  const placed = objects.map(({ metadata, ...rest }) => ({ metadata: { ...metadata, namespace }, ...rest }));
  await deploy(kubectl, placed.map((object) => JSON.stringify(object)).join("\n---\n"));
  const read = async (...what: readonly string[]) => readAddresses(namespace, what);
  return {
    open: await read(POD_ADDRESSES, "pods", "--selector=app=open"),
    guarded: await read(POD_ADDRESSES, "pods", "--selector=app=guarded"),
    "web-only": await read(POD_ADDRESSES, "pods", "--selector=app=web-only"),
    "open-service": await read(CLUSTER_ADDRESSES, "service", "open-service"),
    "empty-service": await read(CLUSTER_ADDRESSES, "service", "empty-service"),
    outside: ranges.outside,
    nowhere: NOWHERE,
  };
}

function server(name: string, behaviours: string) {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(behaviours) },
    },
  };
}

function podSpec(behaviours: string) {
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: RESTRICTED.pod,
    containers: [
      {
        name: "server",
        image: cluster.image,
        imagePullPolicy: "IfNotPresent",
        command: ["node", "--input-type=module-typescript", "--eval", behaviours],
        // More than any probe pod asks for: on a busy machine the servers must not be what is slow.
        resources: { requests: { cpu: "200m" } },
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        securityContext: RESTRICTED.container,
      },
    ],
  };
}

function service(name: string, app: string) {
  const spec = {
    selector: { app },
    ports: [{ port: 80, targetPort: 8080 }],
    ipFamilyPolicy: "RequireDualStack",
  };
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
}

function policy(app: string, rules: { readonly ingress?: object[]; readonly egress?: object[] }) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: app },
    spec: {
      podSelector: { matchLabels: { app } },
      policyTypes: "egress" in rules ? ["Egress"] : ["Ingress"],
      ...rules,
    },
  };
}

const web = [{ protocol: "TCP", port: 8080 }];
const policies = [
  policy("guarded", { ingress: [] }),
  policy("web-only", { ingress: [{ ports: web }] }),
  policy("muted", { egress: [{ to: [{ podSelector: { matchLabels: { app: "open" } } }], ports: web }] }),
];

/** IPv4 first, as the cluster's ranges are ordered. */
const pairSchema = z.tuple([z.ipv4(), z.ipv6()]);

const POD_ADDRESSES = "jsonpath={.items[*].status.podIPs[*].ip}";
const CLUSTER_ADDRESSES = "jsonpath={.spec.clusterIPs[*]}";

async function readAddresses(namespace: string, what: readonly string[]): Promise<Pair> {
  const text = await kubectl(["get", `--namespace=${namespace}`, "--output", ...what]);
  return pairSchema.parse(text.split(" "));
}
