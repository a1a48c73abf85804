import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { calicoPolicy } from "../harness/calicoPolicy.ts";
import { itReports, type ExpectedReport } from "../harness/itReports.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { told } from "../harness/vault.ts";
import {
  addressesOf,
  connects,
  deployment,
  podOf,
  rangeOf,
  server,
  service,
  SLEEPER,
  statefulSet,
} from "../harness/workload.ts";
import { apply, deploy } from "../kube/deploy.ts";

const INDEX = "apps.kubernetes.io/pod-index";

/**
 * Policies that let a source in and not its twin: by a label of one pod, and by the source's address. The source itself
 * reaches every target here, so a verdict Passed on a denial would be wrong.
 */
const byIndex = {
  namespaceSelector: {},
  podSelector: { matchLabels: { app: "db", [INDEX]: "0" } },
};
const onlyFrom = (app: string, from: readonly object[]) => ({
  podSelector: { matchLabels: { app } },
  policyTypes: ["Ingress"],
  ingress: [{ from }],
});

const get = async (...args: string[]) => (await kubectl(["get", ...args])).trim();
const clusterIp = (namespace: string, name: string) =>
  get("service", name, `--namespace=${namespace}`, "--output=jsonpath={.spec.clusterIP}");

/** A Service without a selector, whose one endpoint is an address that a person wrote. */
function byHand(namespace: string, name: string, address: string): string {
  const { spec, ...object } = service({ namespace, name });
  const { ports } = spec;
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { namespace, name, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080 }],
    endpoints: [{ addresses: [address] }],
  };
  return [{ ...object, spec: { ports } }, slice].map((one) => JSON.stringify(one)).join("\n---\n");
}

let byLabel: ConnectivityTest;
let byAddress: ConnectivityTest;

