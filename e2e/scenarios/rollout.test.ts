import { expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { until } from "../process/until.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { isRunning, probePodsIn, probeRunsOf } from "../harness/runs.ts";
import { cluster, kubectl, namespace, read } from "../harness/scenario.ts";
import { requestRun, waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

const [near = ""] = cluster.nodes;
const far = cluster.nodes.at(-1) ?? "";

/** Only `friend` may call `vault`; everybody may call `web`. */
const manifest = (here: string, probing = "{}"): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: vault-from-friend, namespace: ${here}}
spec:
  podSelector: {matchLabels: {app: vault}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: friend}}}]}]
---
apiVersion: netverdict.dev/v1alpha1
kind: ConnectivityTest
metadata: {name: rollout, namespace: ${here}}
spec:
  maxAttempts: 1
  probing: ${probing}
  expectations:
    - name: all-call-web
      from: {podSelector: {matchExpressions: [{key: app, operator: In, values: [stranger, friend]}]}}
      to: {service: {name: web}}
      http: {port: 80}
      expect: Allowed
    - name: stranger-never-calls-vault
      from: {podSelector: {matchLabels: {app: stranger}}}
      to: {service: {name: vault}}
      http: {port: 80}
      expect: Denied
    - name: friend-calls-vault
      from: {podSelector: {matchLabels: {app: friend}}}
      to: {service: {name: vault}}
      http: {port: 80}
      expect: Allowed
`;

async function shop(): Promise<string> {
  const here = await namespace("rollout");
  const on = (name: string, node: string) => server({ namespace: here, name, node });
  const servers = [on("stranger", near), on("friend", near), on("web", far), on("vault", far)];
  await deploy(kubectl, servers.join("\n---\n"));
  return here;
}

const nameOf = (here: string) => ({ namespace: here, name: "rollout" });

/** Every pod of the target is replaced at once: the old ones are gone before the new ones are there. */
async function restartVault(here: string): Promise<void> {
  const inHere = `--namespace=${here}`;
  await kubectl(["delete", "pods", "--selector=app=vault", inHere, "--wait=false"]);
}

const rolledOut = (here: string) =>
  kubectl(["rollout", "status", "deployment/vault", `--namespace=${here}`, "--timeout=60s"]);

const reported = ({ status }: ConnectivityTest) =>
  Object.fromEntries(
    (status.expectations ?? []).map(({ name, verdict, reason, message, paths }) => [
      name,
      { verdict, reason, message, paths },
    ]),
  );

/** What the run of the test's verdict recorded of the target's pods. The run before it may still be there. */
async function changesOf({ metadata, status }: ConnectivityTest) {
  const runs = await probeRunsOf(metadata);
  const run = runs.find(
    ({
      spec: {
        run: { id, followUp },
      },
    }) => id === status.run?.id && followUp !== true,
  );
  return run?.status.targets?.changes.map(({ change }) => change);
}

async function expectGreenAgain(here: string): Promise<void> {
  await rolledOut(here);
  await requestRun(kubectl, nameOf(here), "afterwards");
  const test = await waitForVerdict(read, nameOf(here), { token: "afterwards" });
  expect(test.status.message).toBe("3 of 3 expectations hold");
  expect(test.status.verdict).toBe("Passed");
  expect(await changesOf(test)).toEqual([]);
}

it("a target that is replaced before the first round proves nothing, and is no failure of who may reach it", async () => {
  const here = await shop();
  await apply(kubectl, manifest(here));
  await until("the run is planned", async () => (await probeRunsOf(nameOf(here)))[0], {
    seconds: 60,
  });
  await restartVault(here);

  const test = await waitForVerdict(read, nameOf(here));
  const seen = reported(test);
  expect(seen).toMatchObject({
    "all-call-web": { verdict: "Passed" },
    "stranger-never-calls-vault": { verdict: "Inconclusive", reason: "TargetChanged" },
    "friend-calls-vault": { verdict: "Inconclusive", reason: "TargetChanged" },
  });
  expect(seen["friend-calls-vault"]?.message).toMatch(/vault-\S+ existed when the run was planned/);
  expect(await changesOf(test)).toContain("Gone");
  await expectGreenAgain(here);
});

it("a target that is replaced while the rounds run proves nothing, and fails no path that is open", async () => {
  const here = await shop();
  // At least seven seconds, so that the rollout comes before the run has ended.
  await apply(kubectl, manifest(here, "{deniedRounds: 8, maxRounds: 20}"));
  const runs = async () => (await probePodsIn(here)).some(isRunning) || undefined;
  await until("a probe pod runs", runs, { seconds: 60 });
  await restartVault(here);

  const test = await waitForVerdict(read, nameOf(here));
  const seen = reported(test);
  expect(seen["stranger-never-calls-vault"]).toMatchObject({
    verdict: "Inconclusive",
    reason: "TargetChanged",
  });
  const paths = seen["stranger-never-calls-vault"]?.paths ?? [];
  expect(paths.map(({ verdict, proof }) => `${verdict} ${proof.target}`)).toEqual([
    "Inconclusive None",
    "Inconclusive None",
  ]);
  expect(seen["friend-calls-vault"]?.verdict).not.toBe("Failed");
  expect(await changesOf(test)).toContain("Gone");
  await expectGreenAgain(here);
});
