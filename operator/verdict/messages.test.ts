import { expect, it } from "vitest";
import { runOf, type RunSketch } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

const homeless = {
  phase: "NotRun",
  node: undefined,
  message: "not started within 1m: Unschedulable: 0/1 nodes are available",
} as const;
const messageOf = (sketch: RunSketch) =>
  judge(runOf({ ...sketch, pods: { "probe-orders": homeless } }))[0]?.message;

it("a probe pod that finds no other node gets a message that it needs one", () => {
  const backends = [{ name: "agent", uid: "uid-agent", node: "far", hostNetwork: true }];
  const planned = { "probe-orders": { awayFrom: ["far"] } };
  const [judged] = judge(
    runOf({ paths: [{ kind: "Pod", backends }], planned, pods: { "probe-orders": homeless } }),
  );
  expect(judged).toMatchObject({ verdict: "Inconclusive", reason: "ProbeNotRun" });
  expect(judged?.message).toContain(
    "0/1 nodes are available. The probe pod must not run on far, because no policy blocks a pod's own node. Check that another node accepts pods with the source's tolerations",
  );
});

it("a probe pod is said to keep away from a node only where the plan says so", () => {
  const backends = [{ name: "agent", uid: "uid-agent", node: "far", hostNetwork: true }];
  const words = "The probe pod must not run on";
  expect(messageOf({ paths: [{ kind: "Endpoint", local: true, backends }] })).not.toContain(words);
  const beside = { paths: [{}], planned: { "probe-orders": { awayFrom: ["far", "third"] } } };
  expect(messageOf(beside)).toContain(`${words} far or third, because no policy blocks a pod's own node`);
});
