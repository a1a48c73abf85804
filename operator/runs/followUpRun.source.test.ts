import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_CHECKS_PER_POD, probeRunSpecSchema, type PlannedPath } from "../../crds/proberun/proberun.ts";
import { firstRun, followUpOf, judgedWithFollowUp, witnessContext } from "../testing/followUps.ts";
import { pod } from "../testing/objects.ts";
import { liveSource, targetAlive, type PathSketch } from "../testing/probeRuns.ts";
import { judgeRun } from "../verdict/judgePath.ts";
import { pathsToFollowUp, planFollowUp, resolvedAddressesOf } from "./followUpRun.ts";

const mysql = pod("mysql", { node: "far", ips: ["10.1.0.2"] });
const dnsPod = (last: number, node: string) =>
  pod(`coredns-${last}`, { namespace: "kube-system", node, ips: [`10.1.9.${last}`, `fd00::9:${last}`] });

/** The cluster with servers of its DNS. */
function onCluster(dnsPods = [dnsPod(1, "far"), dnsPod(2, "near")]) {
  const context = witnessContext({ pods: [mysql] });
  return { ...context, snapshot: { ...context.snapshot, dnsPods } };
}

const IPV6 = { family: "IPv6", address: "fd00::2" } as const;
/** So many denials settle where nothing proves the source. */
const NOT_PROVEN = "..........";
/** Nothing listens behind it: no path of this source proves its network. */
const allowed: PathSketch = { expect: "Allowed", samples: NOT_PROVEN, check: { provesSource: true } };
const denied: PathSketch = { samples: NOT_PROVEN, witness: "far" };
const closed: PathSketch = { ...allowed, expectation: "orders-other" };
const ownSign = (samples: string): PathSketch => ({
  expectation: "",
  expect: "Allowed",
  check: { tool: "dns", control: true, provesSource: true, address: "10.1.9.2", host: "kubernetes" },
  samples,
});

const answers = ({ check }: PlannedPath) => (check.control === true ? "AAAAA" : ".....");
const planOf = (paths: readonly PathSketch[], on = onCluster()) =>
  planFollowUp(judgeRun(firstRun(paths)), on);

describe("a closed path whose source is not proven", () => {
  it("with Allowed expected has failed if netverdict's own lookup got through beside it", () => {
    const seen = judgedWithFollowUp({ paths: [allowed], on: onCluster(), telling: { probes: answers } });
    expect(seen).toMatchObject({ looks: 2, verdict: "Failed", reason: "Blocked", source: "Observed" });
    expect(seen.message).toContain("The follow-up run decided");
  });

  it("with Allowed expected has failed where nothing listens", () => {
    const telling = { probes: answers, witnesses: () => "........" };
    const seen = judgedWithFollowUp({ paths: [allowed], on: onCluster(), telling });
    expect(seen).toMatchObject({ verdict: "Failed", reason: "TargetDown" });
  });

  it("with Denied expected passes beside a path that is closed though Allowed is expected", () => {
    const witnesses = { paths: [{ samples: "CCCCCCCCCCCC" }] };
    const telling = { probes: answers };
    const seen = judgedWithFollowUp({ paths: [denied, closed], witnesses, on: onCluster(), telling });
    expect(seen).toMatchObject({ looks: 2, verdict: "Passed", source: "Observed", target: "Witness" });
  });

  it("with Allowed expected has failed also if the witness of a denial beside it has found that its target is down", () => {
    const ofOther: PathSketch = {
      ...denied,
      expectation: "ui-mysql",
      from: "Deployment/ui",
      pod: "probe-ui",
    };
    const witnesses = { paths: [{ samples: "........" }] };
    const telling = { probes: answers, witnesses: () => "........" };
    const seen = judgedWithFollowUp({ paths: [allowed, ofOther], witnesses, on: onCluster(), telling });
    expect(seen).toMatchObject({ looks: 2, verdict: "Failed", reason: "TargetDown" });
  });

  it("with Denied expected keeps the other source as the proof of a target that no witness may try", () => {
    const elsewhere = { witness: undefined, check: { address: "10.2.0.9" } };
    const reaching: PathSketch = { ...targetAlive, ...elsewhere, samples: "CCCCCCCCCCCC" };
    const telling = {
      probes: ({ check, pod: by }: PlannedPath) =>
        check.control === true ? "AAAAA" : by.includes("catalog") ? "CCCCCCCC" : ".....",
    };
    const paths = [{ ...denied, ...elsewhere }, reaching, closed];
    const seen = judgedWithFollowUp({ paths, on: onCluster(), telling });
    expect(seen).toMatchObject({ looks: 2, verdict: "Passed", target: "Observed", source: "Observed" });
  });

  it("stays Inconclusive if the lookup does not get through either", () => {
    const telling = { probes: () => NOT_PROVEN };
    const seen = judgedWithFollowUp({ paths: [allowed], on: onCluster(), telling });
    expect(seen).toMatchObject({ looks: 2, verdict: "Inconclusive", reason: "SourceNotProven" });
  });

  it.each([
    ["the cluster's DNS has no known server", [allowed], onCluster([])],
    ["the first run had such a lookup in the path's family", [allowed, ownSign(NOT_PROVEN)], onCluster()],
    ["nothing can prove the target of a denial", [{ samples: NOT_PROVEN }], onCluster()],
  ])("has no follow-up run if %s", (_, paths, on) => {
    expect(judgedWithFollowUp({ paths, on })).toMatchObject({ looks: 1, reason: "SourceNotProven" });
  });
});

