import { beforeAll, describe, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { API_VERSION, PROBE_GRANT } from "../../crds/group.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { witnessRunsFor } from "../harness/runs.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { proofsOf, told } from "../harness/vault.ts";
import { addressesOf, deployment, podOf, server, service } from "../harness/workload.ts";

/**
 * The tests are in `shop`. No pod of the other namespace may be called. `vault` is behind a Service there, and `treasure` is not, but
 * is granted. Both listen on port 8080 alone.
 */
let shop: string;
let other: string;
let vaultAddress: string;
let treasureAddress: string;

const app = (name: string) => ({ podSelector: { matchLabels: { app: name } } });
const from = app("client");
const denied = (name: string, to: object, port: number) => ({
  name,
  from,
  to,
  tcp: { port },
  expect: "Denied",
});
/** It has the network of the client proven, whatever else the test has. */
const alive = { name: "alive", from, to: app("web"), tcp: { port: 8080 }, expect: "Allowed" };

/** Lets the tests of `shop` select `treasure` by its labels. */
function grant(): string {
  const metadata = { name: "shop", namespace: other };
  const spec = { to: [{ namespace: shop }], targets: app("treasure") };
  return JSON.stringify({ apiVersion: API_VERSION, kind: PROBE_GRANT.kind, metadata, spec });
}

/** A Service of the test's own namespace, and the slice of its endpoints, written by hand. */
function byHand(namespace: string, address: string): string {
  const { spec, ...base } = service({ namespace, name: "by-hand" });
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "by-hand", namespace, labels: { "kubernetes.io/service-name": "by-hand" } },
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
  return [{ ...base, spec: { ports: spec.ports } }, slice]
    .map((object) => JSON.stringify(object))
    .join("\n---\n");
}

const ipv4 = async (name: string) => {
  const addresses = await addressesOf(other, await podOf(other, name));
  return addresses.find((address) => address.includes(".")) ?? "";
};

beforeAll(async () => {
  const made = await Promise.all(["shop", "vault"].map((purpose) => makeNamespace(purpose)));
  [shop = "", other = ""] = made.map(({ name }) => name);
  await deploy(
    kubectl,
    [
      server({ namespace: shop, name: "client" }),
      server({ namespace: shop, name: "web" }),
      server({ namespace: other, name: "vault", readinessProbe: false }),
      JSON.stringify(deployment({ namespace: other, name: "treasure", readinessProbe: false })),
      networkPolicy({ namespace: other, name: "isolated" }, { podSelector: {}, policyTypes: ["Ingress"] }),
      grant(),
    ].join("\n---\n"),
  );
  [vaultAddress, treasureAddress] = await Promise.all([ipv4("vault"), ipv4("treasure")]);
  await apply(kubectl, byHand(shop, treasureAddress));
  return async () => {
    await Promise.all(made.map(({ remove }) => remove()));
  };
});

/** What witnesses of the host network have tried for the tests of `shop`, without their links. */
async function tried(name: string): Promise<string[]> {
  const runs = (await witnessRunsFor(shop)).filter(({ spec }) => spec.test.name === name);
  const paths = runs.flatMap(({ spec }) => spec.paths).filter(({ kind }) => kind === "Address");
  return [...new Set(paths.map(({ check }) => `${check.address}:${check.port}`))].toSorted();
}

describe("a test that names a Service of another namespace", () => {
  let test: ConnectivityTest;

  beforeAll(async () => {
    const expectations = [
      alive,
      denied("service", { service: { name: "vault", namespace: other } }, 80),
      denied("open-port", { ip: treasureAddress }, 8080),
      denied("closed-port", { ip: treasureAddress }, 9),
      denied("other-port", { ip: vaultAddress }, 9),
      denied("by-hand", { service: { name: "by-hand" } }, 80),
    ];
    test = await runTest({ namespace: shop, name: "scan" }, { ipFamilies: ["IPv4"], expectations });
  });

  it("passes by witnesses at its endpoints, and no witness tries anything else there", async () => {
    expect(told(test)["service"]).toMatchObject({ verdict: "Passed", reason: "AsExpected" });
    expect(proofsOf(test, "service")?.map((proof) => proof?.target)).toEqual(["Witness", "Witness"]);
    expect(await tried("scan")).toEqual([`${vaultAddress}:8080`]);
  });

  it("learns nothing of the ports of pods by their addresses, not even of a granted one", () => {
    const seen = told(test);
    const words = (name: string) =>
      seen[name]?.message.replace(/[0-9.]+:[0-9]+: \S+( \S+)*?,/, "ADDRESS,").replace(/;.*/, "");
    for (const name of ["open-port", "closed-port", "other-port", "by-hand"])
      expect(seen[name]).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven" });
    expect(seen["open-port"]?.message).toContain("nothing proves that it was up, and no witness tried it");
    expect(seen["open-port"]?.message).toContain("select it by to.podSelector with a ProbeGrant");
    expect([words("closed-port"), words("other-port")]).toEqual([words("open-port"), words("open-port")]);
  });
});

it("a ProbeGrant permits witnesses at the pods that it grants, if the test selects them by their labels", async () => {
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": other } };
  const expectations = [alive, denied("granted", { ...app("treasure"), namespaceSelector }, 8080)];
  const test = await runTest({ namespace: shop, name: "granted" }, { ipFamilies: ["IPv4"], expectations });
  expect(told(test)["granted"]).toMatchObject({ verdict: "Passed", reason: "AsExpected" });
  expect(proofsOf(test, "granted")?.map((proof) => proof?.target)).toEqual(["Witness"]);
  expect(await tried("granted")).toEqual([`${treasureAddress}:8080`]);
});
