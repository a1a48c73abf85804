import { describe, expect, it } from "vitest";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { networkPolicy, pod, service, snapshot, type Cluster } from "../testing/objects.ts";
import type { TargetAddress } from "./targetAddress.ts";
import { twinCheckFor } from "./twinEligibility.ts";

const HASH = "pod-template-hash";
const POD_NAME = "statefulset.kubernetes.io/pod-name";
const source = pod("ui-1", { labels: { app: "ui", [HASH]: "abc", [POD_NAME]: "ui-1" } });
const db = pod("db-0", { labels: { app: "db" } });
const foreign = pod("db-0", { namespace: "catalog", labels: { app: "db" } });

const outside: TargetAddress = {
  to: "203.0.113.10",
  kind: "Address",
  family: "IPv4",
  backends: [],
  backendCount: 0,
  provesSource: false,
};
const towards = ({ metadata, spec }: WorkloadPod): TargetAddress => ({
  ...outside,
  kind: "Endpoint",
  backends: [
    {
      name: metadata.name,
      uid: metadata.uid,
      node: spec.nodeName,
      hostNetwork: false,
      readinessOnPort: false,
    },
  ],
});

/** Why the source cannot have a twin for the target; undefined if it can. */
function why(cluster: Cluster, target = towards(db), pods: readonly WorkloadPod[] = [source]) {
  const [chosen = source] = pods;
  const around = snapshot({ pods: [...pods, db], ...cluster });
  const problem = twinCheckFor(
    {
      name: "Deployment/ui",
      pod: chosen,
      pods,
      nodes: 1,
      node: "node-1",
      families: new Set(["IPv4"]),
    },
    { own: "shop", snapshot: around },
  )(target);
  return problem?.message;
}

const egress = (podSelector: object) => networkPolicy("canary", { podSelector, policyTypes: ["Egress"] });
const ingress = (peer: object, { of = {}, namespace = "shop" }: { of?: object; namespace?: string } = {}) =>
  networkPolicy(
    "canary",
    { podSelector: of, policyTypes: ["Ingress"], ingress: [{}, { from: [{}, peer] }] },
    namespace,
  );
const byHash = { matchLabels: { [HASH]: "abc" } };
const expression = (operator: string, ...values: string[]) => ({
  matchExpressions: [{ key: HASH, operator, ...(values.length > 0 && { values }) }],
});
const reported =
  "Deployment/ui cannot have a twin: NetworkPolicy canary selects by pod-template-hash, which probe pods do not have. Use a different label in that policy";

describe("a policy for what the source sends", () => {
  it.each([
    ["by a controller's label", byHash],
    ["by it and another", { matchLabels: { app: "ui", [HASH]: "abc" } }],
    ["by a set that has its value", expression("In", "abc", "def")],
    ["by all that have it", expression("Exists")],
    ["by all that have it not", expression("DoesNotExist")],
    ["by all others", expression("NotIn", "abc")],
  ])("distinguishes the source from its twin: one that selects %s", (_, podSelector) => {
    expect(why({ policies: [egress(podSelector)] })).toBe(reported);
    expect(why({ policies: [egress(podSelector)] }, outside)).toBe(reported);
  });

  it.each([
    ["every pod", {}],
    ["a label that both carry", { matchLabels: { app: "ui" } }],
    ["another value, which neither has", { matchLabels: { [HASH]: "def" } }],
    ["a label of another pod beside it", { matchLabels: { app: "db", [HASH]: "abc" } }],
    ["all but another value", expression("NotIn", "def")],
  ])("holds for both or for neither: one that selects %s", (_, podSelector) => {
    expect(why({ policies: [egress(podSelector)] })).toBeUndefined();
  });

  it("is none in another namespace, and none that is only for what it receives", () => {
    const elsewhere = networkPolicy("canary", { podSelector: byHash, policyTypes: ["Egress"] }, "catalog");
    const received = networkPolicy("canary", { podSelector: byHash, policyTypes: ["Ingress"] });
    expect(why({ policies: [elsewhere, received] })).toBeUndefined();
  });

  it("distinguishes any pod of the workload from its twin, not only the one that is reproduced", () => {
    const other = pod("ui-2", { labels: { app: "ui", [POD_NAME]: "ui-2" } });
    const policies = [egress({ matchLabels: { [POD_NAME]: "ui-2" } })];
    expect(why({ policies }, outside, [source])).toBeUndefined();
    expect(why({ policies }, outside, [source, other])).toContain(`selects by ${POD_NAME}`);
  });
});

