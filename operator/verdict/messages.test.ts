import { expect, it } from "vitest";
import { runOf } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

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
