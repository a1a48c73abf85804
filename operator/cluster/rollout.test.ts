import { describe, expect, it } from "vitest";
import { argoRolloutOf, isArgoRollout, rolloutOf, type RolledKind } from "./rollout.ts";

const metadata = {
  name: "web",
  namespace: "shop",
  uid: "u",
  generation: 2,
  resourceVersion: "9",
  labels: { a: "b" },
};
const template = (image: string) => ({ spec: { containers: [{ image }] } });
const rolled = (kind: RolledKind, status: object, spec: object = {}) =>
  rolloutOf(kind, {
    metadata,
    spec: { replicas: 2, template: template("a"), ...spec },
    status: { observedGeneration: 2, ...status },
  });

const deployment = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const statefulSet = { replicas: 2, updatedReplicas: 2, readyReplicas: 2 };
const daemonSet = { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };
const onDelete = { updateStrategy: { type: "OnDelete" } };
const partition = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } };

describe("a rollout", () => {
  it("is kept by the workload's UID and a digest of its template", () => {
    const { template: digest, ...kept } = rolled("Deployment", deployment);
    expect(digest).toMatch(/^[\w-]{16}$/);
    expect(kept).toEqual({
      metadata: { uid: "u" },
      isDone: true,
    });
  });

  it("has another digest for another template alone", () => {
    const digest = (spec: object) => rolled("Deployment", deployment, spec).template;
    expect(digest({ template: template("b") })).not.toBe(digest({}));
    expect(digest({ replicas: 7 })).toBe(digest({}));
  });

  it.each<[RolledKind, object, object?]>([
    ["Deployment", deployment],
    ["Deployment", {}, { replicas: 0 }],
    ["StatefulSet", statefulSet],
    ["StatefulSet", { ...statefulSet, updatedReplicas: 1 }, partition],
    ["StatefulSet", { ...statefulSet, updatedReplicas: 0 }, onDelete],
    ["DaemonSet", daemonSet],
    ["DaemonSet", {}],
    ["DaemonSet", { ...daemonSet, updatedNumberScheduled: 0 }, onDelete],
  ])("of a %s has ended at %j with %j", (kind, status, spec = {}) => {
    expect(rolled(kind, status, spec).isDone).toBe(true);
  });

  it.each<[RolledKind, object]>([
    ["Deployment", { ...deployment, observedGeneration: 1 }],
    ["Deployment", { ...deployment, updatedReplicas: 1 }],
    ["Deployment", { ...deployment, replicas: 3 }],
    ["Deployment", { ...deployment, availableReplicas: 1 }],
    ["StatefulSet", { ...statefulSet, updatedReplicas: 1 }],
    ["StatefulSet", { ...statefulSet, readyReplicas: 1 }],
    ["DaemonSet", { ...daemonSet, updatedNumberScheduled: 2 }],
    ["DaemonSet", { ...daemonSet, numberAvailable: 2 }],
  ])("of a %s has not ended at %j", (kind, status) => {
    expect(rolled(kind, status).isDone).toBe(false);
  });
});

describe("an Argo Rollout", () => {
  const healthy = { phase: "Healthy", observedGeneration: "2", currentPodHash: "a", stableRS: "a" };
  const argo = (status: object = {}, spec: object = {}) =>
    argoRolloutOf({
      metadata,
      spec: { replicas: 2, template: template("a"), ...spec },
      status: { ...healthy, ...status },
    });

  it.each<[string, object, boolean]>([
    ["is healthy", {}, true],
    ["pauses between two steps", { phase: "Paused" }, true],
    ["replaces pods", { phase: "Progressing" }, false],
    ["is degraded", { phase: "Degraded" }, false],
    ["has a newer spec than its controller has seen", { observedGeneration: "1" }, false],
    ["has a generation that is not a number", { observedGeneration: "6f8d" }, false],
    ["has no status yet", { phase: undefined, observedGeneration: undefined }, false],
  ])("that %s has ended: %j → %s", (_, status, isDone) => {
    expect(argo(status)).toMatchObject({ metadata: { uid: "u" }, isDone });
  });

  it.each<[string, object, object]>([
    ["another template", {}, { template: template("b") }],
    ["another Deployment that has its template", {}, { workloadRef: { name: "other" } }],
    ["another template in that Deployment", { currentPodHash: "b" }, {}],
    ["new pods that have become the stable ones", { stableRS: "b" }, {}],
  ])("has another digest with %s", (_, status, spec) => {
    expect(argo(status, spec).template).not.toBe(argo().template);
  });

  it("has the same digest with another number of pods", () => {
    expect(argo({ replicas: 5 }, { replicas: 5 }).template).toBe(argo().template);
  });

  it.each([
    ["argoproj.io/v1alpha1", "Rollout", true],
    ["argoproj.io/v1alpha1", "Workflow", false],
    ["rollouts.example.com/v1", "Rollout", false],
  ])("is an owner of %s, %s: %s", (apiVersion, kind, isOne) => {
    expect(isArgoRollout({ apiVersion, kind })).toBe(isOne);
  });
});