it("a workload whose pods differ in a label that a policy selects by has no twin for all of them", () => {
  const primary = pod("db-1", { labels: { app: "db", role: "primary" } });
  const replica = pod("db-2", { labels: { app: "db", role: "replica" } });
  const policies = [egress({ matchLabels: { role: "primary" } })];
  expect(why({ policies }, outside, [replica])).toBeUndefined();
  expect(why({ policies }, outside, [replica, primary])).toContain(
    "NetworkPolicy canary selects by role, in which the source's pods differ. Select source pods that agree in it",
  );
  expect(why({ policies: [egress({ matchLabels: { app: "db" } })] }, outside, [replica, primary])).toBe(
    undefined,
  );
});

describe("a policy for what the target receives", () => {
  it("distinguishes the source from its twin by a peer", () => {
    expect(why({ policies: [ingress({ podSelector: byHash })] })).toBe(reported);
    expect(
      why({ policies: [ingress({ podSelector: byHash }, { of: { matchLabels: { app: "db" } } })] }),
    ).toBe(reported);
  });

  it.each([
    ["another pod", { podSelector: byHash }, { of: { matchLabels: { app: "cache" } } }],
    ["peers that it means alike", { podSelector: { matchLabels: { app: "ui" } } }, {}],
    ["addresses", { ipBlock: { cidr: "10.0.0.0/8" } }, {}],
    ["whole namespaces", { namespaceSelector: byHash }, {}],
  ])("does not where it is about %s", (_, peer, options) => {
    expect(why({ policies: [ingress(peer, options)] })).toBeUndefined();
  });

  it("is of no account for a target that is no pod", () => {
    expect(why({ policies: [ingress({ podSelector: byHash })] }, outside)).toBeUndefined();
  });

  it("in another namespace means the source only by a namespaceSelector, and is not named", () => {
    const there = { namespace: "catalog" };
    const cluster = (peer: object) => ({ pods: [source, foreign], policies: [ingress(peer, there)] });
    const target = towards(foreign);
    expect(why(cluster({ podSelector: byHash }), target)).toBeUndefined();
    expect(why(cluster({ podSelector: byHash, namespaceSelector: {} }), target)).toBe(
      reported.replace("NetworkPolicy canary", "a NetworkPolicy of namespace catalog"),
    );
  });
});

describe("a label that other controllers act on, and that no twin has", () => {
  const queued = pod("ui-1", { labels: { app: "ui", "kueue.x-k8s.io/queue-name": "batch" } });
  const bySelector = { matchLabels: { "kueue.x-k8s.io/queue-name": "batch" } };

  it("counts as a difference where a policy selects by it", () => {
    expect(why({ policies: [egress(bySelector)] }, outside, [queued])).toBe(
      reported.replace("pod-template-hash", "kueue.x-k8s.io/queue-name"),
    );
    expect(why({ policies: [ingress({ podSelector: bySelector })] }, towards(db), [queued])).toBe(
      reported.replace("pod-template-hash", "kueue.x-k8s.io/queue-name"),
    );
  });

  it("is no obstacle where none does", () => {
    expect(why({ policies: [egress({ matchLabels: { app: "ui" } })] }, outside, [queued])).toBeUndefined();
  });
});

describe("the second networks of a source", () => {
  const onNetworks = (networks: string) =>
    pod("ui-1", { metadata: { annotations: { "k8s.v1.cni.cncf.io/networks": networks } } });

  it("are joined by its twin, without the source's addresses", () => {
    expect(why({}, outside, [onNetworks('[{"name":"plant","ips":["192.0.2.10/24"]}]')])).toBeUndefined();
  });

  it.each([
    ["plant;office", "is neither a JSON list nor a list of names"],
    [
      '[{"name":"plant","default-route":["192.0.2.1"]}]',
      "has a default-route, which a probe pod must not take over",
    ],
  ])("leave it without a twin: %s", (networks, words) => {
    expect(why({}, outside, [onNetworks(networks)])).toBe(
      `Deployment/ui cannot have a twin: the annotation k8s.v1.cni.cncf.io/networks of its pod ${words}`,
    );
  });
});

describe("a Service that publishes addresses before they are ready", () => {
  const publishing = (selector: Record<string, string>, namespace = "shop") =>
    service("peers", { selector, publishNotReadyAddresses: true, namespace });

  it("would send its users to the twin that it selects", () => {
    expect(why({ services: [publishing({ app: "ui" })] }, outside)).toBe(
      "Deployment/ui cannot have a twin: Service peers publishes addresses that are not ready, so it would route traffic to the probe pod. Unset its publishNotReadyAddresses, or select source pods that it does not select",
    );
  });

  it.each([
    ["waits until they are", service("web", { selector: { app: "ui" } })],
    ["selects others", publishing({ app: "db" })],
    ["selects by a label that the twin does not carry", publishing({ app: "ui", [HASH]: "abc" })],
    ["selects nothing", publishing({})],
    ["is of another namespace", publishing({ app: "ui" }, "catalog")],
  ])("is none that %s", (_, one) => {
    expect(why({ services: [one] })).toBeUndefined();
  });
});
