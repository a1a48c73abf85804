import { expect, it, onTestFinished } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { policyApiCrds, POLICY_API_CRDS } from "../cluster/policyApi.ts";
import { runTest } from "../harness/runTest.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { told } from "../harness/vault.ts";
import { deployment, server, SLEEPER, statefulSet } from "../harness/workload.ts";
import { named, readTest, requestRun, waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";

/**
 * The kinds of policy.networking.k8s.io are installed while the operator runs, as users do. They count for the tests of the
 * whole cluster, so this file runs alone. No engine of the test cluster enforces them: every path is open here, and netverdict's
 * reading alone is tested.
 */

const INDEX = "apps.kubernetes.io/pod-index";
const API = "policy.networking.k8s.io";

it("policies of kinds that are installed while the operator runs make a twin differ, and start a run", async () => {
  const { name: here, remove } = await makeNamespace("policy-kinds");
  onTestFinished(remove);
  const test = { namespace: "", name: here };
  const asleep = { namespace: here, script: SLEEPER, readinessProbe: false };
  const targets = ["shop", "bank", "post"];
  await deploy(
    kubectl,
    [
      JSON.stringify(statefulSet({ ...asleep, name: "db" })),
      JSON.stringify(deployment({ ...asleep, name: "monitor" })),
      ...targets.map((name) => server({ namespace: here, name })),
    ].join("\n---\n"),
  );
  onTestFinished(async () => {
    await kubectl(["delete", ...named(test), "--ignore-not-found"]);
  });
  const inHere = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": here } } };
  const podsOf = (app: string) => ({ podSelector: { matchLabels: { app } }, ...inHere });
  const open = (name: string, from: string, to: string) => ({
    name,
    from: podsOf(from),
    to: podsOf(to),
    tcp: { port: 8080 },
    expect: "Allowed",
  });
  const first = await runTest(test, {
    ipFamilies: ["IPv4"],
    rerunOn: ["PolicyChange"],
    expectations: [
      ...targets.map((target) => open(target, "db", target)),
      ...targets.map((target) => open(`alike-${target}`, "monitor", target)),
    ],
  });
  const passed = [...targets, ...targets.map((target) => `alike-${target}`)].map((name) => [name, "Passed"]);
  expect(verdicts(first)).toEqual(Object.fromEntries(passed));

  onTestFinished(async () => {
    await kubectl(["delete", "crd", ...POLICY_API_CRDS, "--ignore-not-found"]);
  });
  await apply(kubectl, await policyApiCrds());
  const byIndex = { [INDEX]: "0" };
  /** Pods of this namespace, as the earlier release selects them. */
  const senders = (matchLabels: object) => ({ pods: { namespaces: inHere, podSelector: { matchLabels } } });
  const policies = [
    {
      apiVersion: `${API}/v1alpha2`,
      kind: "ClusterNetworkPolicy",
      metadata: { name: `${here}-shop` },
      spec: {
        tier: "Admin",
        priority: 10,
        subject: { pods: podsOf("shop") },
        ingress: [
          {
            action: "Accept",
            from: [
              { pods: { podSelector: { matchLabels: byIndex }, ...inHere } },
              { pods: podsOf("monitor") },
            ],
          },
        ],
      },
    },
    {
      apiVersion: `${API}/v1alpha1`,
      kind: "AdminNetworkPolicy",
      metadata: { name: `${here}-bank` },
      spec: {
        priority: 10,
        subject: { pods: podsOf("bank") },
        ingress: [{ action: "Allow", from: [senders(byIndex), senders({ app: "monitor" })] }],
      },
    },
    {
      apiVersion: `${API}/v1alpha1`,
      kind: "BaselineAdminNetworkPolicy",
      metadata: { name: "default" },
      spec: {
        subject: { pods: podsOf("post") },
        ingress: [{ action: "Deny", from: [senders(byIndex)] }],
      },
    },
  ];
  const manifest = policies.map((policy) => JSON.stringify(policy)).join("\n---\n");
  // Some moments pass until the API server serves a kind whose CRD was created.
  await until("the policies are accepted", async () => apply(kubectl, manifest).then(() => true), {
    seconds: 20,
    everyMs: 200,
  });

  const second = await until(
    `a run under the policies of ${API}`,
    async () => {
      const seen = await readTest(read, test);
      const isUnder = targets.every((target) => verdicts(seen)[target] === "Inconclusive");
      if (!isUnder) throw new Error(JSON.stringify(told(seen)));
      return seen;
    },
    { seconds: 120, everyMs: 1_500 },
  );
  expect(second.status.run?.trigger).toBe("PolicyChange");
  const apart = (policy: string) => ({
    verdict: "Inconclusive",
    reason: "SourceNotReproducible",
    message: expect.stringContaining(`cannot have a twin: ${policy} selects by ${INDEX}`) as unknown,
  });
  const alike = { verdict: "Passed", reason: "AsExpected" };
  expect(told(second)).toMatchObject({
    shop: apart(`ClusterNetworkPolicy ${here}-shop`),
    bank: apart(`AdminNetworkPolicy ${here}-bank`),
    post: apart("BaselineAdminNetworkPolicy default"),
    "alike-shop": alike,
    "alike-bank": alike,
    "alike-post": alike,
  });

  // The policies of a kind are deleted with it.
  await kubectl(["delete", "crd", ...POLICY_API_CRDS]);
  await requestRun(kubectl, test, "uninstalled");
  const third = await waitForVerdict(read, test, { token: "uninstalled" });
  expect(verdicts(third)).toEqual(Object.fromEntries(passed));
});

const verdicts = (test: ConnectivityTest) =>
  Object.fromEntries(Object.entries(told(test)).map(([name, { verdict }]) => [name, verdict]));
