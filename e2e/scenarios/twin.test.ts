import { beforeAll, describe, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { until } from "../process/until.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { budget, disruptionsAllowed, watchBudget } from "../harness/budget.ts";
import { declare } from "../harness/runTest.ts";
import { isRunning, type Pod, probePodsIn } from "../harness/runs.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { watchLines } from "../harness/watchLines.ts";
import { deployment, server } from "../harness/workload.ts";

const REPLICAS = 2;

/**
 * Much that a twin has to leave alone: a service account, a variable, a volume, annotations that others act on. A bare
 * ReplicaSet, since that of a Deployment selects by a hash too, which no twin carries.
 */
function source(namespace: string) {
  const { spec, ...others } = deployment({
    namespace,
    name: "client",
    replicas: REPLICAS,
    // Ready for good: a readiness probe that fails on a busy machine would move the budget too.
    readinessProbe: false,
    environment: { PASSWORD: "of-the-source" },
  });
  const { containers, ...pod } = spec.template.spec;
  const volumeMounts = [{ name: "cache", mountPath: "/cache" }];
  const template = {
    metadata: { ...spec.template.metadata, annotations: { "prometheus.io/scrape": "true" } },
    spec: {
      ...pod,
      serviceAccountName: "client",
      containers: containers.map((container) => ({ ...container, volumeMounts })),
      volumes: [{ name: "cache", emptyDir: {} }],
    },
  };
  return { ...others, kind: "ReplicaSet", spec: { ...spec, template } };
}

/** A namespace with every rule that has ever kept a pod out, or been upset by one that it did not expect. */
function rules(namespace: string): object[] {
  const metadata = { name: "client", namespace };
  const hard = { "requests.cpu": "1", "requests.memory": "1Gi", "limits.cpu": "3", "limits.memory": "2Gi" };
  const limit = {
    type: "Container",
    default: { cpu: "300m", memory: "128Mi" },
    defaultRequest: { cpu: "40m", memory: "32Mi" },
    min: { cpu: "40m", memory: "16Mi" },
    max: { cpu: "400m", memory: "200Mi" },
  };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard } },
    { apiVersion: "v1", kind: "LimitRange", metadata, spec: { limits: [limit] } },
    budget(metadata),
  ];
}

const toWeb = {
  from: { podSelector: { matchLabels: { app: "client" } } },
  to: { podSelector: { matchLabels: { app: "web" } } },
  expect: "Allowed",
};
const SPEC = {
  ipFamilies: ["IPv4", "IPv6"],
  // At least eight seconds, so that whoever counts pods has time to count this one.
  probing: { interval: "2s", rounds: 5, deniedRounds: 5, maxRounds: 15 },
  expectations: [
    { name: "ping", ...toWeb, icmp: {} },
    { name: "http", ...toWeb, http: { port: 8080 } },
  ],
};

let here: string;
let test: ConnectivityTest;
let twin: Pod;
/** What the PodDisruptionBudget and the ReplicaSet of the source said from before the run until after it. */
let budgets: readonly string[];
let replicaSets: readonly string[];

beforeAll(async () => {
  const made = await makeNamespace("twin");
  here = made.name;
  const before = rules(here).map((object) => JSON.stringify(object));
  await apply(kubectl, before.join("\n---\n"));
  const workloads = [JSON.stringify(source(here)), server({ namespace: here, name: "web" })];
  await deploy(kubectl, workloads.join("\n---\n"));
  const own = ["client", `--namespace=${here}`];
  const replicaSetWatch = watchLines(["replicasets", ...own], "{{.status.replicas}}");
  const budgetWatch = await watchBudget({ namespace: here, name: "client" });
  await declare({ namespace: here }, SPEC);
  twin = await until("a probe pod runs", runningTwin, { seconds: 60 });
  test = await waitForVerdict(read, { namespace: here, name: "test" });
  [budgets, replicaSets] = [budgetWatch.seen(), replicaSetWatch.seen()];
  for (const watch of [budgetWatch, replicaSetWatch]) watch.stop();
  return made.remove;
});

async function runningTwin(): Promise<Pod | undefined> {
  return (await probePodsIn(here)).find(isRunning);
}

