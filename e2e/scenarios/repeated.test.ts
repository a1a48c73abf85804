import { expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { API_VERSION, RUN_REQUESTED } from "../../crds/group.ts";
import { networkPolicy } from "../harness/runTest.ts";
import { isRunning, probePodsIn, probeRunsOf } from "../harness/runs.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";

/** Runs that are Inconclusive for transient reasons, with the default number of attempts. */

const from = { podSelector: { matchLabels: { app: "client" } } };
const to = (name: string) => ({ service: { name } });

function manifest(here: string, probing: object): string {
  const metadata = { name: "test", namespace: here, annotations: { [RUN_REQUESTED]: "first" } };
  const reach = { from, tcp: { port: 80 } };
  const expectations = [
    { name: "web", ...reach, to: to("web"), expect: "Allowed" },
    { name: "vault", ...reach, to: to("vault"), expect: "Denied" },
  ];
  const kind = "ConnectivityTest";
  return JSON.stringify({ apiVersion: API_VERSION, kind, metadata, spec: { probing, expectations } });
}

const nobodyReachesVault = (here: string) =>
  networkPolicy(
    { namespace: here, name: "vault" },
    { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] },
  );

const PASSED_AS_ONE_RUN = {
  verdict: "Passed",
  message: "2 of 2 expectations hold",
  lastHandledRequest: "first",
  history: [{ verdict: "Passed" }],
};

const lastAttempt = (here: string) =>
  waitForVerdict(read, { namespace: here, name: "test" }, { token: "first", seconds: 170 });

async function earlierAttemptsDeleted({ metadata, status }: ConnectivityTest): Promise<void> {
  const left = async () => {
    const runs = await probeRunsOf(metadata);
    return runs.every(({ spec }) => spec.run.id === status.run?.id) || undefined;
  };
  await until("the ProbeRuns of the earlier attempts are deleted", left, { seconds: 30 });
}

it("a test that is applied before its source passes as soon as the source runs", async () => {
  const here = await namespace("repeated");
  const targets = ["web", "vault"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, [...targets, nobodyReachesVault(here)].join("\n---\n"));
  await apply(kubectl, manifest(here, {}));
  const planned = async () => (await probeRunsOf({ namespace: here, name: "test" }))[0];
  await until("the first attempt is planned", planned, { seconds: 60 });
  await deploy(kubectl, server({ namespace: here, name: "client" }));
  const test = await lastAttempt(here);
  expect(test.status).toMatchObject(PASSED_AS_ONE_RUN);
  expect(test.status.run?.attempts).toBeGreaterThan(1);
  await earlierAttemptsDeleted(test);
});

it("a target that is replaced while the rounds run is tested again when its new pods are there", async () => {
  const here = await namespace("repeated");
  const servers = ["client", "web", "vault"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, [...servers, nobodyReachesVault(here)].join("\n---\n"));
  await apply(kubectl, manifest(here, { deniedRounds: 8, maxRounds: 20 }));
  const runs = async () => (await probePodsIn(here)).some(isRunning) || undefined;
  await until("a probe pod runs", runs, { seconds: 60 });
  await kubectl(["delete", "pods", "--selector=app=vault", `--namespace=${here}`, "--wait=false"]);
  const test = await lastAttempt(here);
  expect(test.status).toMatchObject(PASSED_AS_ONE_RUN);
  expect(test.status.run?.attempts).toBeGreaterThan(1);
  await earlierAttemptsDeleted(test);
});
