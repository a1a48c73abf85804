import {
  type Arbitrary,
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  oneof,
  option,
  property,
  record,
  uniqueArray,
} from "fast-check";
import { expect, it } from "vitest";
import { twinOf } from "../../probes/pod/twin.ts";
import { networkPolicySchema } from "../cluster/policies/networkPolicy.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { connectivityTest, expectation, pod, probeRun, service, snapshot } from "../testing/objects.ts";
import { comparisonNeeded, sourceDifferences } from "./sourceComparison.ts";
import { findSources, type WorkloadSource } from "./sources.ts";
import type { TargetAddress } from "./targetAddress.ts";
import { expandTarget } from "./targets.ts";
import { twinCheckFor } from "./twinEligibility.ts";

/*
 * The oracle: who reaches whom by the rules of NetworkPolicy, written for this test alone. It evaluates whole policies
 * on whole pods and knows nothing of twins.
 */
interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly { key: string; operator: string; values: readonly string[] }[];
}
interface Peer {
  readonly podSelector?: Selector | undefined;
  readonly namespaceSelector?: object | undefined;
  readonly ipBlock?: { cidr: string; except: readonly string[] } | undefined;
}
interface RawPolicy {
  readonly namespace: string;
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress: readonly { from: readonly Peer[] }[];
  readonly egress: readonly { to: readonly Peer[] }[];
}
interface End {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
}

function selected({ matchLabels, matchExpressions }: Selector, labels: End["labels"]): boolean {
  const has = new Map(Object.entries(labels));
  return (
    Object.entries(matchLabels).every(([key, wanted]) => has.get(key) === wanted) &&
    matchExpressions.every((expression) => isMet(expression, has))
  );
}

function isMet(
  { key, operator, values }: Selector["matchExpressions"][number],
  has: ReadonlyMap<string, string>,
): boolean {
  const isIn = values.includes(has.get(key) ?? "");
  if (operator === "In") return isIn;
  if (operator === "NotIn") return !isIn;
  return has.has(key) === (operator === "Exists");
}

function bits(address: string): string {
  return address
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
}
function inRange(address: string, cidr: string): boolean {
  const [network = "", length = ""] = cidr.split("/");
  return bits(address).startsWith(bits(network).slice(0, Number(length)));
}

function isPeer({ podSelector, namespaceSelector, ipBlock }: Peer, other: End, namespace: string): boolean {
  if (ipBlock)
    return (
      inRange(other.address, ipBlock.cidr) && !ipBlock.except.some((range) => inRange(other.address, range))
    );
  if (!namespaceSelector && other.namespace !== namespace) return false;
  return podSelector === undefined || selected(podSelector, other.labels);
}

function passes(policies: readonly RawPolicy[], from: End, to: End): boolean {
  const guards = (end: End, direction: string) =>
    policies.filter(
      ({ namespace, podSelector, policyTypes }) =>
        namespace === end.namespace && policyTypes.includes(direction) && selected(podSelector, end.labels),
    );
  const out = guards(from, "Egress");
  const into = guards(to, "Ingress");
  const isAmong = (peers: readonly Peer[], end: End, namespace: string) =>
    peers.length === 0 || peers.some((peer) => isPeer(peer, end, namespace));
  const leaves = out.some(({ egress, namespace }) => egress.some((rule) => isAmong(rule.to, to, namespace)));
  const enters = into.some(({ ingress, namespace }) =>
    ingress.some((rule) => isAmong(rule.from, from, namespace)),
  );
  return (out.length === 0 || leaves) && (into.length === 0 || enters);
}

const keys = constantFrom("app", "role", "pod-template-hash", "apps.kubernetes.io/pod-index");
const values = constantFrom("a", "b");
const labels = dictionary(keys, values, { maxKeys: 3 });
const selector = record({
  matchLabels: dictionary(keys, values, { maxKeys: 2 }),
  matchExpressions: array(
    record({
      key: keys,
      operator: constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
      values: uniqueArray(values, { minLength: 1 }),
    }),
    { maxLength: 1 },
  ),
});
const byte = integer({ min: 0, max: 7 });
const range = record({ last: byte, length: integer({ min: 29, max: 32 }) }).map(
  ({ last, length }) => `10.1.0.${last}/${length}`,
);
const peer = record({
  podSelector: option(selector, { nil: undefined }),
  namespaceSelector: constantFrom(undefined, {}),
  ipBlock: option(record({ cidr: range, except: array(range, { maxLength: 1 }) }), { nil: undefined }),
}).map(({ ipBlock, podSelector, namespaceSelector }) =>
  ipBlock
    ? { ipBlock }
    : podSelector || namespaceSelector
      ? { podSelector, namespaceSelector }
      : { podSelector: { matchLabels: {}, matchExpressions: [] } },
);
const policy = record({
  namespace: constantFrom("shop", "data"),
  podSelector: oneof(constant({ matchLabels: {}, matchExpressions: [] }), selector),
  policyTypes: constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
  ingress: array(record({ from: array(peer, { maxLength: 2 }) }), { maxLength: 2 }),
  egress: array(record({ to: array(peer, { maxLength: 2 }) }), { maxLength: 2 }),
});

