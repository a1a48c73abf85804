import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { labelPodsWithoutReplicaSet } from "../faults/admissionPolicy.ts";
import { putWebhooks } from "../faults/podWebhook.ts";
import { itReports } from "../harness/itReports.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { probeRunsOf } from "../harness/runs.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { deploy } from "../kube/deploy.ts";

/**
 * Admission makes the twin another pod than its source. Each policy is such that the source reaches the vault and its twin
 * does not, while the twin reaches `web`: without the difference, the denial would be proven.
 */
const from = { podSelector: { matchLabels: { app: "client" } } };
const SPEC = {
  ipFamilies: ["IPv4"],
  expectations: [
    { name: "vault", from, to: { service: { name: "vault" } }, tcp: { port: 80 }, expect: "Denied" },
    { name: "web", from, to: { service: { name: "web" } }, tcp: { port: 80 }, expect: "Allowed" },
  ],
};

const onlyWeb = (podSelector: object) => ({
  podSelector,
  policyTypes: ["Egress"],
  egress: [{ to: [{ podSelector: { matchLabels: { app: "web" } } }] }],
});

const workloads = (namespace: string) => [
  server({ namespace, name: "client", labels: { zone: "prod" } }),
  server({ namespace, name: "vault" }),
  server({ namespace, name: "web" }),
];

let added: ConnectivityTest;
let removed: ConnectivityTest;
let account: ConnectivityTest;

beforeAll(async () => {
  const [sandbox, zones] = await Promise.all([makeNamespace("sandbox"), makeNamespace("zones")]);
  await Promise.all([
    deploy(
      kubectl,
      [
        ...["client", "vault", "web"].map((name) => server({ namespace: sandbox.name, name })),
        networkPolicy(
          { namespace: sandbox.name, name: "sandbox" },
          onlyWeb({ matchLabels: { zone: "sandbox" } }),
        ),
      ].join("\n---\n"),
    ),
    deploy(
      kubectl,
      [
        ...workloads(zones.name),
        networkPolicy(
          { namespace: zones.name, name: "no-zone" },
          onlyWeb({ matchExpressions: [{ key: "zone", operator: "DoesNotExist" }] }),
        ),
        JSON.stringify({
          apiVersion: "v1",
          kind: "ServiceAccount",
          metadata: { name: "sandboxed", namespace: zones.name },
        }),
      ].join("\n---\n"),
    ),
  ]);
  const removePolicy = await labelPodsWithoutReplicaSet(sandbox.name, ["zone", "sandbox"]);
  const removeWebhooks = await putWebhooks(zones.name, {
    zoneless: { patch: [{ op: "remove", path: "/metadata/labels/zone" }] },
    account: {
      patch: [
        { op: "replace", path: "/spec/serviceAccountName", value: "sandboxed" },
        { op: "add", path: "/spec/serviceAccount", value: "sandboxed" },
      ],
    },
  });
  [added, removed, account] = await Promise.all([
    runTest({ namespace: sandbox.name }, SPEC),
    runTest({ namespace: zones.name, name: "zoneless" }, SPEC),
    runTest({ namespace: zones.name, name: "account" }, SPEC),
  ]);
  return async () => {
    await removePolicy();
    await removeWebhooks();
    await Promise.all([sandbox.remove(), zones.remove()]);
  };
});

const notReproducible = {
  expect: "Denied",
  verdict: "Inconclusive",
  reason: "SourceNotReproducible",
} as const;

itReports(
  {
    ...notReproducible,
    when: "admission gives the probe pod a label that its source lacks, and a policy selects by it",
    says: "admission gave the probe pod zone=sandbox, which its source lacks",
  },
  async () => added,
);
itReports(
  {
    ...notReproducible,
    when: "admission takes a label from the probe pod that a policy selects by",
    says: "admission took zone=prod from the probe pod, which its source has",
  },
  async () => removed,
);
itReports(
  {
    ...notReproducible,
    when: "admission gives the probe pod another service account",
    says: "admission changed serviceAccountName of the probe pod from default to sandboxed",
  },
  async () => account,
);

it("what the twin can reach is not reported for its source either", () => {
  const [, web] = added.status.expectations ?? [];
  expect(web).toMatchObject({ name: "web", actual: "Unknown", reason: "SourceNotReproducible" });
});

it("the run lists the difference", async () => {
  const [run] = await probeRunsOf(added.metadata);
  expect(run?.status.pods).toMatchObject([
    { phase: "Finished", differences: [{ field: "label", key: "zone", actual: "sandbox" }] },
  ]);
});
