import { array, boolean, constantFrom, record, uniqueArray, type Arbitrary } from "fast-check";
import type { SourceDifference } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { twinOf } from "../../probes/pod/twin.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { comparisonNeeded, sourceDifferences } from "../endpoints/sourceComparison.ts";
import { findSources, type WorkloadSource } from "../endpoints/sources.ts";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { expandTarget } from "../endpoints/targets.ts";
import { twinCheckFor } from "../endpoints/twinEligibility.ts";
import { judge } from "../verdict/judge.ts";
import { connectivityTest, expectation, pod, probeRun, service, snapshot } from "./objects.ts";
import { lastBytes, namespaceNames, type Labels, type Oracle, type PolicyEnd } from "./oracles/oracle.ts";
import { apart, liveSource, runOf, targetAlive, type RunSketch } from "./probeRuns.ts";

const inShop = { matchLabels: { name: "shop" } };
const VIRTUAL = "10.96.0.9";

/** A workload of one to three pods, with random labels, that sends to a pod under random policies. */
export const clustersWith = <Policies>(policies: Arbitrary<Policies>, labels: Arbitrary<Labels>) =>
  record({
    policies,
    source: labels,
    others: array(labels, { maxLength: 2 }),
    target: labels,
    targetNamespace: namespaceNames,
    addresses: uniqueArray(lastBytes, { minLength: 5, maxLength: 5 }),
    way: constantFrom("pod", "ip", "cluster ip", "host"),
    denied: boolean(),
    isTwinAddressKnown: constantFrom(true, true, true, false),
  });
export type DrawnCluster<Policies> =
  ReturnType<typeof clustersWith<Policies>> extends Arbitrary<infer Value> ? Value : never;

export const endOf = ({ metadata, status }: WorkloadPod): PolicyEnd => ({
  namespace: metadata.namespace,
  labels: metadata.labels,
  address: status.podIPs[0]?.ip ?? "",
});

/** The drawn cluster, and the source and the target of its one path. */
function clusterOf<Policies>(drawn: DrawnCluster<Policies>, { read }: Oracle<Policies>) {
  const { source, others, target, targetNamespace, addresses } = drawn;
  const [third = "", fourth = "", ...own] = addresses.map((last) => `10.1.0.${last}`);
  const uiPod = (name: string, labelled: Labels, ip: string) =>
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
    policies: read(drawn.policies),
  });
  const namespaces = new Map(["data", "shop"].map((name) => [name, { name }] as const));
  return { guarded, seen: { ...seen, namespaces }, twinAddress: fourth };
}

type Way = DrawnCluster<unknown>["way"];

function expectationOf({ way, denied }: { way: Way; denied: boolean }, { status }: WorkloadPod) {
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

/** A source of the drawn cluster with its twin, and the address that this twin tries. */
export interface Reproduced {
  readonly asked: ReturnType<typeof expectationOf>;
  readonly source: WorkloadSource;
  readonly address: TargetAddress;
  readonly twin: PolicyEnd;
  readonly seen: ClusterSnapshot;
  readonly way: Way;
  readonly isTwinAddressKnown: boolean;
}

/** The sources of the drawn cluster, each with its twin. */
export function planned<Policies>(drawn: DrawnCluster<Policies>, oracle: Oracle<Policies>) {
  const { guarded, seen, twinAddress } = clusterOf(drawn, oracle);
  const { way, isTwinAddressKnown } = drawn;
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
    return { asked, source, address, twin, seen, way, isTwinAddressKnown };
  });
  return { guarded, reproduced };
}

/** Why the plan says that the source has no twin for its target, if it does. */
export const problemOf = ({ source, seen, address }: Reproduced): Problem | undefined =>
  twinCheckFor(source, { own: "", snapshot: seen })(address);

/** What the comparison at the end of a run of this one path finds. */
function differencesAtTheEnd(path: Reproduced): SourceDifference[] {
  const { asked, source, address, twin, seen, way, isTwinAddressKnown } = path;
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
      pods: [{ name: "probe", phase: "Finished", addresses: isTwinAddressKnown ? [twin.address] : [] }],
      results: [{ path: 0, samples: "...", ...(way === "host" && { address: VIRTUAL }) }],
    },
  });
  const test = connectivityTest({ metadata: { namespace: "" }, spec: { expectations: [asked] } });
  const runs = [{ spec, status }];
  return sourceDifferences({ runs, test, snapshot: seen, namespaces: new Set() });
}

/** The verdict on the path where the twin gets the expected result, and everything else is proven. */
export function verdictOn(path: Reproduced): Verdict | undefined {
  const problem = problemOf(path);
  if (problem)
    return verdictOf({
      expectations: [{ name: "check", expect: path.asked.expect }],
      findings: [{ ...problem, expectation: "check" }],
      paths: [],
    });
  const differences = differencesAtTheEnd(path);
  return verdictOf({
    paths: [
      {
        expectation: "check",
        expect: path.asked.expect,
        samples: path.asked.expect === "Denied" ? "....." : "CCC",
        sourceComparison: comparisonNeeded(path.source, path.address, path.seen),
      },
      liveSource,
      targetAlive,
    ],
    pods: apart,
    sourceDifferences: differences,
  });
}

const verdictOf = (sketch: RunSketch) => judge(runOf(sketch)).find(({ name }) => name === "check")?.verdict;
