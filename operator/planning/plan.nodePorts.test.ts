import { describe, expect, it } from "vitest";
import type { NodePort } from "../cluster/service.ts";
import { connectivityTest, expectation, pod, snapshot } from "../testing/objects.ts";
import { planRun } from "./plan.ts";

const labels = { app: "ui" };
const ui = (name: string, node: string) => pod(name, { labels, owner: "DaemonSet/ui", node });
const web = pod("web", { labels: { app: "web" }, ips: ["10.1.9.9"], node: "node-3" });
const node = {
  name: "node-1",
  addresses: new Set(["192.168.0.1"]),
  internal: new Map([["IPv4", "192.168.0.1"]] as const),
};
const PORT = 30_080;
const far = {
  address: "10.1.9.9",
  family: "IPv4",
  port: 8080,
  node: "node-3",
  podUid: "x",
  podName: "web",
} as const;
const nodePort: NodePort = { node: "node-1", port: PORT, by: "NodePort", endpoints: [far] };
const hostPort: NodePort = { node: "node-1", port: PORT, by: "HostPort" };

const toNode = { node: "node-1" };
const alive = expectation({
  name: "alive",
  to: { podSelector: { matchLabels: { app: "web" } } },
  tcp: { port: 80 },
});

interface Question {
  readonly to?: { readonly node: string } | { readonly ip: string };
  readonly port?: NodePort;
  readonly from?: Parameters<typeof expectation>[0]["from"];
}

/** A denied port of node-1, beside a sign of life. */
function planned(sources: ReturnType<typeof pod>[], { to = toNode, port = nodePort, from }: Question = {}) {
  const asked = {
    ...expectation({ name: "port", to, tcp: { port: PORT }, expect: "Denied" }),
    ...(from && { from }),
  };
  const plan = planRun({
    test: connectivityTest({ spec: { expectations: [alive, asked] } }),
    run: { id: "aaaaaaaa", trigger: "Schedule" },
    snapshot: { ...snapshot({ pods: [...sources, web] }), nodes: [node], nodePorts: [port] },
    witness: { enabled: true, allow: [] },
  });
  if ("problem" in plan) throw new Error(plan.problem.message);
  return plan.spec;
}

/** The probe pods that try the port, and from which side. */
function sides(...question: Parameters<typeof planned>) {
  const { pods, paths } = planned(...question);
  return pods
    .map(({ name, twin, awayFrom }) => ({
      prefers: twin?.nodeName,
      awayFrom,
      tries: paths
        .filter((path) => path.pod === name)
        .map(({ expectation: tried, translated }) => [tried, translated?.from].filter(Boolean).join(" ")),
    }))
    .filter(({ tries }) => tries.some((one) => one.startsWith("port")));
}

describe.each([
  ["a node port", {}],
  ["a host port", { port: hostPort }],
  ["a node port at an address of the node", { to: { ip: "192.168.0.1" } }],
] as const)("%s", (_, question) => {
  it("is tried on that node if the source runs there alone, by its usual probe pod", () => {
    expect(sides([ui("ui-1", "node-1")], question)).toEqual([
      { prefers: "node-1", tries: ["alive", "port OwnNode"] },
    ]);
  });

  it("is tried from elsewhere if the source does not run there", () => {
    expect(sides([ui("ui-2", "node-2")], question)).toEqual([
      { prefers: "node-2", awayFrom: ["node-1"], tries: ["alive", "port OtherNode"] },
    ]);
  });

  it("is tried from both nodes if the source runs on both, each time with a proof of the source", () => {
    const both = sides([ui("ui-1", "node-1"), ui("ui-2", "node-2")], question);
    expect(both).toHaveLength(2);
    expect(both).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ prefers: "node-1", tries: ["alive", "port OwnNode"] }),
        { prefers: "node-2", awayFrom: ["node-1"], tries: ["alive", "port OtherNode"] },
      ]),
    );
  });
});

describe("the link to a node port", () => {
  const pathOf = (...question: Parameters<typeof planned>) =>
    planned(...question).paths.find(({ expectation: name }) => name === "port");

  it("leads to what is behind it from the node itself, and to the node from elsewhere", () => {
    expect(pathOf([ui("ui-1", "node-1")])?.backends).toMatchObject([{ node: "node-3", hostNetwork: false }]);
    expect(pathOf([ui("ui-2", "node-2")])?.backends).toMatchObject([{ node: "node-1", hostNetwork: true }]);
  });

  it("stays on the node for a host port", () => {
    expect(pathOf([ui("ui-1", "node-1")], { port: hostPort })?.backends).toMatchObject([{ node: "node-1" }]);
  });

  it("leads to endpoints of the path's own family", () => {
    const six: NodePort = { ...nodePort, endpoints: [{ ...far, family: "IPv6", address: "fd00::9" }] };
    expect(pathOf([ui("ui-1", "node-1")], { port: six })?.backends).toEqual([]);
  });
});

it("another port of the node is tried from elsewhere alone, as before", () => {
  expect(sides([ui("ui-1", "node-1")], { port: { ...nodePort, port: 22 } })).toEqual([
    { prefers: undefined, awayFrom: ["node-1"], tries: ["alive", "port"] },
  ]);
});
