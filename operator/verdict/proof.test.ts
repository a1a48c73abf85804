import { describe, expect, it } from "vitest";
import type { Proof } from "../../crds/vocabulary.ts";
import { later } from "../testing/objects.ts";
import { liveSource, mysql, targetAlive, type PathSketch } from "../testing/probeRuns.ts";
import { proofIn } from "../testing/proofs.ts";

const denied: PathSketch = { samples: "....." };
/** Denied by rounds 3 to 7, from 3 s to 7 s. */
const deniedLater: PathSketch = { samples: "CCC....." };

describe("the target is proven", () => {
  const cases: readonly [why: string, proof: Proof["target"], beside: PathSketch, path?: PathSketch][] = [
    ["by another source that reached the same address and port", "Observed", targetAlive],
    ["by http as well as by tcp", "Observed", { ...targetAlive, check: { tool: "http" }, samples: "AAAAA" }],
    [
      "by an answer that was not as asked",
      "Observed",
      { ...targetAlive, check: { tool: "http" }, samples: "aaaaa" },
    ],
    ["not by another port", "None", { ...targetAlive, check: { port: 3307 } }],
    ["not by another address", "None", { ...targetAlive, check: { address: "10.1.0.9" } }],
    ["not by ping", "None", { ...targetAlive, check: { tool: "icmp" }, samples: "PPPPP" }],
    [
      "not by the same source, which would contradict the denial",
      "None",
      { ...targetAlive, from: "Deployment/orders" },
    ],
    ["not by a path that was denied too", "None", { ...targetAlive, samples: "....." }],
    [
      "by one success between the first and the last deciding round",
      "Observed",
      { ...targetAlive, samples: ".....C.." },
      deniedLater,
    ],
    [
      "by successes on both sides of the deciding rounds, in which it was not tried",
      "Observed",
      { ...targetAlive, samples: "CC-E-E--CC" },
      deniedLater,
    ],
    [
      "not by successes on both sides of the deciding rounds, in which it was not reached: it may have restarted",
      "None",
      { ...targetAlive, samples: "CC......CC" },
      deniedLater,
    ],
    [
      "not by successes before the deciding rounds alone",
      "None",
      { ...targetAlive, samples: "CCC....." },
      deniedLater,
    ],
    [
      "not by successes after the deciding rounds alone",
      "None",
      { ...targetAlive, samples: "........CCC" },
      deniedLater,
    ],
  ];

  it.for(cases)("%s: %s", ([, proof, beside, path = denied]) => {
    expect(proofIn([path, liveSource, beside])?.target).toBe(proof);
  });

  it("by the clocks of both pods, not by the numbers of the rounds", () => {
    const late = { "probe-catalog": { node: "third", roundsStartedAt: later(60_000).toISOString() } };
    expect(proofIn([denied, targetAlive], { pods: late })?.target).toBe("None");
    const halfASecond = { "probe-catalog": { node: "third", roundsStartedAt: later(3_500).toISOString() } };
    expect(proofIn([denied, targetAlive], { pods: halfASecond })?.target).toBe("Observed");
  });

  it("by no path, as long as a pod has not reported when its rounds began", () => {
    const unknown = { "probe-catalog": { node: "third", roundsStartedAt: undefined } };
    expect(proofIn([denied, targetAlive], { pods: unknown })?.target).toBe("None");
  });

  it("by ping for ping", () => {
    const icmp: PathSketch = { check: { tool: "icmp", port: undefined } };
    expect(
      proofIn([
        { ...denied, ...icmp },
        { ...targetAlive, ...icmp, samples: "PPPPP" },
      ])?.target,
    ).toBe("Observed");
  });

  it("at the address that a host resolved to", () => {
    const host: PathSketch = { kind: "Host", backends: [], check: { address: undefined, host: "mysql" } };
    const resolved = { ...denied, ...host, result: { address: "10.1.0.2" } };
    expect(proofIn([resolved, targetAlive])?.target).toBe("Observed");
    expect(proofIn([{ ...resolved, result: { address: "10.1.0.8" } }, targetAlive])?.target).toBe("None");
  });

  it("never for the pod's own resolver, which another pod need not share", () => {
    const dns: PathSketch = {
      kind: "Resolver",
      backends: [],
      check: { tool: "dns", address: undefined, host: "a" },
    };
    const other = { ...targetAlive, ...dns, samples: "NNNNN" };
    expect(proofIn([{ ...denied, ...dns }, other])?.target).toBe("None");
  });

  it("by the readiness of every backend, which is weaker", () => {
    const ready = { ...mysql, readinessOnPort: true };
    expect(proofIn([{ ...denied, backends: [ready] }])?.target).toBe("Readiness");
    expect(proofIn([{ ...denied, backends: [ready, { ...mysql, name: "second" }] }])?.target).toBe("None");
    expect(proofIn([{ ...denied, backends: [ready] }, targetAlive])?.target).toBe("Observed");
  });
});

