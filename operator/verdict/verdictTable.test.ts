import { describe, expect, it } from "vitest";
import type { TargetChange, UnfinishedBody } from "../../crds/proberun/proberun.ts";
import type { Reason } from "../../crds/reasons.ts";
import {
  apart,
  contacted,
  liveSource,
  mysql,
  runOf,
  targetAlive,
  type PathSketch,
  type RunSketch,
} from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

/** The design's table, row by row, judged by all rules together, so that their order is pinned as well. */
type Row = readonly [
  row: string,
  told: string,
  path: PathSketch,
  /** What ran beside it. */
  beside?: readonly PathSketch[],
  pods?: RunSketch["pods"],
  /** How the path's target differed at the end. */
  change?: TargetChange["change"],
];

type Sketch = (samples: string, more?: PathSketch) => PathSketch;
const allowed: Sketch = (samples, more) => ({ expect: "Allowed", samples, ...more });
const denied: Sketch = (samples, more) => ({ expect: "Denied", samples, ...more });

const http: PathSketch = { check: { tool: "http", port: 80 } };
const unfinished = (body: UnfinishedBody = { received: 9 }): PathSketch => ({
  ...http,
  result: { httpStatus: 200, unfinished: body },
});
const dns: PathSketch = {
  kind: "Resolver",
  to: "the pod's resolver",
  check: { tool: "dns", address: undefined, port: undefined, host: "kubernetes.default" },
  backends: [],
  backendCount: 0,
};
const host: PathSketch = {
  kind: "Host",
  to: "db.example.com",
  check: { address: undefined, host: "db.example.com" },
  backends: [],
  backendCount: 0,
};
const noEndpoint: PathSketch = { kind: "ClusterAddress", backends: [], backendCount: 0 };
const ready: PathSketch = { backends: [{ ...mysql, readinessOnPort: true }] };
const elsewhere: PathSketch = {
  ...liveSource,
  backends: [{ name: "catalog", uid: "uid-c", node: "fourth" }],
};
const proven = [liveSource, targetAlive];
const longer = [
  { ...liveSource, samples: "AAAAAAA" },
  { ...targetAlive, samples: "CCCCCCC" },
];
const selected: RunSketch["pods"] = { ...apart, "probe-orders": contacted(500, 11_500) };
const lostSoon: RunSketch["pods"] = { ...apart, "probe-orders": contacted(500, 3_000) };
const ready12: PathSketch = {
  samples: "............",
  backends: [{ ...mysql, node: "near", readinessOnPort: true }],
};
const notRun: RunSketch["pods"] = {
  ...apart,
  "probe-orders": { phase: "NotRun", message: "exceeded quota" },
};

const nodePort = (from: "OwnNode" | "OtherNode"): PathSketch => ({
  kind: "Node",
  to: "Node/far",
  translated: { node: "far", by: "NodePort", from },
});
const onFar: RunSketch["pods"] = { ...apart, "probe-orders": { node: "far" } };

const ok = "Allowed Passed AsExpected";
const other = "Allowed Failed UnexpectedAnswer";
const open = "Allowed Failed Open";
const sometimes = "Unknown Failed OpenSometimes";
const blocked = "Denied Failed Blocked";
const held = "Denied Passed AsExpected";
const noSource = "Denied Inconclusive SourceNotProven";
const changed = "Denied Inconclusive TargetChanged";
const noTarget = "Denied Inconclusive TargetNotProven";
const nameless = "Unknown Inconclusive NameNotResolved";
const unsettled = "Unknown Inconclusive Unsettled";
const notProbed = "Unknown Inconclusive ProbeNotRun";
const notReproduced = "Unknown Inconclusive SourceNotReproducible";
const differences = [{ field: "label", key: "zone", actual: "sandbox" }] as const;
const sandboxed: RunSketch["pods"] = { ...apart, "probe-orders": { differences: [...differences] } };
const both: RunSketch["pods"] = {
  ...apart,
  "probe-orders": { differences: [...differences], injected: ["istio-proxy"] },
};
const stopped: RunSketch["pods"] = {
  ...apart,
  "probe-orders": { differences: [...differences], phase: "NotRun", message: "OOMKilled" },
};
const itself = "Unknown Inconclusive TargetNotSupported";

