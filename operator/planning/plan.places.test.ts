import { describe, expect, it } from "vitest";
import { connectivityTest, expectation, pod, snapshot, type PodOptions } from "../testing/objects.ts";
import { planRun } from "./plan.ts";

const labels = { app: "ui" };
const ui = (name: string, node: string) => pod(name, { labels, owner: "DaemonSet/ui", node });
const web = pod("web", { labels: { app: "web" }, ips: ["10.1.9.9"], node: "node-1" });
const onHost = (name: string, options: PodOptions) =>
  pod(name, { labels: { app: name }, spec: { hostNetwork: true }, ...options });
const agent1 = onHost("agent-1", { node: "node-1", ips: ["192.168.0.1"] });
const agent2 = onHost("agent-2", { node: "node-2", ips: ["192.168.0.2"] });

const to = (app: string) => ({ to: { podSelector: { matchLabels: { app } } }, tcp: { port: 80 } });

/** Where the probe pods of the plan are to run, each with the targets that it tries. */
function places(sources: ReturnType<typeof pod>[], targets: readonly string[]) {
  const expectations = targets.map((app) => expectation({ name: app, ...to(app) }));
  const planned = planRun({
    test: connectivityTest({ spec: { expectations } }),
    run: { id: "k3f9qbcd", trigger: "Schedule" },
    snapshot: snapshot({ pods: [...sources, web, agent1, agent2] }),
    witness: { enabled: true, allow: [] },
  });
  if ("problem" in planned) throw new Error(planned.problem.message);
  const { pods, paths } = planned.spec;
  return pods.map(({ name, twin, awayFrom }) => ({
    tries: paths.filter((path) => path.pod === name).map(({ expectation: tried }) => tried),
    prefers: twin?.nodeName,
    awayFrom,
  }));
}

describe("a target on the network of a node", () => {
  it("is tried from elsewhere if that is the source's own node, by a probe pod beside the usual one, with its own proof of the source", () => {
    expect(places([ui("ui-1", "node-1")], ["web", "agent-1"])).toEqual([
      { tries: ["web"], prefers: "node-1" },
      { tries: ["web", "agent-1"], prefers: undefined, awayFrom: ["node-1"] },
    ]);
  });

  it("is tried by the usual probe pod from any other node, which must then keep away from it", () => {
    expect(places([ui("ui-1", "node-1")], ["web", "agent-2"])).toEqual([
      { tries: ["web", "agent-2"], prefers: "node-1", awayFrom: ["node-2"] },
    ]);
  });

  it("on each of two nodes takes two probe pods, and no more", () => {
    expect(places([ui("ui-1", "node-1")], ["agent-2", "web", "agent-1"])).toEqual([
      { tries: ["agent-2", "web"], prefers: "node-1", awayFrom: ["node-2"] },
      { tries: ["web", "agent-1"], prefers: undefined, awayFrom: ["node-1"] },
    ]);
  });

  it("is rather tried from another of the source's own nodes", () => {
    const everywhere = [ui("ui-1", "node-1"), ui("ui-2", "node-2")];
    const [probe] = places(everywhere, ["agent-1"]);
    expect(probe).toEqual({ tries: ["agent-1"], prefers: "node-2", awayFrom: ["node-1"] });
  });
});

describe("a node that is itself the source", () => {
  const node = {
    name: "node-1",
    addresses: new Set(["192.168.0.1"]),
    internal: new Map([["IPv4", "192.168.0.1"]] as const),
  };

  function planned(app: string, expected: "Allowed" | "Denied" = "Allowed") {
    const selected = { podSelector: { matchLabels: { app } }, namespaceSelector: {} };
    const plan = planRun({
      test: connectivityTest({
        metadata: { namespace: "" },
        spec: {
          expectations: [
            {
              ...expectation({ name: app, ...to(app), expect: expected }),
              from: { node: "node-1" },
              to: selected,
            },
          ],
        },
      }),
      runNamespace: "netverdict-system",
      run: { id: "k3f9qbcd", trigger: "Schedule" },
      snapshot: {
        ...snapshot({ pods: [web, agent1, agent2] }),
        namespaces: new Map([["shop", {}]]),
        nodes: [node],
      },
      witness: { enabled: true, allow: [] },
    });
    if ("problem" in plan) throw new Error(plan.problem.message);
    return plan.spec;
  }

  it("has its probe pod on its own network, where witnesses are, and is no pod's twin", () => {
    expect(planned("web").pods).toEqual([
      {
        name: "probe-node-1-k3f9qbcd-0",
        namespace: "netverdict-witness",
        source: "Node/node-1",
        sourceNodes: 1,
        node: "node-1",
      },
    ]);
    expect(planned("web").paths).toMatchObject([{ from: "Node/node-1", check: { address: "10.1.9.9" } }]);
  });

  it("stays there also for what is on its own network, and has no other place to try it from", () => {
    expect(planned("agent-1").pods).toMatchObject([{ node: "node-1" }]);
    expect(planned("agent-1").pods[0]?.awayFrom).toBeUndefined();
  });

  it("has the link to another node proven where a denial leads there", () => {
    const there = planned("agent-2", "Denied").paths;
    expect(there).toMatchObject([{ linkWitness: "node-1" }]);
    expect(planned("web", "Denied").paths[0]?.linkWitness).toBeUndefined();
  });
});
