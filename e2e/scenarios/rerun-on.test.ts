import { expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { until } from "../process/until.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { readTest } from "../kube/connectivityTests.ts";
import { addressesOf, deployment, podOf, server, service } from "../harness/workload.ts";

const spec = {
  rerunOn: ["PolicyChange", "WorkloadChange"],
  expectations: [
    {
      name: "client-calls-web",
      from: { podSelector: { matchLabels: { app: "client" } } },
      to: { service: { name: "web" } },
      tcp: { port: 80 },
      expect: "Allowed",
    },
  ],
};
const closed = { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"] };

/** The test once a run has ended that is not this one. */
const nextRun = (here: string, { status }: ConnectivityTest) =>
  until(
    `a run of ${here}/test after ${status.run?.id}`,
    async () => {
      const seen = await readTest(read, { namespace: here, name: "test" });
      if (seen.status.run?.id === status.run?.id) throw new Error(JSON.stringify(seen.status.run));
      return seen;
    },
    { seconds: 120, everyMs: 1_500 },
  );

const toldOf = ({ status }: ConnectivityTest) => [
  status.run?.trigger,
  status.verdict,
  status.expectations?.[0]?.reason,
];

it("a test runs again by itself when a policy changes, and when pods of its target have been replaced", async () => {
  const here = await namespace("rerun");
  await deploy(
    kubectl,
    [server({ namespace: here, name: "client" }), server({ namespace: here, name: "web" })].join("\n---\n"),
  );
  const first = await runTest({ namespace: here }, spec);
  expect(toldOf(first)).toEqual(["Generation", "Passed", "AsExpected"]);

  await apply(kubectl, networkPolicy({ namespace: here, name: "closed" }, closed));
  const second = await nextRun(here, first);
  expect(toldOf(second)).toEqual(["PolicyChange", "Failed", "Blocked"]);

  await kubectl(["delete", "networkpolicy", "closed", `--namespace=${here}`]);
  const third = await nextRun(here, second);
  expect(toldOf(third)).toEqual(["PolicyChange", "Passed", "AsExpected"]);

  await kubectl(["rollout", "restart", "deployment/web", `--namespace=${here}`]);
  const fourth = await nextRun(here, third);
  expect(toldOf(fourth)).toEqual(["WorkloadChange", "Passed", "AsExpected"]);
  expect(fourth.status.history?.length).toBe(4);
});

it("a test runs again by itself when a label of a namespace opens its path, and when a Service selects other pods", async () => {
  const [here, guests] = [await namespace("trusting"), await namespace("guests")];
  await deploy(
    kubectl,
    [
      server({ namespace: here, name: "vault" }),
      server({ namespace: guests, name: "guest" }),
      server({ namespace: guests, name: "web" }),
      networkPolicy(
        { namespace: here, name: "vault-is-for-the-trusted" },
        {
          podSelector: { matchLabels: { app: "vault" } },
          policyTypes: ["Ingress"],
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { trusted: "yes" } } }] }],
        },
      ),
    ].join("\n---\n"),
  );
  const from = { podSelector: { matchLabels: { app: "guest" } } };
  const first = await runTest(
    { namespace: guests },
    {
      ipFamilies: ["IPv4"],
      rerunOn: ["PolicyChange"],
      expectations: [
        {
          name: "guests-never-reach-vault",
          from,
          to: { service: { name: "vault", namespace: here } },
          tcp: { port: 80 },
          expect: "Denied",
        },
        {
          name: "guests-reach-web",
          from,
          to: { service: { name: "web" } },
          tcp: { port: 80 },
          expect: "Allowed",
        },
      ],
    },
  );
  expect(toldOf(first)).toEqual(["Generation", "Passed", "AsExpected"]);

  await kubectl(["label", "namespace", guests, "trusted=yes"]);
  const second = await nextRun(guests, first);
  expect(toldOf(second)).toEqual(["PolicyChange", "Failed", "Open"]);

  await kubectl([
    "patch",
    "service",
    "web",
    `--namespace=${guests}`,
    "--type=json",
    '--patch=[{"op":"replace","path":"/spec/selector","value":{"app":"guest"}}]',
  ]);
  const third = await nextRun(guests, second);
  expect(third.status.run?.trigger).toBe("PolicyChange");
});

