import { describe, expect, it } from "vitest";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import { controllerScene, RUNS, TEST } from "../testing/controllerScene.ts";
import { connectivityTest, controlledBy, expectation, pod, type PodOptions } from "../testing/objects.ts";

const REPLICA_SETS = "/apis/apps/v1/namespaces/shop/replicasets";
const pathOf = (name: string, namespace = "shop") => `/api/v1/namespaces/${namespace}/pods/${name}`;

const { memory, controller, probe } = controllerScene((empty) => {
  replicaSet("web-77", empty);
  putPod("ui", { labels: { app: "ui" }, owner: "DaemonSet/ui" }, empty);
  for (const name of ["web-77-a", "web-77-b"]) putPod(name, webPod("ReplicaSet/web-77"), empty);
});

function putPod(name: string, options: PodOptions, into = memory()) {
  into.put(pathOf(name, options.namespace), pod(name, options));
}
function replicaSet(name: string, into = memory()) {
  const ownerReferences = [controlledBy("Deployment/web")];
  into.put(`${REPLICA_SETS}/${name}`, { metadata: { name, uid: `uid-${name}`, ownerReferences } });
}
function webPod(owner: string, labels: Readonly<Record<string, string>> = {}): PodOptions {
  return { labels: { app: "web", "pod-template-hash": owner.slice(-2), ...labels }, owner };
}
const putWeb = (name: string, labels?: Readonly<Record<string, string>>, owner = "ReplicaSet/web-77") =>
  putPod(name, webPod(owner, labels));

/** A test of a path from `ui` to the pods of `web` has run, and nothing is due. */
async function ran(rerunOn: RerunOn[] = ["PolicyChange", "WorkloadChange"]) {
  const target = { podSelector: { matchLabels: { app: "web" } } };
  const expectations = [expectation({ to: target, tcp: { port: 80 }, expect: "Allowed" })];
  const { metadata, spec } = connectivityTest({ spec: { rerunOn, expectations } });
  memory().put(TEST, { metadata, spec });
  await finish();
  expect(triggers()).toEqual(["Generation"]);
}

/** All runs that are in progress end. */
async function finish(): Promise<void> {
  await controller().settle();
  await probe();
}

/** The triggers of all runs that started after the first `handled` requests, in their order. */
const triggers = (handled = 0) =>
  memory()
    .requests.slice(handled)
    .filter(({ verb, path }) => verb === "create" && path === RUNS)
    .map(({ body }) => probeRunSchema.shape.spec.parse(new Map(Object.entries(body ?? {})).get("spec")).run)
    .flatMap(({ trigger, followUp }) => (followUp ? [] : [trigger]));

/** The triggers of the runs after a change, and the number of requests. */
async function after(change: () => void) {
  const handled = memory().requests.length;
  change();
  await controller().pass(5_000);
  await finish();
  return { runs: triggers(handled), requests: memory().requests.length - handled };
}

describe("no run starts, and nothing is requested, after", () => {
  it.each(["shop", "elsewhere"])(
    "a thousand changes of unrelated pods in namespace %s",
    async (namespace) => {
      await ran();
      const changed = await after(() => {
        for (let number = 0; number < 250; number += 1) {
          const name = `other-${number}`;
          const options = {
            namespace,
            owner: "StatefulSet/other",
            labels: { app: "other", number: `${number}` },
          };
          putPod(name, options);
          putPod(name, { ...options, labels: { app: "other", relabelled: "yes" } });
          memory().put(pathOf(name, namespace), { ...pod(name, options), status: { phase: "Failed" } });
          memory().remove(pathOf(name, namespace));
        }
      });
      expect(changed).toEqual({ runs: [], requests: 0 });
    },
  );

  it("a thousand restarts of its own pods, one after the other and all at once", async () => {
    await ran();
    const changed = await after(() => {
      for (let number = 0; number < 1_000; number += 1) {
        memory().remove(pathOf(number === 0 ? "web-77-a" : `web-77-a${number - 1}`));
        putWeb(`web-77-a${number}`);
      }
      memory().remove(pathOf("web-77-b"));
      memory().remove(pathOf("ui"));
    });
    expect(changed).toEqual({ runs: [], requests: 0 });
    const back = await after(() => {
      putPod("ui", { labels: { app: "ui" }, owner: "DaemonSet/ui" });
      putWeb("web-77-b");
    });
    expect(back).toEqual({ runs: [], requests: 0 });
  });

  it("pods of another ReplicaSet of its workload, which differ in their hash alone", async () => {
    await ran(["PolicyChange"]);
    const changed = await after(() => {
      putWeb("web-88-a", {}, "ReplicaSet/web-88");
      replicaSet("web-88");
      memory().remove(pathOf("web-77-a"));
      memory().remove(pathOf("web-77-b"));
    });
    expect(changed).toEqual({ runs: [], requests: 0 });
  });
});

describe("one run starts after", () => {
  it.each<[string, () => void]>([
    ["one of the pods of the target", () => putWeb("web-77-a", { trusted: "yes" })],
    ["the source", () => putPod("ui", { labels: { app: "ui", trusted: "yes" }, owner: "DaemonSet/ui" })],
    [
      "all pods of the target and the source at once",
      () => {
        putWeb("web-77-a", { trusted: "yes" });
        putWeb("web-77-b", { trusted: "yes" });
        putPod("ui", { labels: { app: "ui", trusted: "yes" }, owner: "DaemonSet/ui" });
      },
    ],
    [
      "a pod that another ReplicaSet of the target creates",
      () => {
        putWeb("web-88-a", { trusted: "yes" }, "ReplicaSet/web-88");
        replicaSet("web-88");
      },
    ],
  ])("other labels of %s", async (_, change) => {
    await ran();
    expect((await after(change)).runs).toEqual(["PolicyChange"]);
    expect((await after(() => {})).runs).toEqual([]);
  });

  it("another label of a pod without a controller", async () => {
    memory().remove(pathOf("ui"));
    putPod("ui", { labels: { app: "ui" } });
    await controller().settle();
    await ran();
    const changed = await after(() => putPod("ui", { labels: { app: "ui", trusted: "yes" } }));
    expect(changed.runs).toEqual(["PolicyChange"]);
  });
});