describe("a cluster address is proven by its backends", () => {
  const second = { name: "mysql-1", uid: "uid-mysql-1", node: "far" };
  const cluster: PathSketch = {
    ...denied,
    kind: "ClusterAddress",
    check: { address: "10.96.0.2" },
    backends: [mysql, second],
  };
  const endpoints: readonly PathSketch[] = [
    denied,
    { ...denied, check: { address: "10.1.0.4" }, backends: [second] },
  ];
  const secondAlive: PathSketch = { ...targetAlive, check: { address: "10.1.0.4" } };

  it("if each of them was alive at its own address", () => {
    expect(proofIn([cluster, ...endpoints, targetAlive, secondAlive])?.target).toBe("Observed");
  });

  it("not if one of them was not", () => {
    expect(proofIn([cluster, ...endpoints, targetAlive])?.target).toBe("None");
  });

  it("by readiness where one is proven by nothing better", () => {
    const ready = { ...cluster, backends: [mysql, { ...second, readinessOnPort: true }] };
    expect(proofIn([ready, ...endpoints, targetAlive])?.target).toBe("Readiness");
  });

  it("not if it has none: without a path nothing is proven", () => {
    expect(proofIn([{ ...cluster, backends: [] }, ...endpoints, targetAlive])?.target).toBe("None");
  });
});

describe("the link is proven", () => {
  const between = (pod: string, node: string): PathSketch => ({
    ...targetAlive,
    pod,
    check: { address: "10.1.0.7" },
    backends: [{ name: "other", uid: "uid-other", node }],
  });
  const pods = { far: { node: "far" }, near: { node: "near" }, third: { node: "third" } };

  it("by being none: both pods are on one node", () => {
    expect(proofIn([{ ...denied, backends: [{ ...mysql, node: "near" }] }])?.link).toBe("SameNode");
  });

  it("by another path between the same two nodes, in either direction", () => {
    expect(proofIn([denied, between("near", "far")], { pods })?.link).toBe("Observed");
    expect(proofIn([denied, between("far", "near")], { pods })?.link).toBe("Observed");
  });

  it("not by a path from or to a third node", () => {
    expect(proofIn([denied, between("third", "far")], { pods })?.link).toBe("None");
    expect(proofIn([denied, between("near", "third")], { pods })?.link).toBe("None");
  });

  it("not by an address behind which several nodes stand", () => {
    const spread = [mysql, { name: "other", uid: "uid-other", node: "third" }];
    expect(proofIn([denied, { ...between("near", "far"), backends: spread }], { pods })?.link).toBe("None");
  });

  it("for pods not by a host-network pod, which is reached without the overlay", () => {
    const onHost = { ...mysql, hostNetwork: true };
    const overHost = { ...between("near", "far"), backends: [onHost] };
    expect(proofIn([denied, overHost], { pods })?.link).toBe("None");
    expect(proofIn([{ ...denied, backends: [onHost] }, overHost], { pods })?.link).toBe("Observed");
  });

  it("to every node behind a cluster address", () => {
    const spread = [mysql, { name: "mysql-1", uid: "uid-mysql-1", node: "third" }];
    const cluster: PathSketch = { ...denied, kind: "ClusterAddress", backends: spread };
    expect(proofIn([cluster, between("near", "far")], { pods })?.link).toBe("None");
    expect(proofIn([cluster, between("near", "far"), between("near", "third")], { pods })?.link).toBe(
      "Observed",
    );
  });

  it("outside the cluster by the same address, reached at any port from the same node", () => {
    const outside: PathSketch = { ...denied, kind: "Address", backends: [] };
    const otherPort = { ...targetAlive, kind: "Address", backends: [], check: { port: 443 } } as const;
    expect(proofIn([outside, { ...otherPort, pod: "near" }], { pods })?.link).toBe("Observed");
    expect(proofIn([outside, { ...otherPort, pod: "third" }], { pods })?.link).toBe("None");
  });

  it("not while the node of the probe is not known", () => {
    expect(proofIn([denied, liveSource], { pods: { "probe-orders": { node: undefined } } })?.link).toBe(
      "None",
    );
  });
});

it("a path that is open proves its own ends and its link", () => {
  const open = { ...liveSource, samples: "AAA" };
  expect(proofIn([open])).toEqual({ target: "Observed", source: "Observed", link: "Observed" });
  expect(proofIn([{ samples: "CCC" }])).toEqual({ target: "Observed", source: "None", link: "Observed" });
});
