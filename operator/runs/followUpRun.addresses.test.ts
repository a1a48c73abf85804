import { describe, expect, it } from "vitest";
import type { Expectation } from "../../crds/expectation.ts";
import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import { planRun } from "../planning/plan.ts";
import { judgedAgain, lookFrom, OUTSIDE, witnessContext } from "../testing/followUps.ts";
import { connectivityTest, expectation, pod } from "../testing/objects.ts";

type Pod = ReturnType<typeof pod>;

const ui = pod("ui", { labels: { app: "ui" }, node: "near", ips: ["10.1.0.1"] });
const web = (node: string) => pod("web", { node, ips: ["10.1.0.2"] });
/** What shows that the probe's network is up. */
const open = (node: string) => pod("open", { labels: { app: "open" }, node, ips: ["10.1.0.3"] });
const agent = pod("agent", { node: "far", ips: ["203.0.113.7"], spec: { hostNetwork: true } });
const reachable = expectation({
  name: "open",
  to: { podSelector: { matchLabels: { app: "open" } } },
  tcp: { port: 80 },
});

const denied = (fields: Parameters<typeof expectation>[0]) =>
  expectation({ name: "denied", expect: "Denied", ...fields });
const server = denied({ dns: { name: "a.example.", server: "10.1.0.2", protocol: "UDP" } });
const ip = (address: string) => denied({ to: { ip: address }, tcp: { port: 80 } });

function planned(asked: readonly Expectation[], pods: readonly Pod[]) {
  const on = witnessContext({ pods });
  const plan = planRun({
    test: connectivityTest({ spec: { expectations: [...asked] } }),
    run: { id: "k3f9qbcd", trigger: "Schedule" },
    snapshot: on.snapshot,
    witness: on.settings,
  });
  if ("problem" in plan) throw new Error(plan.problem.message);
  return { spec: plan.spec, on };
}

describe("a denied address is planned", () => {
  const pathTo = (asked: Expectation) => planned([asked], [ui, web("far"), agent]).spec.paths[0];

  it.each([
    ["a name server's", server],
    ["one to connect to", ip("10.1.0.2")],
  ])("as the pod that has it, with the link to its node: %s", (_, asked) => {
    expect(pathTo(asked)).toMatchObject({
      kind: "Address",
      backends: [{ uid: "uid-web", node: "far", hostNetwork: false, readinessOnPort: false }],
      backendCount: 1,
      witness: "far",
      linkWitness: "near",
    });
  });

  it("without the name of that pod", () => {
    expect(pathTo(server)?.backends).toMatchObject([{ name: "10.1.0.2" }]);
  });

  it.each([
    ["outside", OUTSIDE],
    ["of a pod that the plan has not looked at", "10.1.0.4"],
    ["of a node, which its pods have as well", "203.0.113.7"],
  ])("as that of no known pod where it is one %s", (_, address) => {
    expect(pathTo(ip(address))).toMatchObject({ backends: [], backendCount: 0 });
  });

  it("as that of no known pod where it is expected to be open: only a denial needs to know", () => {
    expect(pathTo({ ...server, expect: "Allowed" })).toMatchObject({ backends: [] });
  });
});

describe("a denied address passes wherever the scheduler puts the probe, with", () => {
  const telling = {
    probes: ({ expect: asked }: PlannedPath) => (asked === "Denied" ? "....." : "CCCCC"),
    witnesses: ({ check }: PlannedPath) => (check.tool === "dns" ? "NNNNNNNN" : "CCCCCCCC"),
  };
  const NODES = ["near", "far", "third"] as const;

  function judgedFrom(node: string, asked: Expectation, [target, sign]: readonly [string, string]) {
    const { spec, on } = planned([asked, reachable], [ui, web(target), open(sign), agent]);
    return judgedAgain(lookFrom(node, spec, telling), { on, telling });
  }

  const placements = NODES.flatMap((probe) =>
    NODES.flatMap((target) => NODES.map((sign) => ({ probe, target, sign }))),
  );

  it.each(placements)("the probe on $probe, its server on $target, another on $sign", (placement) => {
    const { probe, target, sign } = placement;
    expect(judgedFrom(probe, server, [target, sign])).toMatchObject({ verdict: "Passed", target: "Witness" });
  });

  it.each([
    ["near", 1],
    ["far", 2],
    ["third", 2],
  ] as const)("the probe on %s, in %i looks, where it lies outside", (probe, looks) => {
    const seen = judgedFrom(probe, ip(OUTSIDE), ["near", "near"]);
    expect(seen).toMatchObject({ looks, verdict: "Passed", target: "Witness", link: "Observed" });
  });

  it("but not where nothing shows that the two nodes reach each other", () => {
    const { spec, on } = planned([server, reachable], [ui, web("near"), open("third"), agent]);
    const cut = {
      ...telling,
      witnesses: (path: PlannedPath) => (path.kind === "Pod" ? "........" : telling.witnesses(path)),
    };
    expect(judgedAgain(lookFrom("third", spec, cut), { on, telling: cut })).toMatchObject({
      looks: 2,
      verdict: "Inconclusive",
      reason: "LinkNotProven",
    });
  });

  it("but not where another pod has the address by now", () => {
    const { spec } = planned([server, reachable], [ui, web("near"), open("third"), agent]);
    const replaced = witnessContext({ pods: [pod("new", { node: "near", ips: ["10.1.0.2"] })] });
    const untold = { ...telling, witnesses: () => undefined };
    expect(judgedAgain(lookFrom("third", spec, untold), { on: replaced, telling })).toMatchObject({
      looks: 1,
      reason: "TargetNotProven",
    });
  });

  it.each(NODES)("the probe on %s, where it is that of a node", (probe) => {
    const seen = judgedFrom(probe, ip("203.0.113.7"), ["near", "near"]);
    expect(seen).toMatchObject({ verdict: "Passed", target: "Witness" });
  });
});
