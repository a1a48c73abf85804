import { describe, expect, it } from "vitest";
import { probeRunSpecSchema } from "../../crds/proberun/proberun.ts";
import { runOf, type PathSketch } from "../testing/probeRuns.ts";
import { withLinkWitnesses } from "./nodeLinks.ts";
import { planWitnesses } from "./witnessPlan.ts";

const on = (node: string, more: object = {}) => ({ name: `pod-${node}`, uid: `uid-${node}`, node, ...more });
const denied = (...nodes: string[]): PathSketch => ({ backends: nodes.map((node) => on(node)) });
const allowed = (more: PathSketch): PathSketch => ({ expect: "Allowed", expectation: "open", ...more });

/** The run with its probe pods preferring the node `near`. */
function specOf(paths: readonly PathSketch[]) {
  const { spec } = runOf({ paths });
  const { pods } = probeRunSpecSchema.parse({
    ...spec,
    pods: spec.pods.map((pod) => ({ ...pod, twin: { ...pod.twin, nodeName: "near" } })),
  });
  return { ...spec, pods, paths: withLinkWitnesses({ pods, paths: spec.paths }) };
}

const asked = (paths: readonly PathSketch[]) => specOf(paths).paths.map(({ linkWitness }) => linkWitness);

describe("witnesses of a link are asked for", () => {
  it.each<[string, PathSketch[], (string | undefined)[]]>([
    ["where a denial leads to another node", [denied("far")], ["near"]],
    ["not on one node", [denied("near")], [undefined]],
    ["where one of several backends is on another node", [denied("near", "far")], ["near"]],
    ["not for an address outside", [denied()], [undefined]],
    ["not for an endpoint whose node nobody knows", [denied("")], [undefined]],
    ["not for a path that ought to be open", [allowed(denied("far"))], [undefined]],
    [
      "not where a path there ought to be open",
      [denied("far"), allowed(denied("far"))],
      [undefined, undefined],
    ],
    [
      "for a denial beside a path that ought to be open to the network of the node",
      [denied("far"), allowed({ backends: [on("far", { hostNetwork: true })] })],
      ["near", undefined],
    ],
    [
      "for a denial beside a path of another family that ought to be open",
      [denied("far"), allowed({ ...denied("far"), check: { family: "IPv6" } })],
      ["near", undefined],
    ],
    [
      "for a denial beside a path that ought to be open and may meet another node by chance",
      [denied("far"), allowed({ ...denied("far", "third"), kind: "ClusterAddress" })],
      ["near", undefined],
    ],
  ])("%s", (_, paths, linkWitness) => {
    expect(asked(paths)).toEqual(linkWitness);
  });
});

describe("the witnesses of links", () => {
  const witnesses = (paths: readonly PathSketch[]) =>
    planWitnesses({ metadata: { namespace: "shop" }, spec: specOf(paths) });

  it("are a listener on each far node, and one on the near one that connects to them by name", () => {
    const plan = witnesses([denied("far", "third"), denied("far")]);
    expect(plan?.pods.map(({ name, witness }) => [name, witness])).toEqual([
      ["witness-far-k3f9q-0", { node: "far", podNetwork: true }],
      ["witness-third-k3f9q-1", { node: "third", podNetwork: true }],
      ["witness-near-k3f9q-2", { node: "near", podNetwork: true }],
    ]);
    expect(
      plan?.paths.map(({ pod, check, backends }) => [pod, check.address, check.port, backends[0]]),
    ).toEqual(
      ["far", "third"].map((node, place) => [
        "witness-near-k3f9q-2",
        undefined,
        9_797,
        { name: `witness-${node}-k3f9q-${place}`, uid: "", node, hostNetwork: false, readinessOnPort: false },
      ]),
    );
    expect(probeRunSpecSchema.parse(plan)).toEqual(plan);
  });

  it("are planned beside those of the targets, with names and numbers of their own", () => {
    const plan = witnesses([{ ...denied("far"), witness: "far" }]);
    const names = plan?.pods.map(({ name }) => name) ?? [];
    expect(new Set(names).size).toBe(3);
    expect(plan?.paths.map(({ id, check }) => [id, check.path])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it("are as many for each family as there are links, in one pod", () => {
    const plan = witnesses([
      denied("far"),
      { ...denied("far"), check: { family: "IPv6", address: "fd00::2" } },
    ]);
    expect(plan?.paths.map(({ check }) => check.family)).toEqual(["IPv4", "IPv6"]);
    expect(plan?.pods).toHaveLength(2);
  });
});
