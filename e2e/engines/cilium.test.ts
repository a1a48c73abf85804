import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";

import { until } from "../process/until.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { declare, networkPolicy, runTest } from "../harness/runTest.ts";
import { probePodsIn } from "../harness/runs.ts";
import { kubectl, namespace } from "../harness/scenario.ts";
import { from, pods, told, vault, web } from "../harness/vault.ts";
import { addressesOf, connects, deployment, podOf, rangeOf, server, SLEEPER } from "../harness/workload.ts";
import { ciliumPolicies, QUEUE } from "./ciliumPolicies.ts";

const endpointSchema = z.object({
  status: z.object({ identity: z.object({ labels: z.array(z.string()) }) }),
});

/** The identity by which policies know a pod: Cilium makes one of each set of labels that count to it. */
async function identityOf(here: string, pod: string) {
  const get = ["get", `ciliumendpoints.cilium.io/${pod}`, `--namespace=${here}`, "--output=json"];
  const answer: unknown = JSON.parse(await kubectl(get));
  return endpointSchema.parse(answer).status.identity;
}

const NAMED_PORTS = "gen:io.cilium.k8s.named-ports=";

it("Cilium knows the probe pod by its source's labels, and the source by the names of its ports besides", async () => {
  const here = await namespace("identity");
  const labels = { tier: "front", "app.kubernetes.io/version": "7" };
  const servers = [
    server({ namespace: here, name: "client", labels }),
    server({ namespace: here, name: "web" }),
  ];
  await deploy(kubectl, servers.join("\n---\n"));
  await declare(
    { namespace: here },
    { expectations: [web], probing: { rounds: 10, deniedRounds: 10, maxRounds: 30 } },
  );
  const probe = async () => {
    const [pod] = await probePodsIn(here);
    return pod === undefined ? undefined : identityOf(here, pod.metadata.name);
  };
  const twin = await until("the probe pod has an identity", probe, { seconds: 60, everyMs: 500 });
  const [, source = ""] = (await podOf(here, "client")).split("/");
  const { labels: known } = await identityOf(here, source);
  // No rule can ask for what Cilium notes of ports, which are of use at a target alone.
  expect(known.filter((label) => !twin.labels.includes(label))).toEqual([`${NAMED_PORTS}http.TCP.8080`]);
  expect(twin.labels.filter((label) => !known.includes(label))).toEqual([]);
  expect(twin.labels).toContain("k8s:tier=front");
});

// The kubelet reaches pods from the address of cilium_host, which is one of the pods' range: decision 7 does not count it.
it("a source that only its node can reach is not proven, and its denials never pass", async () => {
  const here = await namespace("closed");
  const servers = ["client", "vault"].map((name) => server({ namespace: here, name }));
  const nobody = networkPolicy(
    { namespace: here, name: "nobody" },
    { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  );
  await deploy(kubectl, [...servers, nobody].join("\n---\n"));
  const { vault: seen } = told(await runTest({ namespace: here }, { expectations: [{ ...vault, from }] }));
  expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "SourceNotProven" });
  expect(seen?.message).toContain("Add an expectation that allows this source to reach a pod");
});

it("policies of Cilium's own kinds that treat a source and its twin differently, by labels or by addresses, make no verdict pass", async () => {
  const here = await namespace("cilium-kinds");
  const asleep = { namespace: here, script: SLEEPER, readinessProbe: false };
  const queued = (name: string) => deployment({ ...asleep, name, labels: { [QUEUE]: "nightly" } });
  await deploy(
    kubectl,
    [
      ...[queued("batch"), queued("outbound")].map((one) => JSON.stringify(one)),
      ...["legacy", "monitor"].map((name) => JSON.stringify(deployment({ ...asleep, name }))),
      ...["vault", "mail", "ldap", "web"].map((name) => server({ namespace: here, name })),
    ].join("\n---\n"),
  );
  const addressOf = async (app: string) => {
    const [address = ""] = await addressesOf(here, await podOf(here, app));
    return address;
  };
  const ranges = (await addressesOf(here, await podOf(here, "legacy"))).map(rangeOf);
  const policies = ciliumPolicies({ namespace: here, ranges });
  onTestFinished(async () => {
    await kubectl(["delete", `ciliumclusterwidenetworkpolicies.cilium.io/${here}-mail`]);
  });
  await apply(kubectl, policies.map((policy) => JSON.stringify(policy)).join("\n---\n"));
  // Cilium stops the source that has a policy of its own, and lets in the others themselves.
  const reaches = async (app: string, target: string) =>
    connects(here, await podOf(here, app), [await addressOf(target), 8080]);
  await until(
    "outbound reaches no pod",
    async () =>
      reaches("outbound", "web").then(
        () => undefined,
        () => true,
      ),
    { seconds: 30, everyMs: 500 },
  );
  await reaches("batch", "vault");
  await reaches("batch", "mail");

  const path = (app: string, target: string, expected: "Allowed" | "Denied") => ({
    name: `${app}-${target}`,
    from: pods(app),
    to: pods(target),
    tcp: { port: 8080 },
    expect: expected,
  });
  const seen = told(
    await runTest(
      { namespace: here },
      {
        ipFamilies: ["IPv4"],
        expectations: [
          path("batch", "vault", "Denied"),
          path("batch", "mail", "Denied"),
          path("legacy", "ldap", "Denied"),
          path("outbound", "web", "Allowed"),
          path("monitor", "vault", "Allowed"),
          path("batch", "web", "Allowed"),
        ],
      },
    ),
  );
  const apart = (policy: string, by: string) => ({
    verdict: "Inconclusive",
    reason: "SourceNotReproducible",
    message: expect.stringContaining(`cannot have a twin: ${policy} selects by ${by}`) as unknown,
  });
  expect(seen).toMatchObject({
    "batch-vault": apart("CiliumNetworkPolicy vault", QUEUE),
    "batch-mail": apart("a cluster-wide CiliumClusterwideNetworkPolicy", QUEUE),
    // Cilium compares no pod with addresses. Pods that it does not manage are an exception, so the reading is cautious.
    "legacy-ldap": apart("CiliumNetworkPolicy ldap", "IPv4 address"),
    "outbound-web": apart("CiliumNetworkPolicy outbound", QUEUE),
    "monitor-vault": { verdict: "Passed" },
    "batch-web": { verdict: "Passed" },
  });
});
