import { describe, expect, it } from "vitest";
import { z } from "zod";
import { plannedPodSchema, type PlannedPod } from "../../crds/proberun/proberun.ts";
import { probePod as buildPod } from "../../probes/pod/pod.ts";
import { probePodSchema } from "../cluster/probePod.ts";
import { probePod, probeRun } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { podDifferences, withKnownDifferences } from "./podDifferences.ts";

const run = probeRun();
const twin = {
  labels: { app: "client", team: "shop" },
  annotations: { "k8s.v1.cni.cncf.io/networks": '[{"name":"plant"}]' },
  serviceAccountName: "client",
  dnsPolicy: "ClusterFirst",
  dnsConfig: { options: [{ name: "ndots", value: "2" }] },
};
const planned = (fields: object) =>
  plannedPodSchema.parse({ name: "probe-client", source: "Deployment/client", ...fields });
const ofTwin = planned({ twin });
const ofNode = planned({ node: "node-1" });
const witness = planned({ witness: { node: "node-1" } });
const linkWitness = planned({ witness: { node: "node-1", podNetwork: true } });

interface Created {
  readonly metadata?: object;
  readonly spec?: object;
}

/** The pod as it is built for the plan, after admission. */
function created(plan: PlannedPod, { metadata = {}, spec = {} }: Created = {}) {
  const built = buildPod({
    run,
    planned: plan,
    checks: [],
    image: "netverdict:dev",
    imagePullPolicy: "IfNotPresent",
    deadlineSeconds: 60,
  });
  const raw = z.object({ metadata: z.looseObject({}), spec: z.looseObject({}) }).parse(built);
  return probePodSchema.parse({
    metadata: { ...raw.metadata, ...metadata },
    spec: { ...raw.spec, ...spec },
  });
}

describe("a pod that was created as planned", () => {
  it.each([
    ["a twin", ofTwin],
    ["a twin with as little as possible", planned({ twin: { labels: {}, serviceAccountName: "default" } })],
    ["a node as the source", ofNode],
    ["a witness", witness],
    ["a witness of a link", linkWitness],
  ])("has no difference: %s", (_, plan) => {
    expect(podDifferences(plan, created(plan))).toEqual([]);
  });

  it("has none by what admission and network plugins add to every pod", () => {
    const annotations = {
      ...twin.annotations,
      "cni.projectcalico.org/podIP": "10.1.0.9/32",
      "cni.projectcalico.org/containerID": "abc",
      "k8s.v1.cni.cncf.io/network-status": "[]",
      "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu request",
      "netverdict.dev/run-id": "abc",
    };
    const spec = {
      nodeName: "node-7",
      priority: 0,
      tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }],
      volumes: [{ name: "kube-api-access-x" }],
      imagePullSecrets: [{ name: "registry" }],
    };
    expect(podDifferences(ofTwin, created(ofTwin, { metadata: { annotations }, spec }))).toEqual([]);
  });
});

describe("a twin that admission has changed", () => {
  const labels = (changed: object) => ({ metadata: { labels: { ...twin.labels, ...changed } } });
  it.each([
    ["an added label", labels({ zone: "sandbox" }), { field: "label", key: "zone", actual: "sandbox" }],
    ["an added label without a value", labels({ zone: "" }), { field: "label", key: "zone", actual: "" }],
    ["a changed label", labels({ team: "x" }), { field: "label", key: "team", planned: "shop", actual: "x" }],
    [
      "a label of the node's zone, by the binding",
      labels({ "topology.kubernetes.io/zone": "b" }),
      { field: "label", key: "topology.kubernetes.io/zone", actual: "b" },
    ],
    [
      "a removed label",
      { metadata: { labels: { app: "client" } } },
      { field: "label", key: "team", planned: "shop" },
    ],
    [
      "another network",
      { metadata: { annotations: { "k8s.v1.cni.cncf.io/networks": "office" } } },
      {
        field: "annotation",
        key: "k8s.v1.cni.cncf.io/networks",
        planned: '[{"name":"plant"}]',
        actual: "office",
      },
    ],
    [
      "a fixed address",
      { metadata: { annotations: { ...twin.annotations, "cni.projectcalico.org/ipAddrs": '["10.1.0.5"]' } } },
      { field: "annotation", key: "cni.projectcalico.org/ipAddrs", actual: '["10.1.0.5"]' },
    ],
    [
      "another service account",
      { spec: { serviceAccountName: "default" } },
      { field: "serviceAccountName", planned: "client", actual: "default" },
    ],
    [
      "a runtime class",
      { spec: { runtimeClassName: "gvisor" } },
      { field: "runtimeClassName", planned: "", actual: "gvisor" },
    ],
    [
      "the host network",
      { spec: { hostNetwork: true } },
      { field: "hostNetwork", planned: "false", actual: "true" },
    ],
    [
      "another DNS policy",
      { spec: { dnsPolicy: "None" } },
      { field: "dnsPolicy", planned: "ClusterFirst", actual: "None" },
    ],
    ["a name server", { spec: { dnsConfig: { nameservers: ["169.254.20.10"] } } }, { field: "dnsConfig" }],
    [
      "a host's address",
      { spec: { hostAliases: [{ ip: "10.1.0.1", hostnames: ["db"] }] } },
      { field: "hostAliases" },
    ],
  ])("%s", (_, admitted, difference) => {
    expect(podDifferences(ofTwin, created(ofTwin, admitted))).toEqual([difference]);
  });

  it("a node that it must avoid", () => {
    const plan = planned({ twin, awayFrom: ["node-1"] });
    expect(podDifferences(plan, created(plan, { spec: { nodeName: "node-2" } }))).toEqual([]);
    expect(podDifferences(plan, created(plan, { spec: { nodeName: "node-1" } }))).toEqual([
      { field: "nodeName", actual: "node-1" },
    ]);
  });
});

describe("a node as the source, and a witness", () => {
  it.each([
    ["a node as the source", ofNode],
    ["a witness", witness],
  ])("must be on the host network of its node: %s", (_, plan) => {
    const spec = { hostNetwork: false, nodeName: "node-2" };
    expect(podDifferences(plan, created(plan, { spec }))).toEqual([
      { field: "hostNetwork", planned: "true", actual: "false" },
      { field: "nodeName", planned: "node-1", actual: "node-2" },
    ]);
  });

  it("have no labels that a policy could apply to", () => {
    const metadata = { labels: { zone: "sandbox" } };
    expect(podDifferences(ofNode, created(ofNode, { metadata }))).toEqual([]);
    expect(podDifferences(linkWitness, created(linkWitness, { metadata }))).toEqual([]);
  });
});

describe("what was recorded", () => {
  const added = { field: "label", key: "zone", actual: "sandbox" } as const;
  const [state] = plannedRun({ "probe-a": 1 }, { pods: [{ name: "probe-a", phase: "Running" }] }).status.pods;

  it("stays when the pod no longer differs, and is recorded once", () => {
    const known = state && withKnownDifferences(state, [added]);
    expect(known?.differences).toEqual([added]);
    expect(known && withKnownDifferences(known, [])).toEqual(known);
    expect(known && withKnownDifferences(known, [added])).toEqual(known);
    expect(state && withKnownDifferences(state, [])).toEqual(state);
  });

  it("is no more than a status has room for", () => {
    const labels = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`label-${index}`, "x"]));
    const differences = podDifferences(ofTwin, probePod("probe-client", run, { metadata: { labels } }));
    expect(differences.length).toBeGreaterThan(40);
    expect(state && withKnownDifferences(state, differences).differences).toHaveLength(16);
  });
});