describe("the lookup of a follow-up run", () => {
  it("goes to a server on the probe pod's node, in each family of its closed paths, under a free id", () => {
    const spec = planOf([allowed, { ...closed, check: { ...IPV6, provesSource: true } }]);
    const signs = spec?.paths.filter(({ check }) => check.control === true) ?? [];
    expect(signs.map(({ id, check, pod: by }) => [id, check.path, check.address, by])).toEqual([
      [2, 2, "10.1.9.2", "probe-orders-k3f9q-again-0"],
      [3, 3, "fd00::9:2", "probe-orders-k3f9q-again-0"],
    ]);
    expect(spec?.pods).toHaveLength(1);
    expect(probeRunSpecSchema.safeParse(spec).success).toBe(true);
  });

  it("is one for each probe pod", () => {
    const spec = planOf([allowed, { ...closed, from: "Deployment/ui", pod: "probe-ui" }]);
    const signs = spec?.paths.filter(({ check }) => check.control === true) ?? [];
    expect(signs.map(({ from }) => from)).toEqual(["Deployment/orders", "Deployment/ui"]);
    expect(new Set(signs.map(({ pod: by }) => by)).size).toBe(2);
  });

  it("of a node goes to a server on another one", () => {
    const run = firstRun([allowed]);
    const asNode = { name: "probe-orders", source: "Node/near", sourceNodes: 1, node: "near" };
    const first = { ...run, run: { ...run.run, spec: { ...run.run.spec, pods: [asNode] } } };
    const spec = planFollowUp(judgeRun(first), onCluster());
    expect(spec?.paths.map(({ check }) => check.address)).toEqual(["10.1.0.2", "10.1.9.1"]);
  });

  it("leaves a probe pod with the checks that it takes", () => {
    const many = Array.from({ length: MAX_CHECKS_PER_POD }, (_, at) => ({
      ...allowed,
      expectation: `closed-${at}`,
    }));
    expect(planOf(many)?.paths).toHaveLength(MAX_CHECKS_PER_POD);
    const fewer = planOf(many.slice(2))?.paths.filter(({ pod: by }) => by !== "") ?? [];
    expect(fewer).toHaveLength(MAX_CHECKS_PER_POD - 1);
  });

  it("has room beside many paths that one other path proves", () => {
    const alive: PathSketch = { ...liveSource, samples: "AAAAAAAAAAAAAAAA" };
    const hosts = Array.from({ length: MAX_CHECKS_PER_POD / 2 }, (_, at): PathSketch => {
      const toMysql = { check: { address: undefined, host: "mysql" }, result: { address: "10.1.0.2" } };
      return { expectation: `host-${at}`, samples: ".....", kind: "Host", backends: [], ...toMysql };
    });
    const spec = planOf([{ ...allowed, check: { ...IPV6, provesSource: true } }, alive, ...hosts]);
    expect(spec?.paths.filter(({ check }) => check.control === true)).toHaveLength(1);
  });

  it("needs the servers of the cluster's DNS, which no other follow-up run reads", () => {
    const needsOf = (paths: readonly PathSketch[]) =>
      resolvedAddressesOf(pathsToFollowUp(judgeRun(firstRun(paths)))).ownSigns;
    expect([needsOf([allowed]), needsOf([denied, ownSign("AAAAA")])]).toEqual([true, false]);
  });
});

const letters = fc.constantFrom("AAAAA", "CCCCC", ".....", "..........", "RRRRR", "EEEEEEEEEE", "..C..", "");

describe("for all results of a follow-up run with its own lookup", () => {
  it("a closed path that is expected to be open fails only if the lookup or the node got through", () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(letters, letters, letters, (sign, path, witness) => {
        const telling = {
          probes: ({ check }: PlannedPath) => (check.control === true ? sign : path.replaceAll("A", "C")),
          witnesses: () => witness.replaceAll("A", "C"),
        };
        const seen = judgedWithFollowUp({ paths: [allowed], on: onCluster(), telling });
        met.add(seen.verdict);
        const evidence = { Failed: sign, Passed: path, Inconclusive: "A" };
        expect(evidence[seen.verdict]).toMatch(/[AC]/);
      }),
      { numRuns: 300 },
    );
    expect([...met].toSorted()).toEqual(["Failed", "Inconclusive", "Passed"]);
  });

  it("its lookup has no verdict of its own", () => {
    const followUp = followUpOf(firstRun([allowed]), onCluster(), { probes: answers, witnesses: () => "." });
    expect(followUp?.run.spec.expectations.map(({ name }) => name)).toEqual(["orders-mysql"]);
  });
});
