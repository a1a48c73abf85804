import { describe, expect, it } from "vitest";
import { rolloutOf, type RolledKind } from "./rollout.ts";

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
