import { expect, it } from "vitest";
import { controlledBy, pod } from "../testing/objects.ts";
import { workloadOf } from "./workload.ts";

it.each([
  ["nobody controls", pod("debug"), "Pod/debug"],
  ["a StatefulSet controls", pod("db-0", { owner: "StatefulSet/db" }), "StatefulSet/db"],
  ["a Job controls", pod("x", { owner: "Job/backup-1" }), "Job/backup-1"],
  ["a Deployment's ReplicaSet controls", pod("ui-1", { owner: "ReplicaSet/ui-77" }), "Deployment/ui"],
  ["a Rollout's ReplicaSet controls", pod("api-1", { owner: "ReplicaSet/api-77" }), "Rollout/api"],
  ["a bare ReplicaSet controls", pod("old-1", { owner: "ReplicaSet/old" }), "ReplicaSet/old"],
  ["a ReplicaSet controls that is gone", pod("gone-1", { owner: "ReplicaSet/gone" }), "ReplicaSet/gone"],
])("a pod that %s", (_, one, workload) => {
  const owners = new Map([
    ["uid-ui-77", controlledBy("Deployment/ui")],
    ["uid-api-77", controlledBy("Rollout/api", "argoproj.io/v1alpha1")],
    ["uid-old", undefined],
  ]);
  expect(workloadOf(one, owners)).toBe(workload);
});

it("an owner that does not control the pod is not its workload", () => {
  const ownerReferences = [{ ...controlledBy("ConfigMap/x"), controller: false }];
  expect(workloadOf(pod("a", { metadata: { name: "a", ownerReferences } }), new Map())).toBe("Pod/a");
});
