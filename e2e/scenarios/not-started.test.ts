import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { itReports } from "../harness/itReports.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { deployment, server, SLEEPER } from "../harness/workload.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";

/** A Deployment whose pods stay in their init container. With a `volume` that does not exist, they have no address either. */
function initializing({ volume, ...place }: { namespace: string; name: string; volume?: string }) {
  const names = volume === undefined ? [] : [volume];
  const initContainer = {
    name: "migration",
    image: cluster.image,
    imagePullPolicy: "IfNotPresent",
    command: ["node", "-e", SLEEPER],
    volumeMounts: names.map((name) => ({ name, mountPath: `/${name}` })),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
  const volumes = names.map((name) => ({ name, configMap: { name } }));
  return deployment({ ...place, pod: { initContainers: [initContainer], volumes } });
}

/** A pod that has done its work. */
const done = (namespace: string) => {
  const { template } = deployment({ namespace, name: "done", script: "", readinessProbe: false }).spec;
  const metadata = { name: "done", namespace, labels: { app: "done" } };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { ...template.spec, restartPolicy: "Never" } };
};

const runtimeClass = (name: string, handler: string) =>
  JSON.stringify({ apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name }, handler });

const from = (app: string) => ({ podSelector: { matchLabels: { app } } });
const toVault = { to: { service: { name: "vault" } }, tcp: { port: 80 } };

let here: string;

const waitForPod = (app: string, jsonpath: string) =>
  kubectl([
    "wait",
    "pod",
    `--selector=app=${app}`,
    `--for=jsonpath=${jsonpath}`,
    "--timeout=60s",
    `--namespace=${here}`,
  ]);

/** The test once its first run has ended; with `sandboxed` a probe pod has to time out first. */
const verdictOf = (name: "test" | "sandboxed"): Promise<ConnectivityTest> =>
  waitForVerdict(read, { namespace: here, name }, { seconds: 170 });

beforeAll(async () => {
  const made = await makeNamespace("not-started");
  here = made.name;
  // Named like the namespace, since RuntimeClasses have none.
  await apply(kubectl, runtimeClass(here, "runc"));
  const servers = ["web", "vault"].map((name) => server({ namespace: here, name }));
  const guest = server({ namespace: here, name: "guest", pod: { runtimeClassName: here } });
  const policy = {
    podSelector: { matchLabels: { app: "vault" } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }] }],
  };
  const others = [
    initializing({ namespace: here, name: "starting" }),
    initializing({ namespace: here, name: "stuck", volume: "no-such-configmap" }),
    done(here),
  ].map((object) => JSON.stringify(object));
  await apply(
    kubectl,
    [...others, networkPolicy({ namespace: here, name: "vault" }, policy)].join("\n---\n"),
  );
  await deploy(kubectl, [...servers, guest].join("\n---\n"));
  // The handler of a RuntimeClass cannot be changed.
  await kubectl(["delete", "runtimeclass", here]);
  await apply(kubectl, runtimeClass(here, "no-such-handler"));
  await waitForPod("starting", "{.status.podIP}");
  await waitForPod("done", "{.status.phase}=Succeeded");
  const expectations = [
    { name: "denied", from: from("starting"), ...toVault, expect: "Denied" },
    {
      name: "allowed",
      from: from("starting"),
      ...toVault,
      to: { service: { name: "web" } },
      expect: "Allowed",
    },
    { name: "no-address", from: from("stuck"), ...toVault, expect: "Denied" },
    { name: "completed", from: from("done"), ...toVault, expect: "Denied" },
  ];
  await declare({ namespace: here }, { expectations });
  const guestToVault = { name: "guest", from: from("guest"), ...toVault, expect: "Denied" };
  await declare({ namespace: here, name: "sandboxed" }, { expectations: [guestToVault] });
  return async () => {
    await kubectl(["delete", "runtimeclass", here]);
    await made.remove();
  };
});

it.each(["denied", "allowed"])(
  "a pod in its init container is a source, and policies apply to it: %s",
  async (name) => {
    const { status } = await verdictOf("test");
    const reported = status.expectations?.find((expectation) => expectation.name === name);
    expect(reported?.message).toContain("Deployment/starting");
    expect(reported?.verdict).toBe("Passed");
  },
);

itReports(
  {
    when: "the source's pods have no address, since a volume of theirs does not exist",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "SourceNotFound",
    says: /no running pod matches the source's podSelector; Pod\/stuck-\S+ is Init:0\/1, without an address/,
    expectation: "no-address",
  },
  () => verdictOf("test"),
);

itReports(
  {
    when: "the source's only pod has ended",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "SourceNotFound",
    says: "no running pod matches the source's podSelector; Pod/done is Completed",
    expectation: "completed",
  },
  () => verdictOf("test"),
);

itReports(
  {
    when: "the node no longer has the runtime handler of the source's RuntimeClass",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: /not started within 1m: ContainerCreating: FailedCreatePodSandBox: .*no-such-handler/,
  },
  () => verdictOf("sandboxed"),
);
