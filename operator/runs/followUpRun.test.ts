import { describe, expect, it } from "vitest";
import { probeRunSpecSchema, type PlannedPath } from "../../crds/proberun/proberun.ts";
import {
  firstRun,
  followUpOf,
  judgedWithFollowUp,
  OUTSIDE,
  sameAsBefore,
  witnessContext,
} from "../testing/followUps.ts";
import { later, pod, snapshot } from "../testing/objects.ts";
import { liveSource, mysql, targetAlive, type PathSketch, type RunSketch } from "../testing/probeRuns.ts";
import { judge } from "../verdict/judge.ts";
import { judgeRun } from "../verdict/judgePath.ts";
import { planFollowUp } from "./followUpRun.ts";

const host: PathSketch = {
  kind: "Host",
  to: "db.example.com",
  check: { address: undefined, host: "db.example.com" },
  backends: [],
  backendCount: 0,
  samples: ".....",
  result: { address: OUTSIDE },
};
const planned: PathSketch = { samples: ".....", witness: "far" };
const target = pod("mysql", { node: "far", ips: ["10.1.0.2"] });
const replaced = pod("mysql-new", { node: "far", ips: ["10.1.0.2"] });

const TWICE = "The follow-up run decided";

describe("a denied host", () => {
  it("passes by a witness of the follow-up run, which knows its address", () => {
    const seen = judgedWithFollowUp({ paths: [host, liveSource] });
    expect(seen).toMatchObject({
      verdict: "Passed",
      target: "Witness",
      source: "Observed",
      link: "Observed",
    });
    expect(seen.message).toContain(TWICE);
  });

  it("is pinned to its address, tried from the same node with what proved its source, and keeps its id", () => {
    const spec = planFollowUp(judgeRun(firstRun([liveSource, targetAlive, host])), witnessContext());
    expect(spec?.run).toMatchObject({ id: "k3f9q", followUp: true });
    expect(spec?.pods.map(({ name, twin }) => [name, twin?.nodeName])).toEqual([
      ["probe-orders-k3f9q-again-0", "near"],
    ]);
    expect(spec?.paths.map(({ id, pod: by, check, witness }) => [id, by, check.address, witness])).toEqual([
      [0, "probe-orders-k3f9q-again-0", "10.1.0.3", undefined],
      [2, "probe-orders-k3f9q-again-0", OUTSIDE, "near"],
    ]);
    expect(probeRunSpecSchema.safeParse(spec).success).toBe(true);
  });

  it("is distinguished from one that is open the second time, by its samples then", () => {
    const seen = judgedWithFollowUp({ paths: [host, liveSource], telling: { probes: () => "CCCCC" } });
    expect(seen).toMatchObject({ verdict: "Failed", reason: "Open", samples: "CCCCC" });
  });

  it("proves nothing where the witness could not get there either", () => {
    const seen = judgedWithFollowUp({ paths: [host, liveSource], telling: { witnesses: () => "........" } });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven", target: "None" });
    expect(seen.message).toContain("a witness on near could not reach it either");
  });

  it("proves nothing where the second twin's own network is not known to be up", () => {
    const seen = judgedWithFollowUp({ paths: [host, liveSource], telling: { probes: () => ".........." } });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "SourceNotProven" });
  });

  it.each([
    ["did not run", undefined, "The follow-up run had no result: exceeded quota"],
    ["was starved", "EEEEEEEEEEEEEEE", "The follow-up run had no result: "],
  ] as const)("is judged by the first run where the second %s", (_, letters, words) => {
    const seen = judgedWithFollowUp({ paths: [host, liveSource], telling: { probes: () => letters } });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven", samples: "....." });
    expect(seen.message).toContain(words);
  });

  it("in the cluster has a witness on its own node, and its link is proven there", () => {
    const inCluster = { ...host, result: { address: "10.1.0.2" } };
    const seen = judgedWithFollowUp({
      paths: [inCluster, liveSource],
      on: witnessContext({ pods: [target] }),
    });
    expect(seen).toMatchObject({ verdict: "Passed", target: "Witness", link: "Observed" });
    expect(seen.message).toContain("Witness on far");
  });

  it("that another source reached from another node passes by a witness on the probe's own", () => {
    const selected: PathSketch = { ...targetAlive, ...host, samples: "CCCCC" };
    const seen = judgedWithFollowUp({
      paths: [host, liveSource, { ...selected, expectation: "reached", expect: "Allowed" }],
    });
    expect(seen).toMatchObject({ looks: 2, verdict: "Passed", target: "Witness", link: "Observed" });
  });

  it.each([
    ["a private address that is nobody's", { address: "10.96.0.7" }, true],
    ["no address", {}, false],
  ])("at %s is not looked at again, and the message says what to do", (_, result, isKnown) => {
    const seen = judgedWithFollowUp({ paths: [{ ...host, result }, liveSource] });
    expect(seen).toMatchObject({ looks: 1, reason: "TargetNotProven" });
    expect(seen.message).toContain("If the host is a Service or a pod, name that instead");
    expect(seen.message.includes("ask an administrator to list it in NETVERDICT_WITNESS_ALLOW")).toBe(
      isKnown,
    );
  });
});

