import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";
import { z } from "zod";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { argoRolloutsCrd } from "../cluster/argoRollouts.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { deployment, server, service } from "../harness/workload.ts";
import { readTest } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";

/**
 * A kind that is installed is installed for all tests, so this file runs alone. The kind is that of Argo Rollouts, without its
 * controller: the test creates the ReplicaSets that the Rollout owns, and writes its status.
 */

const HASH = "rollouts-pod-template-hash";
const API = "argoproj.io/v1alpha1";
const objectSchema = z.object({ metadata: z.object({ uid: z.string(), generation: z.number() }) });

interface Version {
  readonly hash: string;
  readonly labels: Readonly<Record<string, string>>;
}
const plain: Version = { hash: "plain", labels: {} };
const quarantined: Version = { hash: "quarantined", labels: { quarantined: "yes" } };

/** kubectl's wait fails at once on a kind without conditions, and a kind can be established some moments before it is served. */
async function installKind() {
  const crd = await readFile(await argoRolloutsCrd(), "utf8");
  const install = async (): Promise<true> => {
    await deploy(kubectl, crd);
    await kubectl(["get", "rollouts.argoproj.io", "--all-namespaces"]);
    return true;
  };
  await until("the kind Rollout is served", install, { seconds: 60, everyMs: 500 });
}

const templateOf = (here: string, labels: Readonly<Record<string, string>>) =>
  deployment({ namespace: here, name: "web", labels }).spec.template;

/** Gives the Rollout the template of this version. */
async function declareRollout(here: string, { labels }: Version) {
  const strategy = { canary: {} };
  const spec = {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    strategy,
    template: templateOf(here, labels),
  };
  const metadata = { name: "web", namespace: here };
  await apply(kubectl, JSON.stringify({ apiVersion: API, kind: "Rollout", metadata, spec }));
}

async function readRollout(here: string) {
  const text = await kubectl(["get", "rollout.argoproj.io", "web", `--namespace=${here}`, "--output=json"]);
  return objectSchema.parse(JSON.parse(text)).metadata;
}

async function report(here: string, phase: "Progressing" | "Healthy", { hash }: Version) {
  const { generation } = await readRollout(here);
  const status = { phase, observedGeneration: String(generation), currentPodHash: hash, stableRS: hash };
  const patch = `--patch=${JSON.stringify({ status })}`;
  const target = ["rollout.argoproj.io", "web", `--namespace=${here}`];
  await kubectl(["patch", ...target, "--subresource=status", "--type=merge", patch]);
}

/** The ReplicaSet of a version, with so many pods, as its owner would have created it. */
async function scale(here: string, { hash, labels }: Version, replicas: 0 | 1) {
  const { uid } = await readRollout(here);
  const own = { ...labels, [HASH]: hash };
  const ownerReferences = [{ apiVersion: API, kind: "Rollout", name: "web", uid, controller: true }];
  const name = `web-${hash}`;
  const metadata = { name, namespace: here, labels: { app: "web", ...own }, ownerReferences };
  const selector = { matchLabels: { app: "web", [HASH]: hash } };
  const spec = { replicas, selector, template: templateOf(here, own) };
  await apply(kubectl, JSON.stringify({ apiVersion: "apps/v1", kind: "ReplicaSet", metadata, spec }));
  const wait =
    replicas === 1 ? "--for=jsonpath={.status.availableReplicas}=1" : "--for=jsonpath={.status.replicas}=0";
  await kubectl(["wait", `replicaset/${name}`, wait, `--namespace=${here}`, "--timeout=60s"]);
}

/** What the controller does when the template changes from one version to another. */
async function roll(here: string, from: Version, to: Version) {
  await declareRollout(here, to);
  await report(here, "Progressing", from);
  await scale(here, to, 1);
  await scale(here, from, 0);
  await report(here, "Healthy", to);
}

/** The test once a run that a workload has started has this verdict. */
const ranAgain = (here: string, verdict: "Passed" | "Failed") =>
  until<ConnectivityTest>(
    `a run of ${here}/test that a workload has started is ${verdict}`,
    async () => {
      const seen = await readTest(read, { namespace: here, name: "test" });
      const { run, verdict: actual } = seen.status;
      if (run?.trigger !== "WorkloadChange" || actual !== verdict)
        throw new Error(JSON.stringify({ run, actual }));
      return seen;
    },
    { seconds: 150, everyMs: 1_500 },
  );

it("a test runs again by itself when an Argo Rollout that is its source and its target has replaced its pods", async () => {
  await installKind();
  const here = await namespace("argo-rollout");
  const away = { podSelector: { matchLabels: { quarantined: "yes" } }, policyTypes: ["Ingress"] };
  await declareRollout(here, plain);
  await report(here, "Healthy", plain);
  await scale(here, plain, 1);
  await deploy(
    kubectl,
    [
      server({ namespace: here, name: "client" }),
      JSON.stringify(service({ namespace: here, name: "web" })),
      networkPolicy({ namespace: here, name: "quarantine" }, away),
    ].join("\n---\n"),
  );
  const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
  const toService = (name: string) => ({ service: { name } });
  const tcp = { port: 80 };
  const first = await runTest(
    { namespace: here },
    {
      rerunOn: ["WorkloadChange"],
      ipFamilies: ["IPv4"],
      expectations: [
        { name: "client-calls-web", from: pods("client"), to: toService("web"), tcp, expect: "Allowed" },
        { name: "web-calls-client", from: pods("web"), to: toService("client"), tcp, expect: "Allowed" },
      ],
    },
  );
  expect([first.status.run?.trigger, first.status.verdict]).toEqual(["Generation", "Passed"]);
  expect(first.status.expectations?.[1]?.paths?.[0]?.from).toBe("Rollout/web");

  // The operator notices within 15 s that the kind is installed.
  await roll(here, plain, quarantined);
  const second = await ranAgain(here, "Failed");
  expect(second.status.expectations?.map(({ reason }) => reason)).toEqual(["Blocked", "AsExpected"]);

  await roll(here, quarantined, plain);
  const third = await ranAgain(here, "Passed");
  // One run for each rollout, and at most one more when the kind was noticed.
  expect(third.status.history?.length).toBeLessThanOrEqual(4);
}, 300_000);
