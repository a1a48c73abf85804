import { expect, it } from "vitest";
import { z } from "zod";

import { apply, deploy } from "../kube/deploy.ts";
import { witnessRunsFor } from "../harness/runs.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

const sliceSchema = z.object({
  endpoints: z.array(z.object({ addresses: z.array(z.string()) })),
  ports: z.array(z.object({ port: z.number() })),
});

/** Where this cluster's API server itself listens, and its cluster address. */
async function apiServer() {
  const json = async (what: string): Promise<unknown> =>
    JSON.parse(await kubectl(["get", what, "kubernetes", "--namespace=default", "-o", "json"]));
  const { endpoints, ports } = sliceSchema.parse(await json("endpointslices"));
  const { spec } = z.object({ spec: z.object({ clusterIP: z.string() }) }).parse(await json("services"));
  return {
    address: endpoints[0]?.addresses[0] ?? "",
    port: ports[0]?.port ?? 0,
    clusterAddress: spec.clusterIP,
  };
}

// The API server of the test cluster listens at the address of the node that the probe runs on. The Kubernetes documentation
// promises that no policy holds between a pod and its own node, from the node to the pod; Calico and Cilium, which enforce here,
// do hold a pod's egress to its own node. A plugin that does not would make these paths Failed (Open), and rightly so.
it("who may not call the API server is proven by a witness at its very port, and at no other of its node", async () => {
  const here = await namespace("apiserver");
  const { address, port, clusterAddress } = await apiServer();
  const servers = ["client", "web"].map((name) => server({ namespace: here, name }));
  // The policy comes first: how soon it is in force after it was applied is the engine's business, and another scenario's.
  await deploy(kubectl, [policy(here), ...servers].join("\n---\n"));
  await apply(kubectl, manifest(here, { address, port }));

  const { status } = await waitForVerdict(read, { namespace: here, name: "apiserver" });
  const reported = (status.expectations ?? []).flatMap(({ name, reason, paths }) =>
    paths.map(({ verdict, proof: { target, link } }) =>
      [name, verdict, reason, ...(name === "web" ? [] : [target, link])].join(" "),
    ),
  );
  expect(reported).toEqual([
    "web Passed AsExpected",
    "web Passed AsExpected",
    "service Passed AsExpected Witness Observed",
    "service Passed AsExpected Witness Observed",
    "address Passed AsExpected Witness Observed",
    "kubelet Inconclusive TargetNotProven None Observed",
  ]);
  const witnesses = await witnessRunsFor(here);
  const asked = witnesses.flatMap(({ spec }) =>
    spec.paths.map(({ check }) => `${check.address}:${check.port}`),
  );
  expect(asked.toSorted()).toEqual([`${address}:${port}`, `${clusterAddress}:443`].toSorted());
});

const policy = (here: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: client-calls-pods-alone, namespace: ${here}}
spec:
  podSelector: {matchLabels: {app: client}}
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {}}]}]
`;

const manifest = (here: string, { address, port }: { address: string; port: number }): string => `
apiVersion: netverdict.dev/v1alpha1
kind: ConnectivityTest
metadata: {name: apiserver, namespace: ${here}}
spec:
  expectations:
    - name: web
      from: {podSelector: {matchLabels: {app: client}}}
      to: {service: {name: web}}
      http: {port: 80}
      expect: Allowed
    - name: service
      from: {podSelector: {matchLabels: {app: client}}}
      to: {service: {name: kubernetes, namespace: default}}
      tcp: {port: 443}
      expect: Denied
    - name: address
      from: {podSelector: {matchLabels: {app: client}}}
      to: {ip: "${address}"}
      tcp: {port: ${port}}
      expect: Denied
    - name: kubelet
      from: {podSelector: {matchLabels: {app: client}}}
      to: {ip: "${address}"}
      tcp: {port: 10250}
      expect: Denied
`;