type Pods = NonNullable<RunSketch["pods"]>;

describe("a denial whose witness", () => {
  const at = (offset: number): Pods => ({
    "witness-far": { node: "far", roundsStartedAt: later(offset).toISOString() },
  });
  const absent = (more: object): Pods => ({
    "witness-far": { phase: "NotRun", node: undefined, ...more },
  });

  it.for([
    ["ran too early", { paths: [{}], pods: at(-60_000) }, 2, "Passed"],
    ["failed too early", { paths: [{ samples: "........" }], pods: at(-60_000) }, 2, "Passed"],
    ["came too late", { paths: [{}], pods: absent({ message: "it had not started" }) }, 2, "Passed"],
    ["was refused", { paths: [{}], pods: absent({ refused: true, message: "no" }) }, 1, "Inconclusive"],
    ["found it down in time", { paths: [{ samples: "........" }] }, 1, "Inconclusive"],
    ["found it alive in time", { paths: [{}] }, 1, "Passed"],
  ] as const)("%s", ([, { paths, ...more }, looks, verdict]) => {
    const witnesses: RunSketch = { paths: [...paths], ...more };
    const on = witnessContext({ pods: [target] });
    expect(judgedWithFollowUp({ paths: [planned, liveSource], witnesses, on })).toMatchObject({
      looks,
      verdict,
    });
  });

  const untimely: RunSketch = { paths: [{}], pods: at(60_000) };

  it("is not asked about another pod that has the address by now", () => {
    const on = witnessContext({ pods: [replaced] });
    expect(judgedWithFollowUp({ paths: [planned, liveSource], witnesses: untimely, on })).toMatchObject({
      looks: 1,
      reason: "TargetNotProven",
    });
  });

  it("outweighs a readiness probe, when it is asked in time", () => {
    const ready = { ...planned, backends: [{ ...mysql, readinessOnPort: true }] };
    const scene = { paths: [ready, liveSource], witnesses: untimely, on: witnessContext({ pods: [target] }) };
    expect(judgedWithFollowUp(scene)).toMatchObject({ looks: 2, verdict: "Passed", target: "Witness" });
    expect(judgedWithFollowUp({ ...scene, telling: { witnesses: () => "........" } })).toMatchObject({
      reason: "TargetNotProven",
    });
  });

  it("is not asked again where another path has proven the target, or nothing the source", () => {
    const on = witnessContext({ pods: [target] });
    expect(
      judgedWithFollowUp({ paths: [planned, liveSource, targetAlive], witnesses: untimely, on }).looks,
    ).toBe(1);
    const alone = { ...planned, samples: ".........." };
    expect(judgedWithFollowUp({ paths: [alone], witnesses: untimely, on })).toMatchObject({
      looks: 1,
      reason: "SourceNotProven",
    });
  });

  it("is asked again for each backend of a cluster address, and no backend is probed again for that alone", () => {
    const other = { name: "mysql-1", uid: "uid-mysql-1", node: "far" };
    const second = { ...planned, check: { address: "10.1.0.4" }, backends: [other] };
    const cluster: PathSketch = {
      samples: ".....",
      kind: "ClusterAddress",
      check: { address: "10.96.0.2" },
      backends: [mysql, other],
    };
    const observed = { ...targetAlive, check: { address: "10.1.0.4" }, backends: [other] };
    const paths = [cluster, planned, second, liveSource, observed];
    const witnesses: RunSketch = { paths: [{}, { check: { address: "10.1.0.4" } }], pods: at(60_000) };
    const on = witnessContext({ pods: [target, pod("mysql-1", { node: "far", ips: ["10.1.0.4"] })] });
    const spec = planFollowUp(judgeRun(firstRun(paths, witnesses)), on);
    const name = "probe-orders-k3f9q-again-0";
    expect(spec?.paths.map(({ id, pod: by }) => [id, by])).toEqual([
      [0, name],
      [1, name],
      [2, ""],
      [3, name],
    ]);
    expect(judgedWithFollowUp({ paths, witnesses, on })).toMatchObject({ verdict: "Passed" });
    const half = ({ check }: PlannedPath) => (check.address === "10.1.0.4" ? "........" : "CCCCCCCC");
    expect(judgedWithFollowUp({ paths, witnesses, on, telling: { witnesses: half } })).toMatchObject({
      reason: "TargetNotProven",
    });
  });
});

