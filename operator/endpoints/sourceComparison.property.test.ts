import { assert, property, sample } from "fast-check";
import { describe, expect, it } from "vitest";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { calico, calicoByLabel, INHERITED_KEYS } from "../testing/oracles/calico.ts";
import { cilium } from "../testing/oracles/cilium.ts";
import { clusterNetworkPolicies } from "../testing/oracles/clusterPolicies.ts";
import { networkPolicies, networkPoliciesByLabel } from "../testing/oracles/networkPolicies.ts";
import { KEYS, labelsOf, type Oracle } from "../testing/oracles/oracle.ts";
import { clustersWith, endOf, planned, problemOf, verdictOn } from "../testing/reproducedSources.ts";

const podNames = (pods: readonly WorkloadPod[]) => pods.map(({ metadata }) => metadata.name);

function aSourceIsNeverMistaken<Policies>(oracle: Oracle<Policies>, keys: readonly string[]) {
  const clusters = clustersWith(oracle.policies, labelsOf(keys));

  /** The paths of all sources, and of those that a policy treats differently from their twin. */
  const pathsIn = (drawn: Parameters<typeof planned<Policies>>[0]) => {
    const { guarded, reproduced } = planned(drawn, oracle);
    const passes = (from: ReturnType<typeof endOf>) => oracle.passes(drawn.policies, from, endOf(guarded));
    const distinguished = reproduced.filter(
      (path) => !path.source.pods.every((one) => passes(endOf(one)) === passes(path.twin)),
    );
    return { reproduced, distinguished };
  };

  it("a source that any policy treats differently from its twin never passes", () => {
    assert(
      property(clusters, (drawn) => {
        for (const path of pathsIn(drawn).distinguished) expect(verdictOn(path)).toBe("Inconclusive");
      }),
      { numRuns: 1_500 },
    );
  });

  it("policies treat sources differently in some clusters, and divide them in many", () => {
    const drawn = sample(clusters, { numRuns: 1_500, seed: 1 }).map(pathsIn);
    expect(drawn.flatMap(({ distinguished }) => distinguished).length).toBeGreaterThan(10);
    expect(drawn.filter(({ reproduced }) => reproduced.length > 1).length).toBeGreaterThan(50);
  });

  it("the others pass if their twins get what is expected", () => {
    let passed = 0;
    assert(
      property(clusters, (drawn) => {
        const verdicts = planned(drawn, oracle).reproduced.map(verdictOn);
        passed += verdicts.every((verdict) => verdict === "Passed") ? 1 : 0;
      }),
      { seed: 1 },
    );
    expect(passed).toBeGreaterThan(25);
  });

  it("every pod of a workload belongs to exactly one of its sources, whose names differ", () => {
    assert(
      property(clusters, (drawn) => {
        const sources = planned(drawn, oracle).reproduced.map(({ source }) => source);
        const all = ["ui-0", ...drawn.others.map((_, index) => `ui-${index + 1}`)];
        expect(sources.flatMap(({ pods }) => podNames(pods)).toSorted()).toEqual(all);
        expect(new Set(sources.map(({ name }) => name)).size).toBe(sources.length);
      }),
    );
  });
}

describe("under NetworkPolicies", () => {
  aSourceIsNeverMistaken(networkPolicies, KEYS);
});
describe("under policies of policy.networking.k8s.io, and NetworkPolicies", () => {
  aSourceIsNeverMistaken(clusterNetworkPolicies, KEYS);
});
describe("under policies of Calico", () => {
  aSourceIsNeverMistaken(calico, [...KEYS, ...INHERITED_KEYS]);
});
describe("under policies of Cilium", () => {
  aSourceIsNeverMistaken(cilium, KEYS);
});

/** Only with labels that twins take over, and without addresses: then each twin is equivalent to the pods of its source. */
function eachIdentityHasATwin<Policies>(oracle: Oracle<Policies>) {
  it("pods that differ only in labels that twins take over have a twin for each identity", () => {
    let split = 0;
    assert(
      property(clustersWith(oracle.policies, labelsOf(["app", "k8s.example.com/role"])), (drawn) => {
        const { guarded, reproduced } = planned(drawn, oracle);
        const to = endOf(guarded);
        split += reproduced.length > 1 ? 1 : 0;
        for (const path of reproduced) {
          expect(problemOf(path)).toBeUndefined();
          for (const one of path.source.pods)
            expect(oracle.passes(drawn.policies, endOf(one), to)).toBe(
              oracle.passes(drawn.policies, path.twin, to),
            );
        }
      }),
      { numRuns: 1_000 },
    );
    expect(split).toBeGreaterThan(15);
  });
}

describe("under NetworkPolicies by labels", () => {
  eachIdentityHasATwin(networkPoliciesByLabel);
});
describe("under policies of Calico by labels", () => {
  eachIdentityHasATwin(calicoByLabel);
});
