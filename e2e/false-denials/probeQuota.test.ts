import { beforeAll } from "vitest";

import { apply } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { declare } from "../harness/runTest.ts";
import { clientNeverReachesVault, openVault } from "./probeCases.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";

/** Namespaces that have no room for a probe pod: it keeps within bounds for CPU and memory, and names none for disks. */
const full = {
  quota: { kind: "ResourceQuota", spec: { hard: { pods: "2" } } },
  limits: { kind: "LimitRange", spec: { limits: [{ type: "Pod", max: { "ephemeral-storage": "1Gi" } }] } },
};
const namespaces = { quota: "", limits: "" };

// Both are asked for a minute, so side by side.
beforeAll(async () => {
  const made = await Promise.all([makeFull("quota"), makeFull("limits")]);
  return async () => {
    await Promise.all(made.map(({ remove }) => remove()));
  };
});

async function makeFull(by: keyof typeof full) {
  const made = await makeNamespace(by);
  const namespace = (namespaces[by] = made.name);
  await openVault(namespace);
  await apply(
    kubectl,
    JSON.stringify({ apiVersion: "v1", metadata: { name: "small", namespace }, ...full[by] }),
  );
  await declare({ namespace }, { expectations: [clientNeverReachesVault] });
  return made;
}

itReports(
  {
    when: "the namespace's quota does not allow the probe pod",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: "exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2",
  },
  () => waitForVerdict(read, { namespace: namespaces.quota, name: "test" }),
);

itReports(
  {
    when: "a LimitRange of the namespace rejects the probe pod",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: "maximum ephemeral-storage usage per Pod is 1Gi",
  },
  () => waitForVerdict(read, { namespace: namespaces.limits, name: "test" }),
);
