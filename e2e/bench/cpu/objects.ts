import { connectivityTestSchema } from "../../../crds/connectivitytest.ts";
import { API_VERSION, CONNECTIVITY_TEST, WITNESS_NAMESPACE } from "../../../crds/group.ts";
import { dependenciesOf } from "../../../operator/controller/dependencyDigest.ts";

/** Raw objects of a made-up cluster, as its API server would list them. */

/** The sizes that the aims are for. */
export const SIZES = {
  tests: 10_000,
  namespaces: 1_000,
  pods: 5_000,
  services: 1_000,
  policies: 300,
  sources: 16,
  targets: 8,
} as const;

const BEGAN = "2026-11-29T12:00:00.000Z";
const ENDED = "2026-11-29T12:00:07.000Z";
/** A moment at which no test of `rawTest` is due. */
export const NOW = new Date("2026-11-29T12:01:00.000Z");

export const namespaceOf = (number: number) => `team-${number % SIZES.namespaces}`;
export const keyOfTest = (number: number) => `${namespaceOf(number)}/test-${number}`;

const metadataOf = (number: number) => ({ name: `test-${number}`, namespace: namespaceOf(number) });
const owner = { apiVersion: API_VERSION, kind: CONNECTIVITY_TEST.kind, controller: true } as const;

const denied = {
  name: "denied",
  from: { podSelector: { matchLabels: { app: "ui" } } },
  to: { podSelector: { matchLabels: { app: "db" } } },
  tcp: { port: 5432 },
  expect: "Denied",
} as const;

/** A test that runs every ten minutes, and whose last run has ended a moment ago. */
export function rawTest(number: number) {
  const id = `r${number}`;
  return {
    metadata: { ...metadataOf(number), uid: `test-${number}`, generation: 1, resourceVersion: "1" },
    spec: {
      schedule: { every: "10m" },
      rerunOn: ["PolicyChange", "WorkloadChange"],
      expectations: [
        { ...denied, name: "denied" },
        { ...denied, name: "allowed", expect: "Allowed" },
      ],
    },
    status: {
      verdict: "Passed",
      run: { id, trigger: "Schedule", startedAt: BEGAN, finishedAt: ENDED, generation: 1 },
      history: [{ id, verdict: "Passed", finishedAt: ENDED, text: "2/2" }],
    },
  };
}

/** A cluster without policies and workloads, as it was when the runs began. */
const nothing = {
  policiesOf: () => [],
  labelsOf: () => ({}),
  servicesOf: () => [],
  rolloutOf: () => undefined,
  podLabelsOf: () => [],
  endpointsOf: () => [],
  unsettledSince: () => undefined,
  missingRight: undefined,
};

const backend = { name: "db-0", uid: "db-0", node: "node-2", hostNetwork: false, readinessOnPort: false };

const pathOf = (id: number, expect: "Allowed" | "Denied") => ({
  id,
  expectation: expect.toLowerCase(),
  expect,
  from: "Deployment/ui",
  to: "StatefulSet/db",
  kind: "Pod",
  pod: "probe-ui",
  backends: [backend],
  backendCount: 1,
  check: { path: id, tool: "tcp", family: "IPv4", address: "10.1.0.9", port: 5432, provesSource: true },
});

/** The last run of that test, with two paths, and the dependencies of its verdict. */
export function rawRun(number: number) {
  const { name, namespace } = metadataOf(number);
  const dependencies = dependenciesOf({ namespaces: [namespace], workloads: [`ui-${namespace}`] }, nothing);
  return {
    metadata: {
      name: `${name}-r${number}`,
      namespace,
      uid: `run-${number}`,
      resourceVersion: "1",
      creationTimestamp: BEGAN,
      ownerReferences: [{ ...owner, name, uid: `test-${number}` }],
    },
    spec: {
      test: { kind: CONNECTIVITY_TEST.kind, name, uid: `test-${number}` },
      run: { id: `r${number}`, trigger: "Schedule", generation: 1, followUp: false },
      probing: {},
      expectations: [
        { name: "denied", expect: "Denied" },
        { name: "allowed", expect: "Allowed" },
      ],
      grants: [{ namespace, name: "front", uid: `grant-${namespace}`, generation: 1 }],
      dependencies,
      // Its name in the build before.
      premises: dependencies,
      pods: [
        {
          name: "probe-ui",
          source: "Deployment/ui",
          sourcePod: { name: "ui-0", uid: "ui-0" },
          twin: { labels: { app: "ui" }, serviceAccountName: "default" },
        },
      ],
      paths: [pathOf(0, "Denied"), pathOf(1, "Allowed")],
    },
    status: {
      phase: "Finished",
      finishedAt: ENDED,
      pods: [{ name: "probe-ui", phase: "Finished" }],
      results: [0, 1].map((path) => ({ path, samples: path === 0 ? "....." : "CCC" })),
    },
  };
}

