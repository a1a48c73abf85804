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
import { passes, type PolicyEnd } from "../testing/policyOracle.ts";
import { comparisonNeeded, sourceDifferences } from "./sourceComparison.ts";
import { findSources, type WorkloadSource } from "./sources.ts";
import type { TargetAddress } from "./targetAddress.ts";
import { expandTarget } from "./targets.ts";
import { twinCheckFor } from "./twinEligibility.ts";

const keys = constantFrom("app", "tier", "role", "pod-template-hash", "apps.kubernetes.io/pod-index");
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
const policyWith = (peers: typeof peer) =>
  record({
    namespace: constantFrom("shop", "data"),
    podSelector: oneof(constant({ matchLabels: {}, matchExpressions: [] }), selector),
    policyTypes: constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
    ingress: array(record({ from: array(peers, { maxLength: 2 }) }), { maxLength: 2 }),
    egress: array(record({ to: array(peers, { maxLength: 2 }) }), { maxLength: 2 }),
  });

const inShop = { matchLabels: { name: "shop" } };
const VIRTUAL = "10.96.0.9";
const casesWith = (policies: ReturnType<typeof policyWith>, sources: typeof labels) =>
  record({
    policies: array(policies, { minLength: 1, maxLength: 3 }),
    source: sources,
    others: array(sources, { maxLength: 2 }),
    target: labels,
    targetNamespace: constantFrom("shop", "data"),
    addresses: uniqueArray(byte, { minLength: 5, maxLength: 5 }),
    way: constantFrom("pod", "ip", "cluster ip", "host"),
    denied: boolean(),
    isTwinAddressKnown: constantFrom(true, true, true, false),
  });
const cases = casesWith(policyWith(peer), labels);

const endOf = ({ metadata, status }: WorkloadPod): PolicyEnd => ({
  namespace: metadata.namespace,
  labels: metadata.labels,
  address: status.podIPs[0]?.ip ?? "",
});

type Drawn = typeof cases extends Arbitrary<infer Value> ? Value : never;

/** The drawn cluster, and the source and the target of its one path. */
function clusterOf(drawn: Drawn) {
  const { policies, source, others, target, targetNamespace, addresses } = drawn;
  const [third = "", fourth = "", ...own] = addresses.map((last) => `10.1.0.${last}`);
  const uiPod = (name: string, labelled: PolicyEnd["labels"], ip: string) =>
    pod(name, { labels: { ...labelled, role: "ui" }, owner: "StatefulSet/ui", ips: [ip] });
  const guarded = pod("db-0", {
    namespace: targetNamespace,
    labels: { ...target, role: "db" },
    ips: [third],
  });
  const seen = snapshot({
    pods: [
      ...[source, ...others].map((labelled, index) => uiPod(`ui-${index}`, labelled, own[index] ?? "")),
      guarded,
    ],
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
  readonly source: WorkloadSource;
  readonly address: TargetAddress;
  readonly twin: PolicyEnd;
  readonly seen: ClusterSnapshot;
}

/** The ids of the paths that count as different when a run of this one path has ended. */
function comparedAtTheEnd(drawn: Drawn, { asked, source, address, twin, seen }: Reproduced) {
  const { spec, status } = probeRun({
    spec: {
      pods: [{ name: "probe", source: "x", twin: { labels: { ...twin.labels }, serviceAccountName: "x" } }],
      paths: [
        {
          id: 0,
          expectation: asked.name,
          expect: asked.expect,
          from: source.name,
          ...(source.selector && { sourceSelector: source.selector }),
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
          sourceComparison: comparisonNeeded(source, address, seen),
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

/** The sources of the drawn cluster, and the address that each of them tries. */
function planned(drawn: Drawn) {
  const { guarded, seen, twinAddress } = clusterOf(drawn);
  const asked = expectationOf(drawn, guarded);
  const { sources, findings } = findSources({ from: asked.from, own: "", snapshot: seen, rotation: 0 });
  const { addresses } = expandTarget({
    expectation: asked,
    namespace: "",
    families: undefined,
    snapshot: seen,
  });
  const [address] = addresses;
  if (address === undefined || findings.length > 0) throw new Error("nothing was planned");
  const reproduced = sources.map((source): Reproduced => {
    if (source.pod === undefined) throw new Error("a node is no source here");
    const twin = { namespace: "shop", labels: twinOf(source.pod).labels, address: twinAddress };
    return { asked, source, address, twin, seen };
  });
  return { guarded, reproduced };
}

const podNames = (pods: readonly WorkloadPod[]) => pods.map(({ metadata }) => metadata.name);

it("a source that any policy treats differently from its twin never counts as reproduced", () => {
  let told = 0;
  let split = 0;
  assert(
    property(cases, (drawn) => {
      const { guarded, reproduced } = planned(drawn);
      const to = endOf(guarded);
      split += reproduced.length > 1 ? 1 : 0;
      for (const path of reproduced) {
        const { source, address, twin, seen } = path;
        const isToldApart = source.pods.some(
          (one) => passes(drawn.policies, endOf(one), to) !== passes(drawn.policies, twin, to),
        );
        if (!isToldApart) continue;
        told += 1;
        if (twinCheckFor(source, { own: "", snapshot: seen })(address) !== undefined) continue;
        expect(comparedAtTheEnd(drawn, path)).toEqual([0]);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(told).toBeGreaterThan(25);
  expect(split).toBeGreaterThan(25);
});

it("every pod of a workload belongs to exactly one of its sources, whose names differ", () => {
  assert(
    property(cases, (drawn) => {
      const sources = planned(drawn).reproduced.map(({ source }) => source);
      const all = ["ui-0", ...drawn.others.map((_, index) => `ui-${index + 1}`)];
      expect(sources.flatMap(({ pods }) => podNames(pods)).toSorted()).toEqual(all);
      expect(new Set(sources.map(({ name }) => name)).size).toBe(sources.length);
    }),
  );
});

/** Only with labels that twins take over, and without addresses: then each twin is equivalent to the pods of its source. */
const reproducible = casesWith(
  policyWith(peer.filter((one) => !("ipBlock" in one))),
  dictionary(constantFrom("app", "tier"), values, { maxKeys: 2 }),
);

it("pods that differ only in labels that twins take over have a twin for each identity", () => {
  let split = 0;
  assert(
    property(reproducible, (drawn) => {
      const { guarded, reproduced } = planned(drawn);
      const to = endOf(guarded);
      split += reproduced.length > 1 ? 1 : 0;
      for (const { source, address, twin, seen } of reproduced) {
        expect(twinCheckFor(source, { own: "", snapshot: seen })(address)).toBeUndefined();
        for (const one of source.pods)
          expect(passes(drawn.policies, endOf(one), to)).toBe(passes(drawn.policies, twin, to));
      }
    }),
    { numRuns: 1_000 },
  );
  expect(split).toBeGreaterThan(15);
});
