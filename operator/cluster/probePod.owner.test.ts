import { describe, expect, it } from "vitest";
import { API_VERSION } from "../../crds/group.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { PodStatus } from "../../crds/proberun/proberun.ts";
import { controlledBy, pod, PROBE_POD_FIELDS, probeRun } from "../testing/objects.ts";
import { isNamedAsProbePod, isProbePod } from "./probePod.ts";

const twin = { labels: {}, serviceAccountName: "default" };
const runWith = (pods: PodStatus[] = []) =>
  probeRun({
    spec: { pods: [{ name: "probe-ui", source: "Deployment/ui", twin }] },
    status: { phase: "Running", pods, results: [] },
  });
const run = runWith();
const byRun = {
  ...controlledBy(`ProbeRun/${run.metadata.name}`, API_VERSION),
  uid: run.metadata.uid,
};

const ownedPod = (name: string, owner: typeof byRun, spec: object = {}) =>
  pod(name, {
    metadata: { name, namespace: run.metadata.namespace, uid: `uid-${name}`, ownerReferences: [owner] },
    spec: { ...PROBE_POD_FIELDS, ...spec },
  });
const isOurs = (one: ReturnType<typeof pod>, of = run) =>
  isProbePod(one, new Map([[keyOf(of.metadata), of]]));

describe("netverdict created a pod", () => {
  it("if its ProbeRun plans a pod of that name", () => {
    expect(isOurs(ownedPod("probe-ui", byRun))).toBe(true);
  });

  it("if admission has added containers to it, and replaced its image", () => {
    const containers = [{ name: "probe", image: "mirror.example/netverdict:1" }, { name: "mesh-proxy" }];
    expect(isOurs(ownedPod("probe-ui", byRun, { containers }))).toBe(true);
  });

  it.each([
    ["its ProbeRun does not exist", { ...byRun, name: "gone" }],
    ["the ProbeRun of that name is another one", { ...byRun, uid: "of-the-run-before" }],
  ])("if %s, because the garbage collector deletes it", (_, owner) => {
    expect(isOurs(ownedPod("probe-1", owner))).toBe(true);
    expect(isOurs(ownedPod("probe-1", owner, { containers: [{ name: "server" }] }))).toBe(false);
  });

  it.each([
    ["its ProbeRun plans no pod of that name", byRun],
    ["a ProbeRun of another group controls it", { ...byRun, apiVersion: "example.com/v1" }],
    ["a ReplicaSet controls it", controlledBy("ReplicaSet/ui-77")],
    ["a ProbeRun owns it and does not control it", { ...byRun, controller: false }],
  ])("but not if %s", (_, owner) => {
    expect(isOurs(ownedPod("hidden", owner))).toBe(false);
  });

  it.each([
    ["lacks the container of the probe", { containers: [{ name: "server" }] }],
    ["can become Ready", { readinessGates: [] }],
    ["is restarted", { restartPolicy: "Always" }],
  ])("but not if it has a planned name and %s", (_, spec) => {
    expect(isOurs(ownedPod("probe-ui", byRun, spec))).toBe(false);
  });

  it.each([
    ["uid-probe-ui", true],
    ["uid-of-the-probe", false],
  ])("if its run has recorded that the pod %s has ended: %s", (uid, expected) => {
    const ended = runWith([{ name: "probe-ui", phase: "Finished", uid }]);
    expect(isOurs(ownedPod("probe-ui", byRun), ended)).toBe(expected);
  });
});

describe("by its metadata alone, a pod is one of netverdict", () => {
  const metadata = (name: string, owner: typeof byRun) => ownedPod(name, owner).metadata;

  it.each([
    ["probe-ui-k4f9qbcd-0", byRun, true],
    ["hidden", byRun, false],
    ["probe-ui-k4f9qbcd-0", controlledBy("ReplicaSet/ui"), false],
  ])("if it has the name %s and the controller %o: %s", (name, owner, expected) => {
    expect(isNamedAsProbePod(metadata(name, owner))).toBe(expected);
  });
});
