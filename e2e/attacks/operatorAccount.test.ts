import { beforeAll, expect, it } from "vitest";

import { API_VERSION, PASSED_GATE, PROBE_RUN, TRUST_ADMISSION } from "../../crds/group.ts";
import { cluster, kubectl, makeNamespace } from "../harness/scenario.ts";
import { itStops } from "./attack.ts";
import { answerTo } from "./kubectlAnswer.ts";
import { OPERATOR_ACCOUNT_ATTACKS } from "./operatorAccountAttacks.ts";

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
  await kubectl(["create", `--namespace=${here}`, "--filename=-"], {
    input: ["gated", "plain"].map((name) => JSON.stringify(unscheduledPod(name))).join("\n"),
  });
  const patch = `--patch=${JSON.stringify({ status: { conditions: [PASSED] } })}`;
  await kubectl(["patch", "pod/gated", `--namespace=${here}`, "--subresource=status", "--type=merge", patch]);
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

const PASSED = { type: PASSED_GATE, status: "True", reason: "Passed", message: "" };

/** A pod that no scheduler takes, so that only these tests write its status: the one with the readiness gate, or another one. */
const unscheduledPod = (name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    schedulerName: "nobody",
    containers: [{ name: "server", image: cluster.image }],
    ...(name === "gated" && { readinessGates: [{ conditionType: PASSED_GATE }] }),
  },
});

const asOperator = async (args: readonly string[], input = "") =>
  answerTo([`--as=${OPERATOR}`, ...args], input);

/** kubectl patch would read the status first, which the operator may not. */
const changeStatus = (name: string, change: { readonly metadata?: object; readonly status?: object }) =>
  asOperator(
    [
      "apply",
      "--server-side",
      "--force-conflicts",
      "--subresource=status",
      "--validate=false",
      `--namespace=${here}`,
      "--filename=-",
    ],
    JSON.stringify({ apiVersion: "v1", kind: "Pod", ...change, metadata: { name, ...change.metadata } }),
  );

/** What the API server answers to a creation that it would not store. */
const create = (namespace: string, pod: object) =>
  asOperator([`--namespace=${namespace}`, "create", "--dry-run=server", "--filename=-"], JSON.stringify(pod));

it("the operator may create a probe pod", async () => {
  await expect(create(here, podWith({}))).resolves.toContain("created (server dry run)");
});

it("the operator may change the condition of the readiness gate", async () => {
  const other = { ...PASSED, message: "by another run" };
  await expect(changeStatus("gated", { status: { conditions: [other] } })).resolves.toContain(
    "pod/gated serverside-applied",
  );
});

const folder = { volumes: [{ name: "node", hostPath: { path: "/" } }] };
const command = ["sh", "-c", "true"];
const exec = { exec: { command } };
const withVariable = (variable: object) => ({ container: { env: [variable] } });
const secretKeyRef = { name: "a", key: "b" };

type Key = keyof typeof OPERATOR_ACCOUNT_ATTACKS.rows;

/** What is no creation of a pod in a namespace without the label. */
const OTHERS = {
  trustedFolder: () => create(trusting, podWith({ spec: folder })),
  deletion: async () => {
    const workload = { ...podWith({ owners: [] }), metadata: { name: "workload" } };
    await kubectl(["create", `--namespace=${here}`, "--filename=-"], { input: JSON.stringify(workload) });
    return asOperator(["delete", "pod", "workload", `--namespace=${here}`, "--wait=false"]);
  },
  otherStatus: () => changeStatus("plain", { status: { conditions: [PASSED] } }),
  otherCondition: () =>
    changeStatus("gated", {
      status: { conditions: [PASSED, { type: "Ready", status: "True" }] },
    }),
  address: () => changeStatus("gated", { status: { podIP: "10.0.0.1" } }),
  statusLabel: () => changeStatus("gated", { metadata: { labels: { app: "web" } } }),
  takenBack: () => changeStatus("gated", { status: { conditions: [{ ...PASSED, status: "False" }] } }),
  secrets: () => asOperator(["get", "secrets", "--all-namespaces"]),
  operatorToken: () => asOperator(["create", "token", "default", `--namespace=${here}`]),
} as const satisfies Partial<Record<Key, () => Promise<string>>>;

const PODS: Readonly<Record<Exclude<Key, keyof typeof OTHERS>, Changes>> = {
  noOwner: { owners: [] },
  otherOwner: { owners: [owner({ apiVersion: "apps/v1", kind: "ReplicaSet" })] },
  notController: { owners: [owner({ controller: false })] },
  hostNetwork: { spec: { hostNetwork: true } },
  hostProcesses: { spec: { hostPID: true } },
  token: { spec: { automountServiceAccountToken: true } },
  folder: { spec: folder },
  privileged: { container: { securityContext: { privileged: true } } },
  image: { container: { image: "example.com/other:1" } },
  command: { container: { command } },
  inspector: { container: { command: ["node", "/netverdict/runner.mjs"] } },
  arguments: { container: { args: ["--eval", "0"] } },
  hook: { container: { lifecycle: { postStart: exec } } },
  readiness: { container: { readinessProbe: exec } },
  nodeOptions: withVariable({ name: "NODE_OPTIONS", value: "--import=data:text/javascript,0" }),
  secretVariable: withVariable({ name: "NETVERDICT_CHECKS", valueFrom: { secretKeyRef } }),
  secretVolume: { spec: { volumes: [{ name: "a", secret: { secretName: "a" } }] } },
  second: { others: [container({ name: "other" })] },
};

const answers: Readonly<Record<string, () => Promise<string>>> = {
  ...OTHERS,
  ...Object.fromEntries(
    Object.entries(PODS).map(([key, changes]) => [key, () => create(here, podWith(changes))]),
  ),
};

itStops(OPERATOR_ACCOUNT_ATTACKS, (key) => answers[key]?.() ?? "");

it("where admission is trusted, the operator's pods may have other containers and volumes", async () => {
  const sidecar = { name: "mesh-proxy", image: "example.com/proxy:1" };
  const pod = podWith({ others: [sidecar], spec: { volumes: [{ name: "mesh", emptyDir: {} }] } });
  await expect(create(trusting, pod)).resolves.toContain("created (server dry run)");
});