/** The run of its witnesses, which no owner reference leads to. */
export function rawWitness(number: number) {
  const { metadata, spec, status } = rawRun(number);
  const { ownerReferences: _, ...more } = metadata;
  return {
    metadata: {
      ...more,
      name: `${metadata.namespace}.${metadata.name}`,
      namespace: WITNESS_NAMESPACE,
      uid: `witness-${number}`,
    },
    spec: { ...spec, test: { ...spec.test, namespace: metadata.namespace } },
    status,
  };
}

/** What the operator has written becomes the object, as its watch would bring it. */
export function withStatus(number: number, status: unknown) {
  const raw = rawTest(number);
  const test = { ...raw, metadata: { ...raw.metadata, resourceVersion: "2" }, status };
  return connectivityTestSchema.parse(test);
}

const hex = (number: number) => number.toString(16);

/** A running pod with an address of each family; a few are the sources and the targets of `densePlan`. */
export function rawPod(number: number) {
  const every = Math.floor(SIZES.pods / (SIZES.sources + SIZES.targets));
  const place = number % every === every - 1 ? Math.floor(number / every) : -1;
  const isSource = place >= 0 && place < SIZES.sources;
  const isTarget = place >= SIZES.sources && place < SIZES.sources + SIZES.targets;
  const app = isSource ? `source-${place}` : `app-${number % 50}`;
  const role = isSource ? "source" : isTarget ? "target" : "other";
  return {
    metadata: {
      name: `${app}-${number}`,
      namespace: "big",
      uid: `pod-${number}`,
      labels: { app, role, "pod-template-hash": "5d9c", tier: `tier-${number % 5}` },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "StatefulSet", name: app, uid: `set-${app}`, controller: true },
      ],
    },
    spec: {
      nodeName: `node-${number % 100}`,
      serviceAccountName: "default",
      tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }],
      containers: [{ name: "main", ports: [{ name: "web", containerPort: 8080 }] }],
    },
    status: {
      phase: "Running",
      podIPs: [
        { ip: `10.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}` },
        { ip: `fd00:10:244:${hex(number >> 8)}::${hex(number & 255)}a` },
      ],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

/** A Service of the pods of an application. */
export function rawService(number: number) {
  return {
    metadata: { name: `service-${number}`, namespace: "big", uid: `service-${number}` },
    spec: {
      clusterIPs: [`10.96.${number >> 8}.${number & 255}`, `fd00:10:96::${hex(number + 1)}`],
      selector: { app: `app-${number % 50}` },
      ports: [{ name: "web", port: 80, protocol: "TCP" }],
    },
  };
}

/** A NetworkPolicy for the pods of an application, which lets in those of two others. */
export function rawPolicy(number: number) {
  const podsOf = (app: number) => ({ podSelector: { matchLabels: { app: `app-${app % 50}` } } });
  return {
    metadata: { name: `policy-${number}`, namespace: "big", uid: `policy-${number}`, generation: 1 },
    spec: {
      ...podsOf(number),
      policyTypes: ["Ingress"],
      ingress: [{ from: [podsOf(number + 1), podsOf(number + 2)] }],
    },
  };
}

/** A test of that namespace which comes to 256 paths, all of them denied. */
export function densePlan() {
  const expectation = {
    ...denied,
    from: { podSelector: { matchLabels: { role: "source" } } },
    to: { podSelector: { matchLabels: { role: "target" } } },
  };
  return connectivityTestSchema.parse({
    metadata: { name: "dense", namespace: "big", uid: "dense", generation: 1 },
    spec: { expectations: [expectation] },
  });
}

/** A test with as many expectations as there may be, each of one source and one target. */
export function widePlan() {
  const expectations = Array.from({ length: 128 }, (_, index) => ({
    ...denied,
    name: `denied-${index}`,
    from: { podSelector: { matchLabels: { app: `source-${index % SIZES.sources}` } } },
    to: { ip: `10.64.${index % 16}.${100 + (index % 100)}` },
  }));
  return connectivityTestSchema.parse({
    metadata: { name: "wide", namespace: "big", uid: "wide", generation: 1 },
    spec: { expectations, ipFamilies: ["IPv4"] },
  });
}
