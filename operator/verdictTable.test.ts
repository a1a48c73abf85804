import { describe, expect, it } from "vitest";
import type { ProbeRunSpec } from "../crds/proberun.ts";
import { judge } from "./judge.ts";
import {
  apart,
  mysql,
  runOf,
  signOfLife,
  targetAlive,
  type PathSketch,
  type RunSketch,
} from "./testing/probeRuns.ts";

/** The design's table, row by row, judged by all rules together, so that their order is pinned as well. */
interface Row {
  readonly row: string;
  readonly path: PathSketch;
  /** The other paths of the run. */
  readonly beside?: readonly PathSketch[];
  readonly sketch?: RunSketch;
  readonly told: string;
}

const allowed = (samples: string, more: PathSketch = {}): PathSketch => ({
  expect: "Allowed",
  samples,
  ...more,
});
const denied = (samples: string, more: PathSketch = {}): PathSketch => ({
  expect: "Denied",
  samples,
  ...more,
});
const http = { tool: "http", address: "10.1.0.2", port: 80 } as const;
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
const proven = [signOfLife, targetAlive];
const noRecord = { expectations: [{ name: "orders-mysql", expect: "Denied" }] } as const;

function finding(reason: ProbeRunSpec["findings"][number]["reason"]): RunSketch {
  return { ...noRecord, findings: [{ expectation: "orders-mysql", reason, message: "as the plan says" }] };
}

