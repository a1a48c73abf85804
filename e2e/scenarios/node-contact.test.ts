import { expect, it } from "vitest";

import { NO_EXPECTATION, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { until } from "../process/until.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { gateProbes } from "../faults/gate.ts";
import { itReports } from "../harness/itReports.ts";
import { interfaceDown, interfaceDownWhile } from "../faults/podInterface.ts";
import { roundsBegun } from "../harness/roundsBegun.ts";
import { probePodsIn, probeRunsOf } from "../harness/runs.ts";
import { cluster, kubectl, namespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { watchEndpoints } from "../harness/watchEndpoints.ts";
import { server } from "../harness/workload.ts";

type Probing = Readonly<Partial<Record<"rounds" | "deniedRounds" | "maxRounds", number>>>;

/** Nothing may go in or out anywhere, so that no other check can show that the source's network is up. */
const manifest = (here: string, probing: Probing = { maxRounds: 25 }): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: nobody-anywhere, namespace: ${here}}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
apiVersion: netverdict.dev/v1alpha1
kind: ConnectivityTest
metadata: {name: contact, namespace: ${here}}
spec:
  probing: ${JSON.stringify(probing)}
  expectations:
    - name: hermit-never-calls-vault
      from: {podSelector: {matchLabels: {app: hermit}}}
      to: {service: {name: vault}}
      http: {port: 80}
      expect: Denied
`;

async function withServers(purpose: string): Promise<string> {
  const here = await namespace(purpose);
  const servers = ["hermit", "vault"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  return here;
}

/** A closed namespace whose test has just begun. */
async function begin(purpose: string): Promise<string> {
  const here = await withServers(purpose);
  await apply(kubectl, manifest(here));
  return here;
}

/** The same with its probe pod there, which does not start before the gate is open: until then its node has not reached it. */
async function beginGated(purpose: string, probing?: Probing) {
  const here = await withServers(purpose);
  const gate = await gateProbes(here);
  await apply(kubectl, manifest(here, probing));
  const [node = ""] = cluster.nodes;
  return { here, gate, victim: { node, uid: (await probePod(here)).uid } };
}

/** The one probe pod of the run, as soon as it exists. */
async function probePod(here: string) {
  const first = async () => (await probePodsIn(here))[0];
  return (await until("a probe pod is there", first, { seconds: 30 })).metadata;
}

async function verdictIn(here: string) {
  const name = { namespace: here, name: "contact" };
  const test = await waitForVerdict(read, name);
  const [run] = await probeRunsOf(name);
  return { test, expectation: test.status.expectations?.[0], ...contactOf(run) };
}

/** What the run has recorded of its one probe pod; times in milliseconds since its first round. */
function contactOf(run: ProbeRun | undefined) {
  const { contact, roundsStartedAt = "" } = run?.status.pods[0] ?? {};
  const since = (time = "") => Date.parse(time) - Date.parse(roundsStartedAt);
  const asked = new Set(
    run?.spec.paths.flatMap(({ id, expectation }) => (expectation === NO_EXPECTATION ? [] : [id])),
  );
  const results = run?.status.results.filter(({ path }) => asked.has(path)) ?? [];
  const samples = results.map((result) => result.samples);
  return { address: contact?.address, first: since(contact?.first), last: since(contact?.last), samples };
}

it("a source that may reach nothing is proven by its own node, through twice the rounds", async () => {
  const here = await begin("contact");
  const { expectation, address, first, last, samples } = await verdictIn(here);
  expect(expectation).toMatchObject({ verdict: "Passed", actual: "Denied", reason: "AsExpected" });
  expect(expectation?.message).toContain("source by NodeContact");
  expect(expectation?.paths.map(({ proof }) => proof.source)).toEqual(["NodeContact", "NodeContact"]);
  expect(Math.min(...samples.map((letters) => letters.length))).toBeGreaterThanOrEqual(10);
  expect(await nodeAddresses()).toContain(address);
  expect(last - first).toBeGreaterThanOrEqual(9_000);
});

itReports(
  {
    when: "the probe pod's own network interface is down",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "SourceNotProven",
    says: "nothing proves that the probe pod's own network was up",
  },
  async () => {
    const { here, gate, victim } = await beginGated("down");
    await interfaceDown(victim);
    await gate.open();
    const { test, expectation, samples } = await verdictIn(here);
    expect(expectation?.paths.map(({ proof }) => proof.source)).toEqual(["None", "None"]);
    // It waited for a sign of life as long as there were rounds.
    expect(samples.map((letters) => letters.replaceAll("-", "").length)).toEqual([25, 25]);
    return test;
  },
);

it("rounds before the interface is up do not count", async () => {
  const probing = { rounds: 10, deniedRounds: 10, maxRounds: 50 };
  const { here, gate, victim } = await beginGated("late", probing);
  await interfaceDownWhile(victim, async () => {
    await gate.open();
    await roundsBegun(here, 4);
  });
  const { expectation, first, last, samples } = await verdictIn(here);
  expect(expectation?.message).toContain("source by NodeContact");
  expect(expectation).toMatchObject({ verdict: "Passed", actual: "Denied" });
  expect(expectation?.paths.map(({ proof }) => proof.source)).toEqual(["NodeContact", "NodeContact"]);
  expect(first).toBeGreaterThan(2_500);
  expect(last - first).toBeGreaterThanOrEqual(19_000);
  for (const letters of samples) expect(letters.length).toBeGreaterThanOrEqual(20 + Math.ceil(first / 1_000));
});

it("the kubelet's probe makes no probe pod an endpoint that is ready", async () => {
  const here = await namespace("endpoint");
  const watch = watchEndpoints(here, "hermit");
  const servers = ["hermit", "vault"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  await apply(kubectl, manifest(here));
  const { name } = await probePod(here);
  const { expectation } = await verdictIn(here);
  expect(expectation?.paths[0]?.proof.source).toBe("NodeContact");
  expect([...new Set(watch.seen().filter((endpoint) => endpoint.startsWith(`${name} `)))]).toEqual([
    `${name} ready=false`,
  ]);
  expect(watch.seen().some((endpoint) => /^hermit-.* ready=true$/.test(endpoint))).toBe(true);
});

async function nodeAddresses(): Promise<string[]> {
  const path = "{.items[*].status.addresses[*].address}";
  return (await kubectl(["get", "nodes", "-o", `jsonpath=${path}`])).split(" ");
}