/** What ReplicaSets of the namespace said when they deleted a pod. */
async function deletions(): Promise<string> {
  const reason = "--field-selector=reason=SuccessfulDelete";
  return kubectl(["get", "events", `--namespace=${here}`, reason, "-o", "jsonpath={.items[*].message}"]);
}

/** Every namespace has this ConfigMap; an owner that is not there would take the pod with it. */
async function ownerWithoutScale(): Promise<object> {
  const name = "kube-root-ca.crt";
  const uid = await kubectl([
    "get",
    "configmap",
    name,
    `--namespace=${here}`,
    "-o",
    "jsonpath={.metadata.uid}",
  ]);
  return { apiVersion: "v1", kind: "ConfigMap", name, uid };
}

/** A pod with the source's labels, which nobody controls unless an owner is given. It never gets a node. */
function careless(name: string, owner?: object): string {
  const { spec } = deployment({ namespace: here, name: "client", node: "nowhere" });
  const ownerReferences = owner === undefined ? [] : [{ ...owner, controller: true }];
  const metadata = { name, namespace: here, labels: { app: "client" }, ownerReferences };
  return JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec: spec.template.spec });
}

const reported = (name: string) => test.status.expectations?.find((expectation) => expectation.name === name);

describe("under Pod Security `restricted`", () => {
  it("ping works without a capability, in both families", () => {
    const paths = reported("ping")?.paths.map(({ address, outcome }) => [address.includes(":"), outcome]);
    expect(paths?.toSorted()).toEqual([
      [false, "Replied"],
      [true, "Replied"],
    ]);
    expect(reported("ping")?.verdict).toBe("Passed");
    expect(reported("http")?.verdict).toBe("Passed");
  });
});

describe("the rules of the namespace", () => {
  it("hold for the probe pod: a limit for CPU that a quota insists on, and all between minimum and maximum", () => {
    expect(twin.spec.containers.map(({ resources }) => resources)).toEqual([
      { requests: { cpu: "40m", memory: "64Mi" }, limits: { cpu: "400m", memory: "200Mi" } },
    ]);
  });
});

describe("who else reckons with the source's labels", () => {
  it("its ReplicaSet does not count the probe pod, adopt it, or delete it as one too many", async () => {
    expect([...new Set(replicaSets)]).toEqual([String(REPLICAS)]);
    expect(twin.metadata.ownerReferences).toMatchObject([{ kind: "ProbeRun", controller: true }]);
    expect(await deletions()).toBe("");
  });

  it("its PodDisruptionBudget goes on allowing evictions", () => {
    expect([...new Set(budgets)]).toEqual([`expected=${REPLICAS} allowed=1 SufficientPods`]);
  });

  it("both would not have kept still for a pod that is less careful", async () => {
    await apply(kubectl, careless("orphan"));
    await expect.poll(deletions, { timeout: 30_000 }).toContain("Deleted pod: orphan");
    await apply(kubectl, careless("scaleless", await ownerWithoutScale()));
    const allowed = () => disruptionsAllowed({ namespace: here, name: "client" });
    await expect.poll(allowed, { timeout: 30_000 }).toBe("0");
  });
});

describe("of the source the probe pod", () => {
  it("has the labels but for those of the controller, and the service account without its token", () => {
    expect(twin.metadata.labels).toEqual({ app: "client" });
    expect(twin.spec).toMatchObject({ serviceAccountName: "client", automountServiceAccountToken: false });
  });

  it("has no volume, not even one with a token, and no variable", () => {
    expect(twin.spec.volumes).toEqual([]);
    const [container] = twin.spec.containers;
    expect(container?.volumeMounts).toEqual([]);
    expect(container?.env.map(({ name }) => name)).toEqual([
      "NETVERDICT_CHECKS",
      "UV_THREADPOOL_SIZE",
      "NETVERDICT_NODE_ADDRESSES",
    ]);
    expect(container?.envFrom).toEqual([]);
  });

  it("has no annotation: all are netverdict's own or the network plugin's", () => {
    const foreign = Object.keys(twin.metadata.annotations).filter(
      (name) => !/^(netverdict\.dev|cni\.projectcalico\.org)\//.test(name),
    );
    expect(foreign).toEqual(["cluster-autoscaler.kubernetes.io/safe-to-evict"]);
  });
});
