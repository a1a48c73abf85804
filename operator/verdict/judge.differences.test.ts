import { assert, constantFrom, pre, property, record, string, subarray } from "fast-check";
import { describe, expect, it } from "vitest";
import type { PodDifference } from "../../crds/proberun/proberun.ts";
import {
  apart,
  liveSource,
  runOf,
  targetAlive,
  witnessesOf,
  type PathSketch,
  type RunSketch,
} from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

/** What a policy, a Service or a network plugin can see of a probe pod, independent of the target. */
const VISIBLE = [
  { field: "label", key: "zone", actual: "sandbox" },
  { field: "label", key: "team", planned: "shop" },
  { field: "label", key: "zone", planned: "prod", actual: "sandbox" },
  { field: "annotation", key: "k8s.v1.cni.cncf.io/networks", actual: "plant" },
  { field: "serviceAccountName", planned: "orders", actual: "default" },
  { field: "runtimeClassName", planned: "", actual: "gvisor" },
  { field: "hostNetwork", planned: "false", actual: "true" },
  { field: "nodeName", actual: "far" },
] as const satisfies readonly PodDifference[];
/** What only a path that resolves a name depends on. */
const RESOLVER = [
  { field: "dnsPolicy", planned: "ClusterFirst", actual: "Default" },
  { field: "dnsConfig" },
  { field: "hostAliases" },
] as const satisfies readonly PodDifference[];

const podsWith = (...differences: PodDifference[]): NonNullable<RunSketch["pods"]> => ({
  ...apart,
  "probe-orders": { differences },
});

function first(sketch: RunSketch, witness?: ReturnType<typeof witnessesOf>) {
  const [verdict] = judge(runOf({ pods: apart, ...sketch }), witness);
  return { result: `${verdict?.actual} ${verdict?.verdict} ${verdict?.reason}`, message: verdict?.message };
}

const denied: PathSketch = { samples: "....." };
const lookup: PathSketch = {
  kind: "Resolver",
  to: "the pod's resolver",
  expect: "Allowed",
  check: { tool: "dns", address: undefined, port: undefined, host: "kubernetes.default" },
  backends: [],
  samples: "NNN",
};
const host: PathSketch = {
  kind: "Host",
  to: "db.example.com",
  expect: "Allowed",
  check: { address: undefined, host: "db.example.com" },
  backends: [],
  samples: "CCC",
};
const notReproducible = "Unknown Inconclusive SourceNotReproducible";

describe("a probe pod that admission has changed", () => {
  it.each(VISIBLE)("is not equivalent to its source: $field $planned → $actual", (difference) => {
    const paths = [denied, liveSource, targetAlive];
    expect(first({ paths, pods: apart }).result).toBe("Denied Passed AsExpected");
    expect(first({ paths, pods: podsWith(difference) }).result).toBe(notReproducible);
  });

  it.each(RESOLVER)(
    "is not equivalent to its source for a path that resolves a name: $field",
    (difference) => {
      const pods = podsWith(difference);
      expect(first({ paths: [lookup], pods }).result).toBe(notReproducible);
      expect(first({ paths: [host], pods }).result).toBe(notReproducible);
      expect(first({ paths: [denied, liveSource, targetAlive], pods }).result).toBe(
        "Denied Passed AsExpected",
      );
    },
  );

  it("proves nothing for the path of another source", () => {
    const pods = { "probe-catalog": { node: "third", differences: [VISIBLE[6]] } };
    expect(first({ paths: [denied, liveSource, targetAlive], pods }).result).toBe(
      "Denied Inconclusive TargetNotProven",
    );
  });

  it("never passes, independent of its rounds and of the results of all other pods", () => {
    const samples = string({
      unit: constantFrom("A", "a", "C", "c", ".", "R", "U", "E"),
      maxLength: 15,
    });
    const runs = record({
      seen: samples,
      expect: constantFrom("Allowed", "Denied"),
      differences: subarray([...VISIBLE, ...RESOLVER], { minLength: 1 }),
      path: constantFrom<PathSketch>({}, host, lookup),
    });
    assert(
      property(runs, ({ seen, expect: expected, differences, path }) => {
        const isVisible = differences.some((one) => VISIBLE.some((visible) => visible === one));
        pre(path.kind !== undefined || isVisible);
        const paths = [{ ...path, samples: seen, expect: expected }, liveSource, targetAlive];
        const { result } = first({ paths, pods: podsWith(...differences) });
        expect(result).toMatch(/^Unknown Inconclusive (SourceNotReproducible|ProbeNotRun)$/);
      }),
    );
  });
});

describe("the message", () => {
  const messageOf = (...differences: PodDifference[]) =>
    first({ paths: [denied], pods: podsWith(...differences) }).message;

  it.each([
    [VISIBLE[0], "admission gave the probe pod zone=sandbox, which its source lacks"],
    [VISIBLE[1], "admission took team=shop from the probe pod, which its source has"],
    [VISIBLE[2], "admission gave the probe pod zone=sandbox, where its source has prod"],
    [
      VISIBLE[3],
      "admission gave the probe pod the annotation k8s.v1.cni.cncf.io/networks, which its source lacks",
    ],
    [VISIBLE[4], "admission changed serviceAccountName of the probe pod from orders to default"],
    [VISIBLE[5], "admission changed runtimeClassName of the probe pod from none to gvisor"],
    [VISIBLE[7], "the probe pod ran on far, which it must avoid"],
    [{ field: "label" } as const, "admission changed the labels of the probe pod"],
  ] as const)("names the difference: %o", (difference, words) => {
    expect(messageOf(difference)).toContain(words);
  });

  it("counts the others, and says what to do", () => {
    const message = messageOf(VISIBLE[0], VISIBLE[4]);
    expect(message).toContain("which its source lacks (1 more); exempt pods that a ProbeRun controls");
  });
});

describe("a witness that admission has changed", () => {
  const message = (differences: PodDifference[]) =>
    first(
      { paths: [denied, liveSource] },
      witnessesOf({ paths: [{}], pods: { "witness-far": { node: "far", differences } } }),
    );

  it("proves no target", () => {
    expect(message([]).result).toBe("Denied Passed AsExpected");
    const { result, message: words } = message([VISIBLE[6]]);
    expect(result).toBe("Denied Inconclusive TargetNotProven");
    expect(words).toContain("the witness on far did not run: admission changed its hostNetwork");
  });
});
