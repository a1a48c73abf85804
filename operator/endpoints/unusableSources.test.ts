import { expect, it } from "vitest";
import { pod, type PodOptions } from "../testing/objects.ts";
import { describeUnusablePods } from "./unusableSources.ts";

const created = (second: number, name: string) => ({
  name,
  namespace: "shop",
  creationTimestamp: `2026-11-21T12:00:0${second}Z`,
});
/** Without an address, unless it has one. */
const one = (name: string, second: number, status: NonNullable<PodOptions["status"]>) =>
  pod(name, { ips: [], metadata: created(second, name), status });
const ended = { phase: "Succeeded", podIPs: [{ ip: "10.1.0.1" }] };
const waiting = (reason: string) => ({
  phase: "Pending",
  containerStatuses: [{ name: "c", state: { waiting: { reason } } }],
});

it("has a sentence for each STATUS, the newest pod first, and at most three", () => {
  const pods = [
    one("report-1", 1, ended),
    one("report-2", 2, ended),
    one("ui-1", 4, waiting("ContainerCreating")),
    one("ui-2", 3, { phase: "Failed", reason: "Evicted" }),
    one("ui-0", 0, { phase: "Failed", reason: "NodeAffinity" }),
  ];
  expect(describeUnusablePods(pods, "shop")).toBe(
    "Pod/ui-1 is ContainerCreating, without an address; Pod/ui-2 is Evicted, without an address; Pod/report-2 and 1 more are Succeeded",
  );
});

it("has the reason of the scheduler, in one line", () => {
  const conditions = [
    { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/2 nodes are\navailable" },
  ];
  expect(describeUnusablePods([one("ui-1", 1, { phase: "Pending", conditions })], "shop")).toBe(
    "Pod/ui-1 is Pending, without an address (Unschedulable: 0/2 nodes are available)",
  );
});

it("names the namespace if that is not the test's own", () => {
  expect(describeUnusablePods([one("ui-1", 1, ended)], "other")).toBe("Pod/ui-1.shop is Succeeded");
});

it("is empty for no pod", () => {
  expect(describeUnusablePods([], "shop")).toBe("");
});