describe("an Allowed path that is closed", () => {
  const closed: PathSketch = { expect: "Allowed", samples: "....." };
  const on = witnessContext({ pods: [target] });

  it.each([
    ["Blocked", "CCCCCCCC", "Witness"],
    ["TargetDown", "........", "None"],
    ["NotReachable", undefined, "None"],
  ] as const)("is %s once its witness has been asked afterwards: %s", (reason, letters, proven) => {
    const telling = { witnesses: () => letters };
    const seen = judgedWithFollowUp({ paths: [closed, liveSource], on, telling });
    expect(seen).toMatchObject({ looks: 2, verdict: "Failed", reason, target: proven, samples: "....." });
    expect(seen.message).toContain("The witness ran after the rounds");
  });

  const uncompared: PathSketch = { ...closed, sourceComparison: "" };
  it.each([[closed], [uncompared]])("is not probed again, with its twin compared or not", (path) => {
    const spec = planFollowUp(judgeRun(firstRun([path, liveSource])), on);
    expect(spec?.pods).toEqual([]);
    expect(spec?.paths.map(({ id, pod: by, witness }) => [id, by, witness])).toEqual([[0, "", "far"]]);
  });

  it("is judged by its first run even where it was open for a while, and proves nothing of others then", () => {
    const flickering: PathSketch = { ...closed, samples: "CC.....", check: { provesSource: true } };
    const sign = { ...liveSource, samples: "AAAAAAA" };
    const paths = [host, { ...flickering, expectation: "flickering" }, sign];
    const first = firstRun(paths);
    const followUp = followUpOf(first, on, { ...sameAsBefore, probes: () => "CCCCC" });
    expect(followUp?.run.spec.paths.map(({ id, pod: by }) => [id, by === ""])).toEqual([
      [0, false],
      [1, true],
      [2, false],
    ]);
    expect(judge(first.run, undefined, followUp).find(({ name }) => name === "flickering")).toMatchObject({
      verdict: "Failed",
    });
  });

  it("is not asked about where the reason is known", () => {
    expect(judgedWithFollowUp({ paths: [closed, liveSource, targetAlive], on })).toMatchObject({
      looks: 1,
      reason: "Blocked",
    });
    const nobody: PathSketch = { ...closed, kind: "ClusterAddress", backends: [], backendCount: 0 };
    expect(judgedWithFollowUp({ paths: [nobody, liveSource], on })).toMatchObject({
      looks: 1,
      reason: "TargetDown",
    });
  });
});

it("nothing is looked at again where no witness may go anywhere", () => {
  const nowhere = { ...witnessContext(), settings: { enabled: true, allow: [] } };
  const first = judgeRun(firstRun([planned, host, liveSource]));
  expect(planFollowUp(first, nowhere)).toBeUndefined();
});

describe("the API server", () => {
  const backends = [{ name: "192.168.0.3", uid: "", node: "" }];
  const own: PathSketch = {
    expect: "Allowed",
    to: "Service/kubernetes.default",
    backends,
    check: { address: "192.168.0.3", port: 6443 },
    samples: ".....",
  };
  const cluster: PathSketch = {
    ...own,
    kind: "ClusterAddress",
    check: { address: "10.96.0.1", port: 443 },
  };
  const sockets = new Set(["10.96.0.1 443", "192.168.0.3 6443"]);
  const on = { ...witnessContext(), snapshot: { ...snapshot(), apiServer: sockets } };

  it("that is closed and is expected to be open is blocked, at its Service's address too, by the result of a witness at its own address", () => {
    const seen = judgedWithFollowUp({ paths: [own, cluster, liveSource], on });
    expect(seen).toMatchObject({ looks: 2, verdict: "Failed", reason: "Blocked", target: "Witness" });
    expect(seen.message).toMatch(/^2 of 2 paths are blocked: /);
  });

  it("is tried again where its witness has run on another node than the probe, at both of its addresses", () => {
    const denied = { expect: "Denied", witness: "far" } as const;
    const witnesses: RunSketch = { paths: [own, cluster].map(({ check }) => ({ ...(check && { check }) })) };
    const paths = [{ ...own, ...denied }, { ...cluster, ...denied }, liveSource];
    expect(judgedWithFollowUp({ paths, witnesses, on })).toMatchObject({
      looks: 2,
      verdict: "Passed",
      link: "Observed",
    });
  });

  it.each<readonly [what: string, path: PathSketch, on: ReturnType<typeof witnessContext>]>([
    ["at another port of its node", { ...own, check: { address: "192.168.0.3", port: 10250 } }, on],
    ["where nobody has looked it up", own, witnessContext()],
  ])("has no witness %s where it is expected to be open", (_, path, seenOn) => {
    expect(judgedWithFollowUp({ paths: [path, liveSource], on: seenOn })).toMatchObject({
      looks: 1,
      reason: "NotReachable",
    });
  });
});