it("a test runs again by itself when a user labels a running pod of its target, and not when that pod is replaced by an equal one", async () => {
  const here = await namespace("relabelled");
  await deploy(
    kubectl,
    [
      server({ namespace: here, name: "client" }),
      server({ namespace: here, name: "web" }),
      networkPolicy(
        { namespace: here, name: "quarantine" },
        { podSelector: { matchLabels: { quarantined: "yes" } }, policyTypes: ["Ingress"] },
      ),
    ].join("\n---\n"),
  );
  const first = await runTest({ namespace: here }, { ...spec, rerunOn: ["PolicyChange"] });
  expect(toldOf(first)).toEqual(["Generation", "Passed", "AsExpected"]);

  await kubectl(["delete", "pod", "--selector=app=web", `--namespace=${here}`]);
  await kubectl(["rollout", "status", "deployment/web", `--namespace=${here}`, "--timeout=90s"]);
  await kubectl(["label", "pod", "--selector=app=web", `--namespace=${here}`, "quarantined=yes"]);
  const second = await nextRun(here, first);
  expect(toldOf(second)).toEqual(["PolicyChange", "Failed", "Blocked"]);
  // A run for the replaced pod would be the second of three.
  expect(second.status.history?.length).toBe(2);

  await kubectl(["label", "pod", "--selector=app=web", `--namespace=${here}`, "quarantined-"]);
  const third = await nextRun(here, second);
  expect(toldOf(third)).toEqual(["PolicyChange", "Passed", "AsExpected"]);
});

it("a test runs again by itself when another pod or address gets behind its Service, and not when its pods are replaced by equal ones", async () => {
  const here = await namespace("endpoints");
  const { spec: ports, ...web } = service({ namespace: here, name: "web" });
  await deploy(
    kubectl,
    [
      server({ namespace: here, name: "client" }),
      JSON.stringify(deployment({ namespace: here, name: "web", labels: { tier: "front" } })),
      JSON.stringify(deployment({ namespace: here, name: "canary" })),
      JSON.stringify({ ...web, spec: { ...ports, selector: { tier: "front" } } }),
      networkPolicy(
        { namespace: here, name: "canary" },
        { podSelector: { matchLabels: { app: "canary" } }, policyTypes: ["Ingress"] },
      ),
    ].join("\n---\n"),
  );
  const first = await runTest(
    { namespace: here },
    { ...spec, ipFamilies: ["IPv4"], rerunOn: ["PolicyChange"] },
  );
  expect(toldOf(first)).toEqual(["Generation", "Passed", "AsExpected"]);

  await kubectl(["rollout", "restart", "deployment/web", `--namespace=${here}`]);
  await kubectl(["rollout", "status", "deployment/web", `--namespace=${here}`, "--timeout=90s"]);
  await kubectl(["label", "pod", "--selector=app=canary", `--namespace=${here}`, "tier=front"]);
  const second = await nextRun(here, first);
  expect(toldOf(second)).toEqual(["PolicyChange", "Failed", "Blocked"]);
  // A run for the replaced pods would be the second of three.
  expect(second.status.history?.length).toBe(2);

  const addresses = await addressesOf(here, await podOf(here, "canary"));
  const address = addresses.find((one) => !one.includes(":"));
  const hasCanary = ({ status }: ConnectivityTest) =>
    status.expectations?.[0]?.paths?.some((path) => path.address === `${address}:8080`) === true;
  await kubectl(["label", "pod", "--selector=app=canary", `--namespace=${here}`, "tier-"]);
  const relabelled = await nextRun(here, second);
  // The labels of the pod change before the EndpointSlice. On a busy machine a run starts in between, and the change of the
  // EndpointSlice starts another one.
  const third = hasCanary(relabelled) ? await nextRun(here, relabelled) : relabelled;
  expect(toldOf(third)).toEqual(["PolicyChange", "Passed", "AsExpected"]);
  expect(hasCanary(third)).toBe(false);

  await apply(
    kubectl,
    JSON.stringify({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "by-hand", namespace: here, labels: { "kubernetes.io/service-name": "web" } },
      addressType: "IPv4",
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      endpoints: [{ addresses: [address] }],
    }),
  );
  const fourth = await nextRun(here, third);
  expect(toldOf(fourth).slice(0, 2)).toEqual(["PolicyChange", "Failed"]);
  expect(hasCanary(fourth)).toBe(true);
}, 300_000);
