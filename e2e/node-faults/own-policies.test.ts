import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

import { deploy } from "../kube/deploy.ts";
import { named } from "../kube/connectivityTests.ts";
import { expectationStatusOf } from "../harness/expectationStatus.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { kubectl, namespace } from "../harness/scenario.ts";
import { far, near, pods, told } from "../harness/vault.ts";
import { deployment, server } from "../harness/workload.ts";

const POLICIES = join(import.meta.dirname, "../../manifests/network-policies");
/** The namespace that the sample lets read the metrics. */
const MONITORING = "monitoring";

const inNamespace = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });

it("netverdict runs tests under the NetworkPolicies of its own namespaces, and proves what these permit", async () => {
  const here = await namespace("own-policies");
  await kubectl(["create", "namespace", MONITORING]);
  onTestFinished(async () => void (await kubectl(["delete", "namespace", MONITORING, "--wait=false"])));
  const servers = [
    server({ namespace: here, name: "client", node: near }),
    server({ namespace: here, name: "vault", node: far }),
    JSON.stringify(deployment({ namespace: MONITORING, name: "client", node: near })),
  ];
  const nobody = { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] };
  const policy = networkPolicy({ namespace: here, name: "vault" }, nobody);
  await deploy(kubectl, [...servers, policy].join("\n---\n"));
  await kubectl(["apply", "-k", POLICIES]);
  onTestFinished(async () => void (await kubectl(["delete", "-k", POLICIES])));

  const alone = { expectations: [expectationToward("vault", "Denied")], ipFamilies: ["IPv4"] };
  const linked = await runTest({ namespace: here, name: "test" }, alone);
  expect(expectationStatusOf(linked, "vault-denied")).toMatchObject({
    verdict: "Passed",
    proof: { target: "Witness", link: "LinkWitness" },
  });

  const operator = {
    podSelector: { matchLabels: { "app.kubernetes.io/name": "netverdict" } },
    namespaceSelector: inNamespace("netverdict-system"),
  };
  const metrics = { to: operator, tcp: { port: 8080 } };
  const from = (name: string) => ({ ...pods("client"), namespaceSelector: inNamespace(name) });
  const wide = { namespace: "", name: `metrics-of-${here}` };
  onTestFinished(async () => void (await kubectl(["delete", ...named(wide), "--wait=false"])));
  const test = await runTest(wide, {
    ipFamilies: ["IPv4"],
    expectations: [
      { name: "monitoring", from: from(MONITORING), ...metrics, expect: "Allowed" },
      { name: "others", from: from(here), ...metrics, expect: "Denied" },
    ],
  });
  expect(told(test)).toMatchObject({ monitoring: { verdict: "Passed" }, others: { verdict: "Passed" } });
});
