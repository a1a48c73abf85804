import { describe, expect, it } from "vitest";
import type { PodStatus } from "../../crds/proberun/proberun.ts";
import type { Proof } from "../../crds/vocabulary.ts";
import { apart, contacted, liveSource, runOf, type PathSketch } from "../testing/probeRuns.ts";
import { proofIn } from "../testing/proofs.ts";
import { triedPaths } from "./evidence.ts";
import { proofsOf, proven } from "./proof.ts";
import { runEvidenceOf } from "./runEvidence.ts";

const denied: PathSketch = { samples: "....." };

describe("the source is proven", () => {
  const hostNetworkPod = (node: string) => [{ name: "agent", uid: "uid-agent", node, hostNetwork: true }];
  const cases: readonly [why: string, proof: Proof["source"], sign: PathSketch][] = [
    ["by a sign of life of the same pod", "Observed", liveSource],
    ["not by a check that is no sign of life", "None", { ...liveSource, check: { address: "10.1.0.3" } }],
    ["not by a sign of life of another pod", "None", { ...liveSource, pod: "probe-orders-2" }],
    ["not by a sign of life that failed", "None", { ...liveSource, samples: "....." }],
    [
      "not in another address family",
      "None",
      { ...liveSource, check: { ...liveSource.check, family: "IPv6" } },
    ],
    [
      "not by a host-network pod on the node where it ran",
      "None",
      { ...liveSource, backends: hostNetworkPod("near") },
    ],
    ["by a host-network pod on another node", "Observed", { ...liveSource, backends: hostNetworkPod("far") }],
  ];

  it.for(cases)("%s: %s", ([, proof, sign]) => {
    expect(
      proofIn([{ samples: ".........." }, { ...sign, samples: sign.samples?.repeat(2) ?? "" }])?.source,
    ).toBe(proof);
  });

  it("not by a proof of the source before the deciding rounds alone", () => {
    expect(proofIn([{ samples: "........" }, { ...liveSource, samples: "AAA....." }])?.source).toBe("None");
  });

  const stretches: readonly [why: string, proof: Proof["source"], sign: string, path?: string][] = [
    ["not by one success in the first deciding round: it may have died right after", "None", "A...."],
    ["not by one success in the midst of the deciding rounds", "None", "..A....", "......."],
    ["not by successes on both sides of rounds in which it got nowhere", "None", "A...A....", "........."],
    ["by successes on both sides with one round lost between them", "Observed", "AA.AA"],
    ["by five rounds between two successes, whatever came later", "Observed", ".AAAAA...", "........."],
    ["not by fewer", "None", ".AAAA....", "........."],
    ["not by errors between two successes, but they do no harm either", "Observed", "AEE-A"],
  ];
  it.for(stretches)("%s: %s, by %s", ([, proof, sign, path = "....."]) => {
    expect(proofIn([{ samples: path }, { ...liveSource, samples: sign }])?.source).toBe(proof);
  });

  it.for(["....A", "..A..", "A...A"])("not yet, and the denial has not settled, by %s", (sign) => {
    const [denial] = triedPaths(runOf({ paths: [denied, { ...liveSource, samples: sign }] }));
    expect(denial?.settlement?.state).toBe("Unsettled");
  });

  it("by two proofs of the source, one after the other", () => {
    const signs = ["AAA..", "..AAA"].map((samples): PathSketch => ({ ...liveSource, samples }));
    expect(proofIn([{ samples: "....." }, ...signs])?.source).toBe("Observed");
  });

  it("not by what rested on a grant that was taken away", () => {
    const { spec, status } = runOf({ paths: [denied, { ...liveSource, grants: ["b/own"] }] });
    const evidence = runEvidenceOf({ run: { spec, status: { ...status, revoked: ["b/own"] } } });
    const [first] = evidence.run;
    expect(first && proofsOf(proven(first, evidence)).source).toBe("None");
  });
});

describe("the source is proven by its own node", () => {
  const long: PathSketch = { samples: "............" };
  type Case = readonly [why: string, proof: Proof["source"], contact: Partial<PodStatus>, path?: PathSketch];
  const cases: readonly Case[] = [
    ["if it kept reaching the pod through ten rounds", "NodeContact", contacted(-500, 11_500)],
    ["if ten rounds lie between two contacts", "NodeContact", contacted(500, 10_000)],
    ["not if only nine do", "None", contacted(500, 9_999)],
    ["not if it stopped after three seconds", "None", contacted(0, 3_000)],
    ["not if it never came", "None", {}],
    [
      "not by a time that cannot be read",
      "None",
      { contact: { address: "192.0.2.11", first: "", last: "" } },
    ],
    [
      "not while the pod has not told when its rounds began",
      "None",
      { ...contacted(0, 20_000), roundsStartedAt: undefined },
    ],
    [
      "not in the other address family",
      "None",
      contacted(-500, 11_500),
      { ...long, check: { family: "IPv6" } },
    ],
  ];

  it.for(cases)("%s: %s", ([, proof, pod, path = long]) => {
    expect(proofIn([path], { pods: { "probe-orders": pod } })?.source).toBe(proof);
  });

  it("only where no other check shows it better", () => {
    const pods = { ...apart, "probe-orders": contacted(0, 20_000) };
    expect(proofIn([long, { ...liveSource, samples: "AAAAAAAAAAAA" }], { pods })?.source).toBe("Observed");
  });

  it("at the pace that the pod really kept", () => {
    const many = Array.from({ length: 23 }, (): PathSketch => ({ expectation: "others", samples: "" }));
    const slow = { probing: { timeout: "4s" }, pods: { "probe-orders": contacted(0, 20_000) } };
    expect(proofIn([long], slow)?.source).toBe("NodeContact");
    expect(
      proofIn([long, ...many], { ...slow, pods: { "probe-orders": contacted(0, 18_574) } })?.source,
    ).toBe("None");
    expect(
      proofIn([long, ...many], { ...slow, pods: { "probe-orders": contacted(0, 18_575) } })?.source,
    ).toBe("NodeContact");
  });
});
