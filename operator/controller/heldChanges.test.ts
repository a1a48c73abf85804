import { describe, expect, it } from "vitest";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import { controllerScene, MINUTE, PODS, TEST } from "../testing/controllerScene.ts";
import { connectivityTest, controlledBy, expectation, pod } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";

const DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/web";
const REPLICA_SET = "/apis/apps/v1/namespaces/shop/replicasets/web-1";
const ROLLOUTS = "/apis/argoproj.io/v1alpha1/rollouts";
const ROLLOUT = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web";

const { memory, controller, probe, status, triggersSince } = controllerScene(() => {}, {
  argoRollouts: async () => [
    { groups: ["argoproj.io"], plural: "rollouts", api: "/apis/argoproj.io/v1alpha1" },
  ],
});

/** A test from `ui` to the pods of `web` has run; they belong to this workload. */
async function ran(workload: "Deployment" | "Rollout", rerunOn: RerunOn[]) {
  const owner = controlledBy(`${workload}/web`, workload === "Rollout" ? "argoproj.io/v1alpha1" : "apps/v1");
  memory().put(REPLICA_SET, { metadata: { uid: "uid-web-1", ownerReferences: [owner] } });
  memory().put(`${PODS}/ui`, pod("ui", { labels: { app: "ui" } }));
  putWeb({});
  const to = { podSelector: { matchLabels: { app: "web" } } };
  const { metadata, spec } = connectivityTest({
    spec: { rerunOn, expectations: [expectation({ to, tcp: { port: 80 } })] },
  });
  memory().put(TEST, { metadata, spec });
  await controller().settle();
  await probe();
}

function putWeb(labels: Readonly<Record<string, string>>) {
  memory().put(
    `${PODS}/web-1-a`,
    pod("web-1-a", { labels: { app: "web", ...labels }, owner: "ReplicaSet/web-1" }),
  );
}

function deployment({ image = "a", availableReplicas = 1 }) {
  const template = { spec: { containers: [{ image }] } };
  const [before] = memory().at(DEPLOYMENT);
  memory().put(DEPLOYMENT, {
    metadata: { uid: "uid-web" },
    spec: { replicas: 1, template },
    // Its controller has seen every generation.
    status: {
      observedGeneration: (before?.metadata.generation ?? 0) + 1,
      replicas: 1,
      updatedReplicas: 1,
      availableReplicas,
    },
  });
}

/** The triggers of the runs that start within a time after a change. */
async function runsAfter(change: () => void, milliseconds: number) {
  const handled = memory().requests.length;
  change();
  await controller().pass(milliseconds);
  await controller().settle();
  await probe();
  return triggersSince(handled);
}

describe("a change during a rollout that does not end", () => {
  it("of labels starts one run after ten minutes, and another one when the rollout has changed them again", async () => {
    deployment({});
    await ran("Deployment", ["PolicyChange"]);
    deployment({ availableReplicas: 0 });
    expect(await runsAfter(() => putWeb({ trusted: "yes" }), 10 * MINUTE - 1_000)).toEqual([]);
    expect(await runsAfter(() => {}, 2_000)).toEqual(["PolicyChange"]);
    expect(await runsAfter(() => {}, 60 * MINUTE)).toEqual([]);
    expect(await runsAfter(() => deployment({}), 5_000)).toEqual([]);
  });

  it("of the template starts one run after ten minutes, and one when the rollout has ended", async () => {
    deployment({});
    await ran("Deployment", ["WorkloadChange"]);
    const change = () => deployment({ image: "b", availableReplicas: 0 });
    expect(await runsAfter(change, 10 * MINUTE - 1_000)).toEqual([]);
    expect(await runsAfter(() => {}, 2_000)).toEqual(["WorkloadChange"]);
    expect(await runsAfter(() => {}, 60 * MINUTE)).toEqual([]);
    expect(await runsAfter(() => deployment({ image: "b" }), 5_000)).toEqual(["WorkloadChange"]);
    expect(await runsAfter(() => {}, 60 * MINUTE)).toEqual([]);
  });

  it("of the template again starts a run ten minutes after the last change", async () => {
    deployment({});
    await ran("Deployment", ["WorkloadChange"]);
    deployment({ availableReplicas: 0 });
    expect(await runsAfter(() => {}, 60 * MINUTE)).toEqual([]);
    const change = () => deployment({ image: "b", availableReplicas: 0 });
    expect(await runsAfter(change, 10 * MINUTE - 1_000)).toEqual([]);
    expect(await runsAfter(() => {}, 2_000)).toEqual(["WorkloadChange"]);
  });

  it("starts no run if the pods were not available for a while, and are again", async () => {
    deployment({});
    await ran("Deployment", ["PolicyChange", "WorkloadChange"]);
    expect(await runsAfter(() => deployment({ availableReplicas: 0 }), 60 * MINUTE)).toEqual([]);
    expect(await runsAfter(() => deployment({}), 60 * MINUTE)).toEqual([]);
  });
});

describe("an Argo Rollout", () => {
  function rollout({ image = "a", phase = "Healthy" }) {
    const [before] = memory().at(ROLLOUT);
    memory().put(ROLLOUT, {
      metadata: { uid: "uid-web" },
      spec: { replicas: 1, template: { spec: { containers: [{ image }] } } },
      status: { phase, observedGeneration: String((before?.metadata.generation ?? 0) + 1) },
    });
  }

  it("that replaces the pods of a target starts one run when it is healthy again", async () => {
    rollout({});
    await ran("Rollout", ["WorkloadChange"]);
    expect(await runsAfter(() => rollout({ image: "b", phase: "Progressing" }), MINUTE)).toEqual([]);
    expect(await runsAfter(() => rollout({ image: "b" }), 5_000)).toEqual(["WorkloadChange"]);
    expect(await runsAfter(() => {}, 60 * MINUTE)).toEqual([]);
  });

  describe("that the operator may not watch", () => {
    const forbid = () => {
      memory().before = ({ path }) => {
        if (path === ROLLOUTS) throw rejection(403, "Forbidden", "rollouts.argoproj.io is forbidden");
      };
      memory().endWatches();
      return controller().pass(5_000);
    };

    it("is a problem of the tests that name workloads and have one, until the operator may", async () => {
      await forbid();
      await ran("Rollout", ["WorkloadChange"]);
      expect(triggersSince(0)).toEqual([]);
      expect(status()).toMatchObject({
        verdict: "Pending",
        message: expect.stringMatching(
          /^no run is planned: rollouts\.argoproj\.io is forbidden\. Give the operator/,
        ) as unknown,
      });
      memory().before = () => {};
      expect(await runsAfter(() => {}, MINUTE)).toEqual(["Generation"]);
    });

    it.each<["Deployment" | "Rollout", RerunOn[]]>([
      ["Deployment", ["WorkloadChange"]],
      ["Rollout", ["PolicyChange"]],
    ])("is none where a test has a %s and names %j", async (workload, rerunOn) => {
      await forbid();
      await ran(workload, rerunOn);
      expect(triggersSince(0)).toEqual(["Generation"]);
    });
  });
});
