import { expect, it } from "vitest";

import { until } from "../process/until.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { OPERATOR } from "../install/installOperator.ts";
import { isRunning, probePodsIn, probeRunsOf } from "../harness/runs.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

const manifest = (here: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: vault-from-nobody, namespace: ${here}}
spec:
  podSelector: {matchLabels: {app: vault}}
  policyTypes: [Ingress]
---
apiVersion: netverdict.dev/v1alpha1
kind: ConnectivityTest
metadata: {name: restart, namespace: ${here}}
spec:
  # At least ten seconds, so that the operator is gone before the run has ended.
  probing: {interval: 2s, deniedRounds: 6, maxRounds: 20}
  expectations:
    - name: client-calls-web
      from: {podSelector: {matchLabels: {app: client}}}
      to: {service: {name: web}}
      http: {port: 80}
      expect: Allowed
    - name: client-never-calls-vault
      from: {podSelector: {matchLabels: {app: client}}}
      to: {service: {name: vault}}
      http: {port: 80}
      expect: Denied
`;

it("a run that the operator began ends once and rightly although the operator was killed in its middle", async () => {
  const here = await namespace("restart");
  const test = { namespace: here, name: "restart" };
  const servers = ["client", "web", "vault"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  await apply(kubectl, manifest(here));

  const begun = await until("a probe pod runs", () => runWithRunningPod(here), { seconds: 60 });
  await kubectl(["delete", "pods", ...OPERATOR, "--grace-period=0", "--force"]);

  const { status } = await waitForVerdict(read, test);
  const seen = (status.expectations ?? []).map(({ name, actual, verdict, message }) =>
    verdict === "Passed" ? `${name}: ${actual}` : `${name}: ${message}`,
  );
  expect(seen).toEqual(["client-calls-web: Allowed", "client-never-calls-vault: Denied"]);
  expect(status).toMatchObject({ verdict: "Passed", run: { id: begun } });
  expect(status.history?.map(({ id }) => id)).toEqual([begun]);
  await expect.poll(() => probePodsIn(here), { timeout: 30_000 }).toEqual([]);
  expect((await probeRunsOf(test)).map(({ spec }) => spec.run.id)).toEqual([begun]);
});

/** The id of the test's run as soon as one of its probe pods runs. */
async function runWithRunningPod(here: string): Promise<string | undefined> {
  const pods = await probePodsIn(here);
  if (!pods.some(isRunning)) return undefined;
  return (await probeRunsOf({ namespace: here, name: "restart" }))[0]?.spec.run.id;
}
