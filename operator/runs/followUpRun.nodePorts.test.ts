import { expect, it } from "vitest";
import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import { planRun } from "../planning/plan.ts";
import { judgedAgain, lookFrom, witnessContext } from "../testing/followUps.ts";
import { connectivityTest, expectation, pod } from "../testing/objects.ts";

const ADDRESS = "203.0.113.7";
const PORT = 30_080;
const open = pod("open", { labels: { app: "open" }, node: "third", ips: ["10.1.0.3"] });
const reachable = expectation({
  name: "open",
  to: { podSelector: { matchLabels: { app: "open" } } },
  tcp: { port: 80 },
});
const telling = {
  probes: ({ expect: asked }: PlannedPath) => (asked === "Denied" ? "....." : "CCCCC"),
  witnesses: () => "CCCCCCCC",
};

interface Placement {
  readonly to: { readonly node: string } | { readonly ip: string };
  /** Where the source runs, where its probe pod ran, and where the pod behind the node port is. */
  readonly source: string;
  readonly probe: string;
  readonly behind: string;
}

/** The verdict on a denied node port of the node `far`, after a second look if there was one. */
function judged({ to, source, probe, behind }: Placement) {
  const ui = pod("ui", { labels: { app: "ui" }, node: source, ips: ["10.1.0.1"] });
  const { snapshot, ...context } = witnessContext({ pods: [ui, open] });
  const internal = new Map([["IPv4", ADDRESS]] as const);
  const endpoint = {
    address: "10.1.0.2",
    family: "IPv4",
    port: 80,
    node: behind,
    podUid: "",
    podName: "",
  } as const;
  const on = {
    ...context,
    snapshot: {
      ...snapshot,
      nodes: [{ name: "far", addresses: new Set([ADDRESS]), internal }],
      nodePorts: [{ node: "far", port: PORT, by: "NodePort", endpoints: [endpoint] }],
    },
  } as const;
  const asked = expectation({ name: "denied", expect: "Denied", to, tcp: { port: PORT } });
  const plan = planRun({
    test: connectivityTest({ spec: { expectations: [asked, reachable] } }),
    run: { id: "k3f9qbcd", trigger: "Schedule" },
    snapshot: on.snapshot,
    witness: on.settings,
  });
  if ("problem" in plan) throw new Error(plan.problem.message);
  return judgedAgain(lookFrom(probe, plan.spec, telling), { on, telling });
}

const NODES = ["near", "far", "third"] as const;
const placements = [{ node: "far" }, { ip: ADDRESS }].flatMap((to) =>
  NODES.flatMap((source) =>
    NODES.flatMap((probe) => NODES.map((behind): Placement => ({ to, source, probe, behind }))),
  ),
);

it.each(placements)(
  "a node port of far ($to), the source on $source, its probe pod on $probe, and behind it a pod on $behind",
  (placement) => {
    const { verdict, reason, target } = judged(placement);
    const isSameSide = (placement.source === "far") === (placement.probe === "far");
    expect({ verdict, reason }).toEqual(
      isSameSide
        ? { verdict: "Passed", reason: "AsExpected" }
        : { verdict: "Inconclusive", reason: "ProbeNotRun" },
    );
    expect(target).toBe("Witness");
  },
);