const expectedAllowed: readonly Row[] = [
  ["answered as asked", ok, allowed("AAA", http)],
  ["connected", ok, allowed("CCC")],
  ["the name resolved", ok, allowed("NNN", dns)],
  ["another HTTP status", other, allowed("aaa", http)],
  ["answered in part", other, allowed("aaa", unfinished({ received: 600, promised: 100_000 }))],
  ["answered with a stream without an end", ok, allowed("AAA", unfinished({ received: 600 }))],
  ["now answered as a whole and now in part", unsettled, allowed("AaAaAaAaAaAaAaA", unfinished())],
  ["connected without an HTTP answer", other, allowed("ccc", http)],
  ["name not found by a resolver that answered", other, allowed("XXX", dns)],
  ["the resolver answered with a failure", other, allowed("FFF", dns)],
  ["denied, source and target alive", blocked, allowed("....."), proven],
  ["denied, target alive by its readiness probe", blocked, allowed("RRRRR", ready), [liveSource]],
  ["denied, no ready endpoint", "Denied Failed TargetDown", allowed("RRRRR", noEndpoint), [liveSource]],
  ["denied, no endpoint when planned, yet seen alive", blocked, allowed("RRRRR", noEndpoint), proven],
  ["denied, nothing known of the target", "Denied Failed NotReachable", allowed("....."), [liveSource]],
  ["denied, source not proven", noSource, allowed(".........."), [targetAlive]],
  ["denied, no endpoint, source not proven", noSource, allowed("RRRRRRRRRR", noEndpoint)],
  ["no such host", "Unknown Failed NameNotResolved", allowed("xxxxx", host), [liveSource]],
  ["no resolver for the host", "Unknown Failed NameNotResolved", allowed("nnnnn", host), [liveSource]],
  ["no such host, no proof", "Unknown Inconclusive SourceNotProven", allowed("xxxxxxxxxx", host)],
  ["denied, source reached by its node", blocked, { ...ready12, expect: "Allowed" }, [], selected],
  [
    "no such host, source reached by its node",
    "Unknown Failed NameNotResolved",
    allowed("xxxxxxxxxxxx", host),
    [],
    selected,
  ],
  ["connected, and then its target was replaced", ok, allowed("CCC"), [], apart, "Gone"],
  ["denied, and its target was replaced", changed, allowed("....."), proven, apart, "Gone"],
  [
    "open for the first, lucky round alone",
    "Denied Failed NotReachable",
    allowed("C....."),
    [{ ...liveSource, samples: "AAAAAA" }],
  ],
  ["denied, and its target moved", changed, allowed("....."), proven, apart, "Moved"],
  [
    "denied, and its first endpoint appeared",
    changed,
    allowed("RRRRR", noEndpoint),
    [liveSource],
    apart,
    "Appeared",
  ],
  [
    "denied, and its target is no longer ready",
    "Denied Failed NotReachable",
    allowed("....."),
    [liveSource],
    apart,
    "Left",
  ],
  [
    "denied, source not proven, and its target was replaced",
    noSource,
    allowed(".........."),
    [targetAlive],
    apart,
    "Gone",
  ],
  ["never settled", unsettled, allowed("CC.CC.CC.CC.CC."), proven],
  ["now as asked and now not", unsettled, allowed("AaAaAaAaAaAaAaA", http)],
];

const expectedDenied: readonly Row[] = [
  ["a node port, from the side of the source", held, denied(".....", nodePort("OtherNode")), proven],
  ["a node port, open from the side of the source", open, denied("CCC", nodePort("OtherNode"))],
  ["connected", open, denied("CCC")],
  ["answered with an error", open, denied("aaa", http)],
  ["answered in part", open, denied("aaa", unfinished({ received: 0, promised: 100_000 }))],
  ["answered now this and now that", open, denied("AacAacAacAacAac", http)],
  ["the resolver answered that there is no such name", open, denied("XXX", dns)],
  ["open now and then", sometimes, denied("..C..C..C..C..C"), proven],
  ["open until the last rounds, which are too few", sometimes, denied("CCCCCCCCCCC...."), proven],
  ["denied, all proven", held, denied("....."), proven],
  ["refused, dropped and unreachable by turns, all proven", held, denied(".R.UR"), proven],
  ["connected, and then its target was replaced", open, denied("CCC"), [], apart, "Gone"],
  ["denied, all proven, and its target was replaced", changed, denied("....."), proven, apart, "Gone"],
  ["denied, all proven, and its target moved", changed, denied("....."), proven, apart, "Moved"],
  ["denied, all proven, and its target is no longer ready", changed, denied("....."), proven, apart, "Left"],
  ["denied, all proven, and an endpoint appeared", changed, denied("....."), proven, apart, "Appeared"],
  ["open at first, then denied, all proven", held, denied("CC....."), longer],
  ["denied, the target not proven", noTarget, denied("....."), [liveSource]],
  ["denied, a Service without endpoints", noTarget, denied("RRRRR", noEndpoint), [liveSource]],
  ["no resolver answered", noTarget, denied(".....", dns), [liveSource]],
  ["denied, the source not proven", noSource, denied(".........."), [targetAlive]],
  ["denied, the source reached by its node", held, { ...ready12, expect: "Denied" }, [], selected],
  [
    "denied, the source reached by its node for a while",
    noSource,
    { ...ready12, expect: "Denied" },
    [],
    lostSoon,
  ],
  [
    "denied, the source reached by its node, the target not proven",
    noTarget,
    denied("............"),
    [],
    selected,
  ],
  ["denied, nothing proven", noSource, denied("..........")],
  ["denied, no link", "Denied Inconclusive LinkNotProven", denied("....."), [elsewhere, targetAlive]],
  ["a host that did not resolve", nameless, denied("xxxxx", host), proven],
  ["a host for which no resolver answered", nameless, denied("nnnnn", host), proven],
  ["a host that now resolves and now does not", unsettled, denied("n.n.n.n.n.n.n.n", host), proven],
];