beforeAll(async () => {
  const { name: here, remove } = await makeNamespace("compared");
  const other = await makeNamespace("compared-vault");
  const elsewhere = other.name;
  const asleep = { namespace: here, script: SLEEPER, readinessProbe: false };
  await deploy(
    kubectl,
    [
      JSON.stringify(statefulSet({ ...asleep, name: "db" })),
      ...["legacy", "monitor"].map((name) => JSON.stringify(deployment({ ...asleep, name }))),
      ...["vault", "ldap", "mail", "web"].map((name) => server({ namespace: here, name })),
      server({ namespace: elsewhere, name: "vault" }),
    ].join("\n---\n"),
  );
  const [sources, vault] = await Promise.all([
    podOf(here, "legacy").then((pod) => addressesOf(here, pod)),
    podOf(here, "vault").then((pod) => addressesOf(here, pod)),
  ]);
  const [vaultPod = ""] = vault;
  await apply(
    kubectl,
    [
      byHand(here, "by-hand", vaultPod),
      networkPolicy(
        { namespace: here, name: "vault" },
        onlyFrom("vault", [byIndex, { podSelector: { matchLabels: { app: "monitor" } } }]),
      ),
      networkPolicy({ namespace: elsewhere, name: "vault" }, onlyFrom("vault", [byIndex])),
      networkPolicy(
        { namespace: here, name: "ldap-white-list" },
        onlyFrom(
          "ldap",
          sources.map((address) => ({ ipBlock: { cidr: rangeOf(address) } })),
        ),
      ),
      calicoPolicy(
        "NetworkPolicy",
        { namespace: here, name: "default.mail" },
        { selector: 'app == "mail"', source: { selector: `app == "db" && ${INDEX} == "0"` } },
      ),
      networkPolicy(
        { namespace: here, name: "web" },
        onlyFrom("web", [{ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0" } }]),
      ),
    ].join("\n---\n"),
  );
  const [near, far] = await Promise.all([clusterIp(here, "vault"), clusterIp(elsewhere, "vault")]);
  await connects(here, "db-0", [near, 80]);
  await connects(here, "db-0", [far, 80]);
  await connects(here, "db-0", [await clusterIp(here, "mail"), 80]);
  await connects(here, await podOf(here, "legacy"), [await clusterIp(here, "ldap"), 80]);

  const from = (app: string) => ({ from: { podSelector: { matchLabels: { app } } } });
  const denied = { ...from("db"), tcp: { port: 80 }, expect: "Denied" };
  [byLabel, byAddress] = await Promise.all([
    runTest(
      { namespace: here, name: "by-label" },
      {
        ipFamilies: ["IPv4"],
        expectations: [
          { ...denied, name: "by-ip", to: { ip: near } },
          { ...denied, name: "calico", to: { service: { name: "mail" } } },
          { ...denied, name: "by-name", to: { host: `vault.${here}.svc.cluster.local.` } },
          { ...denied, name: "by-hand", to: { service: { name: "by-hand" } } },
          { ...denied, name: "elsewhere", to: { ip: far } },
          { ...denied, name: "elsewhere-by-name", to: { host: `vault.${elsewhere}.svc.cluster.local.` } },
          { ...from("db"), name: "by-server", dns: { name: "db.", server: vaultPod }, expect: "Denied" },
          { ...denied, name: "db-to-web", to: { service: { name: "web" } }, expect: "Allowed" },
          { ...from("monitor"), name: "alike", to: { ip: near }, tcp: { port: 80 }, expect: "Allowed" },
        ],
      },
    ),
    runTest(
      { namespace: here, name: "by-address" },
      {
        expectations: [
          { ...from("legacy"), name: "denied", to: pods("ldap"), tcp: { port: 8080 }, expect: "Denied" },
          { ...from("legacy"), name: "allowed", to: pods("ldap"), tcp: { port: 8080 }, expect: "Allowed" },
          { ...from("legacy"), name: "alike", to: pods("web"), tcp: { port: 8080 }, expect: "Allowed" },
        ],
      },
    ),
  ]);
  return async () => {
    await Promise.all([remove(), other.remove()]);
  };
});

const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });

interface Told extends Pick<ExpectedReport, "when" | "says"> {
  readonly expectation: string;
  readonly expect?: ExpectedReport["expect"];
  readonly of?: () => ConnectivityTest;
}

const reports = ({ expect: wanted = "Denied", of = () => byLabel, ...report }: Told) =>
  itReports(
    { ...report, expect: wanted, verdict: "Inconclusive", reason: "SourceNotReproducible" },
    async () => of(),
  );

const byIndexOf = (policy: string) => `StatefulSet/db cannot have a twin: ${policy} selects by ${INDEX}`;
const byAddressOf = "Deployment/legacy cannot have a twin: NetworkPolicy ldap-white-list selects by IPv";

reports({
  expectation: "by-ip",
  when: `the target is named by its cluster address, and its policy allows the source by ${INDEX}`,
  says: byIndexOf("NetworkPolicy vault"),
});
reports({
  expectation: "by-name",
  when: `the target is named by its DNS name, and its policy allows the source by ${INDEX}`,
  says: byIndexOf("NetworkPolicy vault"),
});
reports({
  expectation: "by-hand",
  when: `the target is a Service whose EndpointSlice was written by hand, and the policy of the pod at that address allows the source by ${INDEX}`,
  says: byIndexOf("NetworkPolicy vault"),
});
reports({
  expectation: "calico",
  when: `a NetworkPolicy of Calico's own kind allows the source by ${INDEX}`,
  says: byIndexOf("Calico NetworkPolicy default.mail"),
});
reports({
  expectation: "by-server",
  when: `the target is a name server, and its policy allows the source by ${INDEX}`,
  says: byIndexOf("NetworkPolicy vault"),
});
reports({
  expectation: "elsewhere",
  when: `the target is a cluster address of a namespace that the test does not name, and a policy there allows the source by ${INDEX}`,
  says: byIndexOf("a NetworkPolicy of another namespace"),
});
reports({
  expectation: "elsewhere-by-name",
  when: `the target is a DNS name that leads to a namespace that the test does not name, and a policy there allows the source by ${INDEX}`,
  says: byIndexOf("a NetworkPolicy of another namespace"),
});
reports({
  expectation: "denied",
  when: "a policy allows the source by its address, which its twin does not have",
  says: byAddressOf,
  of: () => byAddress,
});
reports({
  expectation: "allowed",
  when: "a policy allows the source by its address, which its twin does not have, and the path is to be open",
  says: byAddressOf,
  expect: "Allowed",
  of: () => byAddress,
});

it("a source whose policies treat it and its twin alike is tested as ever", () => {
  const message: unknown = expect.stringContaining("open");
  const passed = { verdict: "Passed", reason: "AsExpected", message };
  const [labels, addresses] = [told(byLabel), told(byAddress)];
  const alike = [labels["alike"], labels["db-to-web"], addresses["alike"]];
  // Each as a whole, so that a failure shows the message.
  expect(alike).toEqual([passed, passed, passed]);
});
