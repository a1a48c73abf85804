import { describe, expect, it } from "vitest";
import { progressOf } from "../runs/progress.ts";
import { later, probePod } from "../testing/objects.ts";
import { plannedRun, reportOf } from "../testing/plannedRun.ts";
import {
  apart,
  contacted,
  liveSource,
  runOf,
  targetAlive,
  witnessesOf,
  type PathSketch,
  type RunSketch,
} from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

/** A sidecar beside a probe, which answers for everybody. */
const injected = ["istio-proxy"];
type Pods = NonNullable<RunSketch["pods"]>;
const pods: Pods = { ...apart, "probe-orders": { injected } };

const http: PathSketch = { check: { tool: "http", port: 80 } };
const unfinished = { ...http, result: { httpStatus: 200, unfinished: { received: 9, promised: 100 } } };
const dns: PathSketch = { kind: "Resolver", check: { tool: "dns", address: undefined, host: "kubernetes" } };
const host: PathSketch = { kind: "Host", check: { tool: "http", address: undefined, host: "example.com" } };
const ping: PathSketch = { check: { tool: "icmp", port: undefined } };

function reported(path: PathSketch, beside: readonly PathSketch[] = [], more: Pods = pods): string {
  const [first] = judge(runOf({ paths: [path, ...beside], pods: more }));
  return `${first?.actual} ${first?.verdict} ${first?.reason}`;
}

const allowed = (samples: string, path: PathSketch): PathSketch => ({ ...path, samples, expect: "Allowed" });
const denied = (samples: string, path: PathSketch = {}): PathSketch => ({
  ...path,
  samples,
  expect: "Denied",
});
const intercepted = "Unknown Inconclusive Intercepted";

describe("in a probe pod with an injected sidecar", () => {
  it.each([
    ["a connection that was Allowed", allowed("CCC", {})],
    ["a connection that was not", allowed(".....", {})],
    ["a connection that is Denied", denied("CCC")],
    ["no connection, as declared", denied("RRRRR")],
    ["a connection now and then", denied("..C..C..C..C..C")],
    ["another HTTP status, which the sidecar may have given", allowed("aaa", http)],
    ["an answer in part, which the sidecar may have given", allowed("aaa", unfinished)],
    ["no HTTP answer", allowed("ccc", http)],
    ["no answer where one is Allowed", allowed(".....", http)],
    ["an answer where none ought to come", denied("AAA", http)],
    ["an error where no answer ought to come", denied("aaa", http)],
    ["a host without a name", allowed("xxxxx", host)],
    ["no record", allowed("XXX", dns)],
    ["a record where none ought to come", denied("NNN", dns)],
  ])("%s says nothing", (_, path) => {
    expect(reported(path, [liveSource, targetAlive])).toBe(intercepted);
  });

  it.each([
    ["an HTTP answer as asked", allowed("AAA", http), "Allowed Passed AsExpected"],
    ["a record", allowed("NNN", dns), "Allowed Passed AsExpected"],
    ["a ping, which no sidecar takes", allowed("PPP", ping), "Allowed Passed AsExpected"],
    ["a ping that ought not to be", denied("PPP", ping), "Allowed Failed Open"],
  ])("%s stands", (_, path, verdict) => {
    expect(reported(path)).toBe(verdict);
  });

  it("a probe that did not run has not run, independent of other results", () => {
    expect(reported(denied("EEEEEEEEEEEEEEE"))).toBe("Unknown Inconclusive ProbeNotRun");
  });

  it("the message names the sidecar and what to do", () => {
    const [first] = judge(runOf({ paths: [allowed("CCC", {})], pods }));
    expect(first?.message).toContain("connected, but the injected istio-proxy in the probe pod");
    expect(first?.message).toContain("disable injection for probe pods");
  });
});

describe("what a sidecar had in the target's place proves nothing", () => {
  const aside = { "probe-catalog": { injected, node: "third" } };

  it("of the target: another source reached it, through a sidecar", () => {
    expect(reported(denied("....."), [liveSource, targetAlive], { ...apart, ...aside })).toBe(
      "Denied Inconclusive TargetNotProven",
    );
  });

  it("of the source: a ping beside it needs its own proof of the source", () => {
    const unreached = denied("..........", { ...ping, backends: [{ name: "m", uid: "m", node: "near" }] });
    const alive = [liveSource, { ...targetAlive, ...ping, samples: "PPPPPPPPPP" }];
    expect(reported(unreached, alive)).toBe("Denied Inconclusive SourceNotProven");
    const samples = { samples: "............" };
    const selected = { ...pods, "probe-orders": { injected, ...contacted(500, 11_500) } };
    expect(
      reported(
        { ...unreached, ...samples },
        [liveSource, { ...alive[1], samples: "P".repeat(12) }],
        selected,
      ),
    ).toBe("Denied Passed AsExpected");
  });

  it("of the link: the only path between the two nodes went through a sidecar", () => {
    const elsewhere = { ...liveSource, backends: [{ name: "c", uid: "c", node: "fourth" }] };
    const between = { ...liveSource, pod: "probe-other", from: "Deployment/other" };
    const paths = [elsewhere, targetAlive, between];
    expect(reported(denied("....."), paths, apart)).toBe("Denied Passed AsExpected");
    const other = { "probe-other": { injected, node: "near" } };
    expect(reported(denied("....."), paths, { ...apart, ...other })).toBe(
      "Denied Inconclusive LinkNotProven",
    );
  });

  it("of a witness", () => {
    const run = runOf({ paths: [denied("....."), liveSource], pods: apart });
    const [first] = judge(
      run,
      witnessesOf({ paths: [{}], pods: { "witness-far": { node: "far", injected } } }),
    );
    expect(first).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven" });
    expect(first?.message).toContain("the witness on far did not run: a sidecar was injected into it");
  });
});

describe("the record of a probe pod", () => {
  const run = plannedRun({ "probe-a": 1 });
  const terminated = { exitCode: 0, reason: "Completed", message: reportOf(run, "probe-a") };
  const recorded = (spec: object) => {
    const status = { phase: "Running", containerStatuses: [{ name: "probe", state: { terminated } }] };
    const pod = probePod("probe-a", run, { spec, status });
    const byName = new Map([["probe-a", pod]]);
    return progressOf({ run, pods: byName, startTimeout: 60_000, now: later(1_000) }).status.pods[0];
  };
  const probe = { name: "probe" };
  const sidecar = { name: "proxy", restartPolicy: "Always" };

  it("names what admission added to run beside the probe, and ends with the probe all the same", () => {
    const spec = {
      initContainers: [{ name: "rules" }, { name: "again", restartPolicy: "OnFailure" }, sidecar],
      containers: [{ name: "agent" }, probe],
    };
    expect(recorded(spec)).toMatchObject({ phase: "Finished", injected: ["proxy", "agent"] });
  });

  it("names nothing where only containers that end before it were added", () => {
    expect(recorded({ initContainers: [{ name: "rules" }], containers: [probe] })).not.toHaveProperty(
      "injected",
    );
  });

  it("names no more than it has room for", () => {
    const containers = Array.from({ length: 20 }, (_, index) => ({ name: `agent-${index}` }));
    expect(recorded({ containers: [probe, ...containers] })?.injected).toHaveLength(16);
  });
});
