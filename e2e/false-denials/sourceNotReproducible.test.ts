import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { probeRunsOf } from "../harness/runs.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { deployment, server, service, SLEEPER, statefulSet } from "../harness/workload.ts";

/**
 * Sources that no probe pod can stand for, each for a reason of its own. The policies are such that a twin would see the
 * opposite of what its source sees: it may send what `canary` may not, and may not what `db` may.
 */
function manifests(namespace: string): string[] {
  const asleep = { namespace, script: SLEEPER, readinessProbe: false };
  const peers = service({ namespace, name: "seed" });
  const { spec, ...scada } = deployment({ ...asleep, name: "scada" });
  const annotations = { "k8s.v1.cni.cncf.io/networks": JSON.stringify(PLANT) };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, annotations } };
  return [
    deployment({ ...asleep, name: "agent", hostNetwork: true }),
    deployment({ ...asleep, name: "canary" }),
    statefulSet({ ...asleep, name: "db" }),
    { ...scada, spec: { ...spec, template } },
    statefulSet({ ...asleep, name: "seed" }),
    { ...peers, spec: { ...peers.spec, clusterIP: "None", publishNotReadyAddresses: true } },
  ].map((object) => JSON.stringify(object));
}

/** A second network, which no network plugin of the test cluster reads, with the default route. */
const PLANT = [{ name: "plant", "default-route": ["192.0.2.1"] }];

const canariesSendNothing = {
  podSelector: {
    matchLabels: { app: "canary" },
    matchExpressions: [{ key: "pod-template-hash", operator: "Exists" }],
  },
  policyTypes: ["Egress"],
};
const vaultIsForTheFirstDatabase = {
  podSelector: { matchLabels: { app: "vault" } },
  ingress: [{ from: [{ podSelector: { matchLabels: { "statefulset.kubernetes.io/pod-name": "db-0" } } }] }],
  policyTypes: ["Ingress"],
};

const denied = (app: string) => ({
  name: app,
  from: { podSelector: { matchLabels: { app } } },
  to: { service: { name: "vault" } },
  tcp: { port: 80 },
  expect: "Denied",
});

let test: ConnectivityTest;

beforeAll(async () => {
  const { name: namespace, remove } = await makeNamespace("inimitable", { podSecurity: "privileged" });
  await deploy(
    kubectl,
    [
      ...manifests(namespace),
      server({ namespace, name: "vault" }),
      networkPolicy({ namespace, name: "canaries-send-nothing" }, canariesSendNothing),
      networkPolicy({ namespace, name: "vault-is-for-db-0" }, vaultIsForTheFirstDatabase),
    ].join("\n---\n"),
  );
  test = await runTest(
    { namespace },
    { expectations: ["agent", "canary", "db", "scada", "seed"].map(denied) },
  );
  return remove;
});

const says = (expectation: string, when: string, words: string) =>
  itReports(
    {
      when,
      expect: "Denied",
      verdict: "Inconclusive",
      reason: "SourceNotReproducible",
      expectation,
      says: words,
    },
    async () => test,
  );

says("agent", "the source is on the host network", "Deployment/agent runs on the host network");
says(
  "canary",
  "a policy selects the source by pod-template-hash, which its twin must not carry",
  "Deployment/canary cannot have a twin: NetworkPolicy canaries-send-nothing selects by pod-template-hash",
);
says(
  "db",
  "a policy allows the source by statefulset.kubernetes.io/pod-name, which its twin must not carry",
  "StatefulSet/db cannot have a twin: NetworkPolicy vault-is-for-db-0 selects by statefulset.kubernetes.io/pod-name",
);
says(
  "scada",
  "the source's default route leads through a second network, of which its twin must not have the same",
  "Deployment/scada cannot have a twin: the annotation k8s.v1.cni.cncf.io/networks of its pod has a default-route",
);
says(
  "seed",
  "a Service publishes the source's pods before they are ready",
  "StatefulSet/seed cannot have a twin: Service seed publishes addresses that are not ready",
);

it("no probe pod is created for a source that cannot have a twin, so that no traffic reaches one", async () => {
  const [run] = await probeRunsOf(test.metadata);
  expect(run?.spec.pods).toEqual([]);
});
