import { describe, expect, it } from "vitest";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import type { Target } from "../../crds/expectation.ts";
import { controllerScene, TEST } from "../testing/controllerScene.ts";
import type { MemoryApi } from "../testing/memoryApi.ts";
import {
  connectivityTest,
  controlledBy,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  type PodOptions,
  type SliceOptions,
} from "../testing/objects.ts";

const REPLICA_SETS = "/apis/apps/v1/namespaces/shop/replicasets";
const SERVICE = "/api/v1/namespaces/shop/services/web";
const pathOf = (name: string, namespace = "shop") => `/api/v1/namespaces/${namespace}/pods/${name}`;
const sliceAt = (name: string, namespace = "shop") =>
  `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}`;

const { memory, controller, probe, triggersSince } = controllerScene((empty) => {
  replicaSet("web-77", empty);
  putPod("ui", { labels: { app: "ui" }, owner: "DaemonSet/ui" }, empty);
  for (const name of ["web-77-a", "web-77-b"]) putPod(name, webPod("ReplicaSet/web-77"), empty);
  empty.put(SERVICE, service("web", { selector: { app: "web" } }));
  putSlice("web-x", ["web-77-a", "web-77-b"], { into: empty });
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

/** A slice of the Service `web`, unless said otherwise, with these pods as ready endpoints. */
function putSlice(
  name: string,
  pods: readonly string[],
  { of = "web", into = memory(), ...options }: SliceOptions & { of?: string; into?: MemoryApi } = {},
) {
  const endpoints = pods.map((one) => endpointOf(pod(one)));
  into.put(sliceAt(name, options.namespace), slice(of, endpoints, options));
}

const webPods = { podSelector: { matchLabels: { app: "web" } } };
const webService = { service: { name: "web" } };

/** A test of a path from `ui` to the pods of `web` has run, and nothing is due. */
async function ran(rerunOn: RerunOn[] = ["PolicyChange", "WorkloadChange"], to: Target = webPods) {
  const expectations = [expectation({ to, tcp: { port: 80 }, expect: "Allowed" })];
  const { metadata, spec } = connectivityTest({ spec: { rerunOn, expectations } });
  memory().put(TEST, { metadata, spec });
  await finish();
  expect(triggersSince(0)).toEqual(["Generation"]);
}

/** All runs that are in progress end. */
async function finish(): Promise<void> {
  await controller().settle();
  await probe();
}

/** The triggers of the runs after a change, and the number of requests. */
async function after(change: () => void, milliseconds = 5_000) {
  const handled = memory().requests.length;
  change();
  await controller().pass(milliseconds);
  await finish();
  return { runs: triggersSince(handled), requests: memory().requests.length - handled };
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

  it.each(["shop", "elsewhere"])(
    "a thousand changes of the endpoints of unrelated Services in namespace %s",
    async (namespace) => {
      await ran(undefined, webService);
      const changed = await after(() => {
        for (let number = 0; number < 250; number += 1) {
          const [name, of] = [`other-${number}`, `other-${number % 20}`];
          putSlice(name, [name], { namespace, of });
          putSlice(name, [name, "web-77-a"], { namespace, of });
          putSlice(name, [], { namespace, of });
          memory().remove(sliceAt(name, namespace));
        }
      });
      expect(changed).toEqual({ runs: [], requests: 0 });
    },
  );

  it("a thousand restarts of the pods behind its Service, one after the other and all at once", async () => {
    await ran(undefined, webService);
    const changed = await after(() => {
      for (let number = 0; number < 1_000; number += 1) {
        memory().remove(pathOf(number === 0 ? "web-77-a" : `web-77-a${number - 1}`));
        putSlice("web-x", ["web-77-b"]);
        putWeb(`web-77-a${number}`);
        putSlice("web-x", ["web-77-b", `web-77-a${number}`]);
      }
      memory().remove(pathOf("web-77-b"));
      putSlice("web-x", []);
    });
    expect(changed).toEqual({ runs: [], requests: 0 });
    const back = await after(() => {
      putWeb("web-77-b");
      putSlice("web-x", ["web-77-b"]);
    });
    expect(back).toEqual({ runs: [], requests: 0 });
  });

  it("a pod that is not ready in the endpoints of its Service, and one that is being deleted", async () => {
    await ran(undefined, webService);
    const changed = await after(() => {
      putPod("canary", { labels: { app: "web" } });
      const endpoints = ["web-77-a", "web-77-b"].map((name) => endpointOf(pod(name)));
      const notReady = endpointOf(pod("canary"), { conditions: { ready: false } });
      memory().put(sliceAt("web-x"), slice("web", [...endpoints, notReady]));
      const [stored] = memory().at(pathOf("web-77-a"));
      const deletionTimestamp = "2026-11-21T12:00:00Z";
      memory().put(pathOf("web-77-a"), { ...stored, metadata: { ...stored?.metadata, deletionTimestamp } });
    });
    expect(changed).toEqual({ runs: [], requests: 0 });
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

describe("one run starts after", () => {
  it.each<[string, () => void]>([
    [
      "a pod of another workload joined them",
      () => {
        putPod("canary", { labels: { app: "web" }, owner: "StatefulSet/canary" });
        putSlice("web-x", ["web-77-a", "web-77-b", "canary"]);
      },
    ],
    ["a user added an address to them", () => putSlice("by-hand", ["guest"], { managedBy: "a user" })],
    [
      "a user added an address of one of its pods",
      () => putSlice("by-hand", ["web-77-a"], { managedBy: "" }),
    ],
    [
      "their port changed",
      () => putSlice("web-x", ["web-77-a", "web-77-b"], { ports: [{ name: "", port: 9090 }] }),
    ],
    [
      "the Service selects others, a moment before its endpoints change",
      () => {
        memory().put(SERVICE, service("web", { selector: { app: "ui" } }));
        setTimeout(() => putSlice("web-x", ["ui"]), 100);
      },
    ],
  ])("a change of the endpoints of its Service: %s", async (_, change) => {
    await ran(undefined, webService);
    expect((await after(change)).runs).toEqual(["PolicyChange"]);
    expect((await after(() => {})).runs).toEqual([]);
  });

  it("the last endpoint of its Service has been gone for ten minutes", async () => {
    await ran(["WorkloadChange"], webService);
    const gone = await after(() => putSlice("web-x", []), 599_000);
    expect(gone.runs).toEqual([]);
    expect((await after(() => {})).runs).toEqual(["WorkloadChange"]);
  });
});
