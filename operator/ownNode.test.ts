import { expect, it } from "vitest";
import { judge } from "./judge.ts";
import { nodeToAvoid } from "./ownNode.ts";
import { runOf } from "./testing/probeRuns.ts";

const host = (node: string) => ({ node, hostNetwork: true });
const pod = (node: string) => ({ node, hostNetwork: false });

it.each([
  ["a pod on the network of its node", [host("a")], "a"],
  ["several on one node", [host("a"), host("a")], "a"],
  ["a pod on the pod network", [pod("a")], undefined],
  ["both on one node", [host("a"), pod("a")], undefined],
  ["several nodes: a cluster address", [host("a"), host("b")], undefined],
  ["an endpoint that names no node", [host("")], undefined],
  ["an address outside", [], undefined],
])("%s", (_, backends, node) => {
  expect(nodeToAvoid(backends)).toBe(node);
});

it("a probe pod that finds no other node is told to need one", () => {
  const backends = [{ name: "agent", uid: "uid-agent", node: "far", hostNetwork: true }];
  const message = "not started within 1m: Unschedulable: 0/1 nodes are available";
  const probe = { phase: "NotRun", node: undefined, message } as const;
  const [judged] = judge(runOf({ paths: [{ kind: "Pod", backends }], pods: { "probe-orders": probe } }));
  expect(judged).toMatchObject({ verdict: "Inconclusive", reason: "ProbeNotRun" });
  expect(judged?.message).toContain(
    "0/1 nodes are available; it is not to run on far, which a pod there may always reach: see that another node takes pods with the source's tolerations",
  );
});
