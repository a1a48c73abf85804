import { beforeAll, expect, it } from "vitest";

import { API_VERSION, PROBE_RUN, TRUST_ADMISSION } from "../../crds/group.ts";
import { cluster, kubectl, makeNamespace } from "../harness/scenario.ts";
import { attempt } from "../process/command.ts";

/**
 * What the policy for the operator's account permits to a user who has a token of it: nothing but probe pods. The namespaces enforce
 * no Pod Security level, so no other admission rejects these pods.
 */
const OPERATOR = "system:serviceaccount:netverdict-system:netverdict";

let here = "";
let trusting = "";

beforeAll(async () => {
  const [plain, trusted] = await Promise.all([
    makeNamespace("account", { podSecurity: "privileged" }),
    makeNamespace("trusting", { podSecurity: "privileged" }),
  ]);
  [here, trusting] = [plain.name, trusted.name];
  await kubectl(["label", "namespace", trusting, `${TRUST_ADMISSION}=true`]);
  for (const namespace of [here, trusting])
    await kubectl(["wait", "--for=create", "serviceaccount/default", `--namespace=${namespace}`]);
  return async () => {
    await Promise.all([plain.remove(), trusted.remove()]);
  };
});

const owner = (fields: object = {}) => ({
  apiVersion: API_VERSION,
  kind: PROBE_RUN.kind,
  name: "net-abc",
  uid: "11111111-2222-3333-4444-555555555555",
  controller: true,
  ...fields,
});

interface Changes {
  readonly owners?: readonly object[];
  readonly spec?: object;
  readonly container?: object;
  readonly others?: readonly object[];
}

const container = (fields: object = {}) => ({
  name: "probe",
  image: cluster.image,
  command: ["node", "--disable-sigusr1", "/netverdict/runner.mjs"],
  env: [{ name: "NETVERDICT_CHECKS", value: "{}" }],
  ...fields,
});

/** A probe pod with changes. */
const podWith = ({ owners = [owner()], spec = {}, container: fields = {}, others = [] }: Changes) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "probe-ui-bcdfghjk-0", ownerReferences: owners },
  spec: {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    containers: [container(fields), ...others],
    ...spec,
  },
});

/** What the API server answers to a creation that it would not store. */
async function create(namespace: string, pod: object): Promise<string> {
  const flags = [`--kubeconfig=${cluster.kubeconfig}`, `--namespace=${namespace}`, `--as=${OPERATOR}`];
  const args = [...flags, "create", "--dry-run=server", "--filename=-"];
  const { stdout, stderr } = await attempt(cluster.kubectl, args, { input: JSON.stringify(pod) });
  return stdout + stderr;
}

it("the operator may create a probe pod", async () => {
  await expect(create(here, podWith({}))).resolves.toContain("created (server dry run)");
});

const ONLY_PROBE_PODS = "it may create, change and delete only pods that a ProbeRun controls";
const ONLY_THE_PROBE = "its pods may have one container with the image";
const OF_A_NODE = "its pods may use the network of a node only in the namespace netverdict-witness";
const PRIVILEGES = "its pods may have no token, no device, no folder of a node and no privileged container";
const folder = { volumes: [{ name: "node", hostPath: { path: "/" } }] };
const command = ["sh", "-c", "true"];

it.each<readonly [string, Changes, string]>([
  ["without an owner", { owners: [] }, ONLY_PROBE_PODS],
  ["of a ReplicaSet", { owners: [owner({ apiVersion: "apps/v1", kind: "ReplicaSet" })] }, ONLY_PROBE_PODS],
  ["that a ProbeRun does not control", { owners: [owner({ controller: false })] }, ONLY_PROBE_PODS],
  ["on the network of a node", { spec: { hostNetwork: true } }, OF_A_NODE],
  ["among the processes of a node", { spec: { hostPID: true } }, OF_A_NODE],
  ["with a token", { spec: { automountServiceAccountToken: true } }, PRIVILEGES],
  ["with a folder of a node", { spec: folder }, PRIVILEGES],
  ["with a privileged container", { container: { securityContext: { privileged: true } } }, PRIVILEGES],
  ["with another image", { container: { image: "example.com/other:1" } }, ONLY_THE_PROBE],
  ["with another command", { container: { command } }, ONLY_THE_PROBE],
  ["with arguments", { container: { args: ["--eval", "0"] } }, ONLY_THE_PROBE],
  ["with a hook", { container: { lifecycle: { postStart: { exec: { command } } } } }, ONLY_THE_PROBE],
  [
    "with a probe that runs a command",
    { container: { readinessProbe: { exec: { command } } } },
    ONLY_THE_PROBE,
  ],
  [
    "with options of Node",
    { container: { env: [{ name: "NODE_OPTIONS", value: "--import=data:text/javascript,0" }] } },
    ONLY_THE_PROBE,
  ],
  [
    "with a Secret as a variable",
    {
      container: {
        env: [{ name: "NETVERDICT_CHECKS", valueFrom: { secretKeyRef: { name: "a", key: "b" } } }],
      },
    },
    ONLY_THE_PROBE,
  ],
  [
    "with a Secret as a volume",
    { spec: { volumes: [{ name: "a", secret: { secretName: "a" } }] } },
    ONLY_THE_PROBE,
  ],
  ["with another container", { others: [container({ name: "other" })] }, ONLY_THE_PROBE],
])("but no pod %s", async (_, changes, says) => {
  await expect(create(here, podWith(changes))).resolves.toContain(says);
});

it("where admission is trusted, the operator's pods may have other containers and volumes", async () => {
  const sidecar = { name: "mesh-proxy", image: "example.com/proxy:1" };
  const pod = podWith({ others: [sidecar], spec: { volumes: [{ name: "mesh", emptyDir: {} }] } });
  await expect(create(trusting, pod)).resolves.toContain("created (server dry run)");
  await expect(create(trusting, podWith({ spec: folder }))).resolves.toContain(PRIVILEGES);
});

it("the operator may not delete the pod of a workload", async () => {
  const workload = { ...podWith({ owners: [] }), metadata: { name: "workload" } };
  await kubectl(["create", `--namespace=${here}`, "--filename=-"], { input: JSON.stringify(workload) });
  const flags = [`--kubeconfig=${cluster.kubeconfig}`, `--namespace=${here}`, `--as=${OPERATOR}`];
  const { code, stderr } = await attempt(cluster.kubectl, [
    ...flags,
    "delete",
    "pod",
    "workload",
    "--wait=false",
  ]);
  expect(stderr).toContain(ONLY_PROBE_PODS);
  expect(code).not.toBe(0);
});
