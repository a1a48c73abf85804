import { expect, it } from "vitest";
import { probePod, probeRun } from "../testing/objects.ts";
import { isRejectedForOtherPods } from "./probePodState.ts";

function isRejected(message: string, { reason = "Unschedulable", status = "False", nodeName = "" } = {}) {
  const conditions = [{ type: "PodScheduled", status, reason, message }];
  return isRejectedForOtherPods(probePod("a", probeRun(), { status: { conditions }, spec: { nodeName } }));
}

const EXISTING = "1 node(s) didn't satisfy existing pods anti-affinity rules";
const NO_VICTIMS = "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";

it.each([
  ["1.34", `0/1 nodes are available: ${EXISTING}. no new claims to deallocate, ${NO_VICTIMS}`],
  ["1.24", `0/1 nodes are available: ${EXISTING}. ${NO_VICTIMS}`],
  [
    "1.18",
    "0/2 nodes are available: 2 node(s) didn't match pod affinity/anti-affinity, 2 node(s) didn't satisfy existing pods anti-affinity rules.",
  ],
  ["without a full stop", `0/1 nodes are available: ${EXISTING}`],
  ["own rules", "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules."],
  ["a spread", "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints."],
  ["a taint on another node", `0/2 nodes are available: ${EXISTING}, 1 node(s) had untolerated taint(s).`],
  [
    "a taint with its name",
    `0/2 nodes are available: ${EXISTING}, 1 node(s) had untolerated taint {netverdict.dev/e2e: second}. ${NO_VICTIMS}`,
  ],
  [
    "an old taint",
    `0/2 nodes are available: ${EXISTING}, 1 node(s) had taint {edge: }, that the pod didn't tolerate.`,
  ],
  [
    "everything that is checked for the node itself",
    `0/9 nodes are available: 1 Insufficient cpu, 1 Insufficient ephemeral-storage, 1 Insufficient memory, 1 Too many pods, ${EXISTING}, 3 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable.`,
  ],
])("the scheduler rejected the pod because of other pods: %s", (_, message) => {
  expect(isRejected(message)).toBe(true);
});

it.each([
  ["a full node", `0/1 nodes are available: 1 Insufficient cpu. ${NO_VICTIMS}`],
  [
    "affinity named in the preemption alone",
    `0/1 nodes are available: 1 Insufficient cpu. preemption: ${EXISTING}`,
  ],
  ["a volume besides", `0/2 nodes are available: ${EXISTING}, 1 node(s) had volume node affinity conflict.`],
  [
    "a port besides",
    `0/2 nodes are available: ${EXISTING}, 1 node(s) didn't have free ports for the requested pod ports.`,
  ],
  ["a device besides", `0/2 nodes are available: ${EXISTING}, 1 Insufficient example.com/gpu.`],
  ["an unknown plugin", `0/2 nodes are available: ${EXISTING}, 1 node(s) rejected by example.com.`],
  ["affinity in words of its own", "0/1 nodes are available: 1 node(s) violate the pod anti-affinity rules."],
  ["a sentence", "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."],
  ["no nodes", "no nodes available to schedule pods"],
  ["another scheduler's words", `all nodes are busy: ${EXISTING}`],
  ["nothing", ""],
])("has another reason, or none that can be read: %s", (_, message) => {
  expect(isRejected(message)).toBe(false);
});

it.each([
  ["a gate", { reason: "SchedulingGated" }],
  ["an error of the scheduler", { reason: "SchedulerError" }],
  ["a pod that was scheduled", { status: "True", nodeName: "node-1" }],
  ["a pod that has a node by now", { nodeName: "node-1" }],
])("does not count: %s", (_, pod) => {
  expect(isRejected(`0/1 nodes are available: ${EXISTING}.`, pod)).toBe(false);
});