const rows: readonly Row[] = [
  {
    row: "Allowed, answered as asked",
    path: allowed("AAA", { check: http }),
    told: "Allowed Passed AsExpected",
  },
  { row: "Allowed, connected", path: allowed("CCC"), told: "Allowed Passed AsExpected" },
  {
    row: "Allowed, another HTTP status",
    path: allowed("aaa", { check: http }),
    told: "Allowed Failed UnexpectedAnswer",
  },
  {
    row: "Allowed, connected without an HTTP answer",
    path: allowed("ccc", { check: http }),
    told: "Allowed Failed UnexpectedAnswer",
  },
  { row: "Allowed, name resolved", path: allowed("NNN", dns), told: "Allowed Passed AsExpected" },
  {
    row: "Allowed, name not found by a resolver that answered",
    path: allowed("XXX", dns),
    told: "Allowed Failed UnexpectedAnswer",
  },
  {
    row: "Allowed, the resolver answered with a failure",
    path: allowed("FFF", dns),
    told: "Allowed Failed UnexpectedAnswer",
  },
  {
    row: "Allowed, denied, source and target alive",
    path: allowed("....."),
    beside: proven,
    told: "Denied Failed Blocked",
  },
  {
    row: "Allowed, denied, source and target alive by its readiness probe",
    path: allowed("RRRRR", { backends: [{ ...mysql, readinessOnPort: true }] }),
    beside: [signOfLife],
    told: "Denied Failed Blocked",
  },
  {
    row: "Allowed, denied, no ready endpoint",
    path: allowed("RRRRR", noEndpoint),
    beside: [signOfLife],
    told: "Denied Failed TargetDown",
  },
  {
    row: "Allowed, denied, no ready endpoint when planned, yet seen alive",
    path: allowed("RRRRR", noEndpoint),
    beside: proven,
    told: "Denied Failed Blocked",
  },
  {
    row: "Allowed, denied, nothing known of the target",
    path: allowed("....."),
    beside: [signOfLife],
    told: "Denied Failed NotReachable",
  },
  {
    row: "Allowed, denied, source not proven",
    path: allowed(".........."),
    beside: [targetAlive],
    told: "Denied Inconclusive SourceNotProven",
  },
  {
    row: "Allowed, no ready endpoint, source not proven",
    path: allowed("RRRRRRRRRR", noEndpoint),
    told: "Denied Inconclusive SourceNotProven",
  },
  {
    row: "Allowed, the host's name not found, source proven",
    path: allowed("xxxxx", host),
    beside: [signOfLife],
    told: "Unknown Failed NameNotResolved",
  },
  {
    row: "Allowed, no resolver answered, source proven",
    path: allowed("nnnnn", host),
    beside: [signOfLife],
    told: "Unknown Failed NameNotResolved",
  },
  {
    row: "Allowed, the host's name not found, source not proven",
    path: allowed("xxxxxxxxxx", host),
    told: "Unknown Inconclusive SourceNotProven",
  },
  {
    row: "Allowed, never settled",
    path: allowed("CC.CC.CC.CC.CC."),
    beside: proven,
    told: "Unknown Inconclusive Unsettled",
  },
  {
    row: "Allowed, answers flap",
    path: allowed("AaAaAaAaAaAaAaA", { check: http }),
    told: "Unknown Inconclusive Unsettled",
  },
  { row: "Denied, open", path: denied("CCC"), told: "Allowed Failed Open" },
  {
    row: "Denied, open with another status",
    path: denied("aaa", { check: http }),
    told: "Allowed Failed Open",
  },
  {
    row: "Denied, open with answers that flap",
    path: denied("AacAacAacAacAac", { check: http }),
    told: "Allowed Failed Open",
  },
  {
    row: "Denied, the resolver answered that there is no such name",
    path: denied("XXX", dns),
    told: "Allowed Failed Open",
  },
  {
    row: "Denied, open now and then",
    path: denied("..C..C..C..C..C"),
    beside: proven,
    told: "Unknown Failed OpenSometimes",
  },
  {
    row: "Denied, open until the last rounds, which are too few",
    path: denied("CCCCCCCCCCC...."),
    beside: proven,
    told: "Unknown Failed OpenSometimes",
  },
  {
    row: "Denied, denied, all proven",
    path: denied("....."),
    beside: proven,
    told: "Denied Passed AsExpected",
  },
  {
    row: "Denied, refused, dropped and unreachable by turns, all proven",
    path: denied(".R.UR"),
    beside: proven,
    told: "Denied Passed AsExpected",
  },
  {
    row: "Denied, open at first and then denied, all proven",
    path: denied("CC....."),
    beside: [
      { ...signOfLife, samples: "AAAAAAA" },
      { ...targetAlive, samples: "CCCCCCC" },
    ],
    told: "Denied Passed AsExpected",
  },
  {
    row: "Denied, denied, the target not proven",
    path: denied("....."),
    beside: [signOfLife],
    told: "Denied Inconclusive TargetNotProven",
  },
  {
    row: "Denied, denied, a Service without endpoints",
    path: denied("RRRRR", noEndpoint),
    beside: [signOfLife],
    told: "Denied Inconclusive TargetNotProven",
  },
  {
    row: "Denied, denied, the source not proven",
    path: denied(".........."),
    beside: [targetAlive],
    told: "Denied Inconclusive SourceNotProven",
  },
  {
    row: "Denied, denied, the link not proven",
    path: denied("....."),
    beside: [{ ...signOfLife, backends: [{ name: "catalog", uid: "u", node: "elsewhere" }] }, targetAlive],
    told: "Denied Inconclusive LinkNotProven",
  },
  {
    row: "Denied, denied, nothing proven",
    path: denied(".........."),
    told: "Denied Inconclusive SourceNotProven",
  },
  {
    row: "Denied, no resolver answered",
    path: denied(".....", dns),
    beside: [signOfLife],
    told: "Denied Inconclusive TargetNotProven",
  },
  {
    row: "Denied, a host that did not resolve",
    path: denied("xxxxx", host),
    beside: proven,
    told: "Unknown Inconclusive NameNotResolved",
  },
  {
    row: "Denied, a host for which no resolver answered",
    path: denied("nnnnn", host),
    beside: proven,
    told: "Unknown Inconclusive NameNotResolved",
  },
  {
    row: "Denied, a host that now resolves and now does not",
    path: denied("n.n.n.n.n.n.n.n", host),
    beside: proven,
    told: "Unknown Inconclusive Unsettled",
  },
  {
    row: "the pod did not run",
    path: denied("....."),
    beside: proven,
    sketch: { pods: { ...apart, "probe-orders": { phase: "NotRun", message: "exceeded quota" } } },
    told: "Unknown Inconclusive ProbeNotRun",
  },
  {
    row: "the pod did not run, whatever is recorded",
    path: allowed("CCC"),
    sketch: { pods: { "probe-orders": { phase: "NotRun" } } },
    told: "Unknown Inconclusive ProbeNotRun",
  },
  {
    row: "the pod told nothing of the path",
    path: { expect: "Allowed" },
    told: "Unknown Inconclusive ProbeNotRun",
  },
  {
    row: "the probe was starved",
    path: denied("EEEEEEEEEEEEEEE"),
    beside: proven,
    told: "Unknown Inconclusive ProbeNotRun",
  },
  {
    row: "the probe was starved but for a few attempts",
    path: allowed("EEEEEEEEEEEEECC"),
    told: "Unknown Inconclusive ProbeNotRun",
  },
];

const withoutPath: readonly (RunSketch & { row: string; told: string })[] = [
  { row: "no source pod", ...finding("SourceNotFound"), told: "Unknown Inconclusive SourceNotFound" },
  { row: "no target", ...finding("TargetNotFound"), told: "Unknown Inconclusive TargetNotFound" },
  {
    row: "the source cannot be imitated",
    ...finding("SourceNotReproducible"),
    told: "Unknown Inconclusive SourceNotReproducible",
  },
  {
    row: "a target that cannot be probed",
    ...finding("TargetNotSupported"),
    told: "Unknown Inconclusive TargetNotSupported",
  },
  { row: "neither a path nor a finding", ...noRecord, told: "Unknown Inconclusive ProbeNotRun" },
];

function tell(sketch: RunSketch): string {
  const [{ actual, verdict, reason } = { actual: "", verdict: "", reason: "" }] = judge(runOf(sketch));
  return `${actual} ${verdict} ${reason}`;
}

describe("the verdict table", () => {
  it.each(rows)("$row: $told", ({ path, beside = [], sketch, told }) => {
    expect(tell({ pods: apart, ...sketch, paths: [path, ...beside] })).toBe(told);
  });

  it.each(withoutPath)("$row: $told", ({ row: _, told, ...sketch }) => {
    expect(tell(sketch)).toBe(told);
  });
});