const local: PathSketch = { ...host, result: { address: "127.0.0.1" } };
const group: PathSketch = { ...host, result: { address: "ff02::1" } };
const own: RunSketch["pods"] = { ...apart, "probe-orders": { addresses: ["10.1.0.2", "fd00::2"] } };

const whateverIsExpected: readonly Row[] = [
  ["a host that led to the probe pod itself, open", itself, allowed("CCC", local), proven],
  ["a host that led to the probe pod itself, closed", itself, denied("RRRRR", local), proven],
  ["a host that led to a multicast address, with an answer", itself, allowed("PPP", group), proven],
  ["a host that led to a multicast address, without one", itself, denied(".....", group), proven],
  [
    "a resolver in the pod itself",
    itself,
    allowed(".....", { ...dns, result: { address: "::1" } }),
    [liveSource],
  ],
  ["an address that became the probe pod's own, open", itself, denied("CCC"), proven, own],
  ["an address that became the probe pod's own, closed", itself, allowed("RRRRR"), proven, own],
  ["the pod did not run", notProbed, denied("....."), proven, notRun],
  ["a node port, not tried from its node, open", notProbed, allowed("CCC", nodePort("OwnNode"))],
  ["a node port, not tried from its node, closed", notProbed, denied(".....", nodePort("OwnNode")), proven],
  ["a node port, tried from its node", notProbed, denied(".....", nodePort("OtherNode")), proven, onFar],
  ["the pod did not run, whatever is recorded", notProbed, allowed("CCC"), [], notRun],
  ["admission gave the twin a label, whatever it saw", notReproduced, denied("....."), proven, sandboxed],
  ["admission gave the twin a label, open as declared", notReproduced, allowed("CCC"), [], sandboxed],
  ["admission gave the twin a label, open though denied", notReproduced, denied("CCC"), [], sandboxed],
  ["admission gave the twin a label, not settled", notReproduced, denied("..C..C..C..C..C"), [], sandboxed],
  ["admission gave the twin a label and a sidecar", notReproduced, allowed("CCC"), [], both],
  ["admission gave the twin a label, and it did not run", notProbed, denied("....."), [], stopped],
  ["the pod told nothing of the path", notProbed, { expect: "Allowed" }],
  ["the probe was starved", notProbed, denied("EEEEEEEEEEEEEEE"), proven],
  ["the probe was starved but for a few attempts", notProbed, allowed("EEEEEEEEEEEEECC")],
];

const findings: readonly Reason[] = [
  "SourceNotFound",
  "TargetNotFound",
  "TargetNotSupported",
  "SourceNotReproducible",
];

function tell(sketch: RunSketch): string {
  const [first] = judge(runOf(sketch));
  return `${first?.actual} ${first?.verdict} ${first?.reason}`;
}

const tellRow = ([, , path, beside = [], pods = apart, change]: Row) =>
  tell({ paths: [path, ...beside], pods, ...(change && { changes: [{ path: 0, change }] }) });

describe("the verdict table", () => {
  it.for(expectedAllowed)("Allowed expected, %s: %s", (row) => {
    expect(tellRow(row)).toBe(row[1]);
  });

  it.for(expectedDenied)("Denied expected, %s: %s", (row) => {
    expect(tellRow(row)).toBe(row[1]);
  });

  it.for(whateverIsExpected)("%s: %s", (row) => {
    expect(tellRow(row)).toBe(row[1]);
  });

  const expectations = [{ name: "orders-mysql", expect: "Denied" }] as const;

  it.each(findings)("a finding instead of a path: %s", (reason) => {
    const finding = { expectation: "orders-mysql", reason, message: "as the plan says" };
    expect(tell({ expectations, findings: [finding] })).toBe(`Unknown Inconclusive ${reason}`);
  });

  it.each([
    ["Denied", "Denied Passed AsExpected", "Unknown Inconclusive TargetChanged"],
    ["Allowed", "Denied Failed Blocked", "Denied Failed Blocked"],
  ] as const)("%s expected, and something appeared that no path went to", (expect_, before, after) => {
    const paths = [{ expect: expect_, samples: "....." }, ...proven];
    expect(tell({ paths, pods: apart, changes: [] })).toBe(before);
    expect(tell({ paths, pods: apart, changes: [{ change: "Appeared", name: "mysql-2" }] })).toBe(after);
  });

  it("neither a path nor a finding is Inconclusive, never Passed", () => {
    expect(tell({ expectations })).toBe(notProbed);
  });
});