const inShop = { matchLabels: { name: "shop" } };
const VIRTUAL = "10.96.0.9";
const cases = record({
  policies: array(policy, { minLength: 1, maxLength: 3 }),
  source: labels,
  other: option(labels, { nil: undefined }),
  target: labels,
  targetNamespace: constantFrom("shop", "data"),
  addresses: uniqueArray(byte, { minLength: 4, maxLength: 4 }),
  way: constantFrom("pod", "ip", "cluster ip", "host"),
  denied: boolean(),
  isTwinAddressKnown: constantFrom(true, true, true, false),
});

const endOf = ({ metadata, status }: WorkloadPod): End => ({
  namespace: metadata.namespace,
  labels: metadata.labels,
  address: status.podIPs[0]?.ip ?? "",
});

type Drawn = typeof cases extends Arbitrary<infer Value> ? Value : never;

/** The drawn cluster, and the source and the target of its one path. */
function clusterOf(drawn: Drawn) {
  const { policies, source, other, target, targetNamespace, addresses } = drawn;
  const [first = "", second = "", third = "", fourth = ""] = addresses.map((last) => `10.1.0.${last}`);
  const uiPod = (name: string, labelled: End["labels"], ip: string) =>
    pod(name, { labels: { ...labelled, role: "ui" }, owner: "StatefulSet/ui", ips: [ip] });
  const guarded = pod("db-0", {
    namespace: targetNamespace,
    labels: { ...target, role: "db" },
    ips: [third],
  });
  const seen = snapshot({
    pods: [uiPod("ui-0", source, first), ...(other ? [uiPod("ui-1", other, second)] : []), guarded],
    services: [
      service("db", { namespace: targetNamespace, clusterIPs: [VIRTUAL], selector: { role: "db" } }),
    ],
    policies: policies.map(({ namespace, ...spec }, index) =>
      networkPolicySchema.parse({ metadata: { name: `policy-${index}`, namespace, uid: `${index}` }, spec }),
    ),
  });
  const namespaces = new Map(["data", "shop"].map((name) => [name, { name }] as const));
  return { guarded, seen: { ...seen, namespaces }, twinAddress: fourth };
}

function expectationOf({ way, denied }: Drawn, { status }: WorkloadPod) {
  const to = {
    pod: { podSelector: { matchLabels: { role: "db" } }, namespaceSelector: {} },
    ip: { ip: status.podIPs[0]?.ip ?? "" },
    "cluster ip": { ip: VIRTUAL },
    host: { host: "db" },
  }[way];
  return {
    ...expectation({ to, tcp: { port: 80 }, expect: denied ? "Denied" : "Allowed" }),
    from: { podSelector: { matchLabels: { role: "ui" } }, namespaceSelector: inShop },
  };
}

interface Reproduced {
  readonly asked: ReturnType<typeof expectationOf>;
  readonly workload: WorkloadSource;
  readonly address: TargetAddress;
  readonly twin: End;
  readonly seen: ClusterSnapshot;
}

/** The ids of the paths that count as different when a run of this one path has ended. */
function comparedAtTheEnd(drawn: Drawn, { asked, workload, address, twin, seen }: Reproduced) {
  const { spec, status } = probeRun({
    spec: {
      pods: [{ name: "probe", source: "x", twin: { labels: { ...twin.labels }, serviceAccountName: "x" } }],
      paths: [
        {
          id: 0,
          expectation: asked.name,
          expect: asked.expect,
          from: workload.workload,
          to: address.to,
          kind: address.kind,
          pod: "probe",
          check: {
            path: 0,
            tool: "tcp",
            family: "IPv4",
            port: 80,
            ...(address.address !== undefined && { address: address.address }),
          },
          backends: [...address.backends],
          sourceComparison: comparisonNeeded(workload, address, seen),
        },
      ],
    },
    status: {
      pods: [{ name: "probe", phase: "Finished", addresses: drawn.isTwinAddressKnown ? [twin.address] : [] }],
      results: [{ path: 0, samples: "...", ...(drawn.way === "host" && { address: VIRTUAL }) }],
    },
  });
  const test = connectivityTest({ metadata: { namespace: "" }, spec: { expectations: [asked] } });
  const runs = [{ spec, status }];
  return sourceDifferences({ runs, test, snapshot: seen, namespaces: new Set() }).map(({ path }) => path);
}

it("a source that any policy treats differently from its twin never counts as reproduced", () => {
  let told = 0;
  assert(
    property(cases, (drawn) => {
      const { guarded, seen, twinAddress } = clusterOf(drawn);
      const asked = expectationOf(drawn, guarded);
      const [workload] = findSources({ from: asked.from, own: "", snapshot: seen, rotation: 0 }).sources;
      const { addresses } = expandTarget({
        expectation: asked,
        namespace: "",
        families: undefined,
        snapshot: seen,
      });
      const [address] = addresses;
      if (workload?.pod === undefined || address === undefined) throw new Error("nothing was planned");
      const twin = { namespace: "shop", labels: twinOf(workload.pod).labels, address: twinAddress };
      const to = endOf(guarded);
      const isToldApart = workload.pods.some(
        (one) => passes(drawn.policies, endOf(one), to) !== passes(drawn.policies, twin, to),
      );
      if (!isToldApart) return;
      told += 1;
      if (twinCheckFor(workload, { own: "", snapshot: seen })(address) !== undefined) return;
      expect(comparedAtTheEnd(drawn, { asked, workload, address, twin, seen })).toEqual([0]);
    }),
    { numRuns: 1_000 },
  );
  expect(told).toBeGreaterThan(25);
});
