import { expect, it, onTestFinished } from "vitest";

import { calicoPolicy } from "../harness/calicoPolicy.ts";
import { runTest } from "../harness/runTest.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { told } from "../harness/vault.ts";
import {
  addressesOf,
  deployment,
  podOf,
  rangeOf,
  server,
  SLEEPER,
  statefulSet,
} from "../harness/workload.ts";
import { apply, deploy } from "../kube/deploy.ts";

/** Cluster-wide policies can hold for nodes, so they count for the paths of other tests to nodes: this file runs alone. */

const INDEX = "apps.kubernetes.io/pod-index";
const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });

it("a GlobalNetworkPolicy of Calico that allows the source by a label or an address of its own makes its twin differ", async () => {
  const { name: here, remove } = await makeNamespace("global-policy");
  onTestFinished(remove);
  const asleep = { namespace: here, script: SLEEPER, readinessProbe: false };
  await deploy(
    kubectl,
    [
      JSON.stringify(statefulSet({ ...asleep, name: "db" })),
      ...["legacy", "monitor"].map((name) => JSON.stringify(deployment({ ...asleep, name }))),
      ...["shop", "bank"].map((name) => server({ namespace: here, name })),
    ].join("\n---\n"),
  );
  const guard = (app: string, source: object) =>
    calicoPolicy(
      "GlobalNetworkPolicy",
      { name: `${here}-${app}` },
      { selector: `app == "${app}"`, namespaceSelector: `projectcalico.org/name == "${here}"`, source },
    );
  const nets = (await addressesOf(here, await podOf(here, "legacy"))).map(rangeOf);
  await apply(
    kubectl,
    [guard("shop", { selector: `${INDEX} in {"0"} || app == "monitor"` }), guard("bank", { nets })].join(
      "\n---\n",
    ),
  );
  onTestFinished(async () => {
    const names = ["shop", "bank"].map((app) => `${here}-${app}`);
    await kubectl(["delete", "globalnetworkpolicies.crd.projectcalico.org", ...names]);
  });
  const tcp = { port: 8080 };
  const expectations = [
    { name: "by-label", from: pods("db"), to: pods("shop"), tcp, expect: "Denied" },
    { name: "alike", from: pods("monitor"), to: pods("shop"), tcp, expect: "Allowed" },
    { name: "by-address", from: pods("legacy"), to: pods("bank"), tcp, expect: "Denied" },
  ];
  const seen = told(await runTest({ namespace: here }, { expectations }));
  const apart = (says: string) => ({
    verdict: "Inconclusive",
    reason: "SourceNotReproducible",
    message: expect.stringContaining(
      `cannot have a twin: a cluster-wide Calico GlobalNetworkPolicy ${says}`,
    ) as unknown,
  });
  expect(seen["alike"]).toMatchObject({ verdict: "Passed", reason: "AsExpected" });
  expect([seen["by-label"], seen["by-address"]]).toEqual([
    apart(`selects by ${INDEX}`),
    apart("selects by IPv"),
  ]);
});
