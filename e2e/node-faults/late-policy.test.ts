import { afterAll, beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { felix } from "../faults/component.ts";
import { itReports } from "../harness/itReports.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { roundsBegun } from "../harness/roundsBegun.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { expectationStatusOf } from "../harness/expectationStatus.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

const expectations = [
  expectationToward("web", "Denied"),
  expectationToward("vault", "Denied"),
  expectationToward("web", "Allowed"),
  expectationToward("vault", "Allowed"),
];

/** So many rounds of the patient run begin while nothing connects its probe pod. */
const CLOSED_ROUNDS = 8;

/** The run that ended while felix still stood still, and the one that had rounds left when it went on. */
let hasty: ConnectivityTest;
let patient: ConnectivityTest;

afterAll(felix.goOn);

// A pod that felix does not know is cut off: the plugin waits ten seconds for felix, and then lets the pod start.
beforeAll(async () => {
  const { name: namespace, remove } = await makeNamespace("late-policy");
  const servers = ["client", "web", "vault"].map((name) => server({ namespace, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  const vault = { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] };
  await apply(kubectl, networkPolicy({ namespace, name: "vault" }, vault));
  await felix.stop();
  const probing = { deniedRounds: 4, maxRounds: 8 };
  const spec = { expectations, ipFamilies: ["IPv4"] };
  await declare({ namespace, name: "hasty" }, { ...spec, probing });
  hasty = await waitForVerdict(read, { namespace, name: "hasty" });
  await declare({ namespace, name: "patient" }, { ...spec, probing: { ...probing, maxRounds: 40 } });
  await roundsBegun(namespace, CLOSED_ROUNDS);
  await felix.goOn();
  patient = await waitForVerdict(read, { namespace, name: "patient" });
  return remove;
});

itReports(
  {
    when: "the network of the probe pod is never programmed",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "SourceNotProven",
    says: "nothing proves that the probe pod's own network was up",
  },
  async () => hasty,
);

itReports(
  {
    when: "the network of the probe pod is never programmed",
    expect: "Allowed",
    verdict: "Inconclusive",
    reason: "SourceNotProven",
    says: "nothing proves that the probe pod's own network was up",
    expectation: "web-allowed",
  },
  async () => hasty,
);

itReports(
  {
    when: "the network of the probe pod is programmed some seconds late, and then the path is open",
    expect: "Denied",
    verdict: "Failed",
    reason: "Open",
    says: /The path was closed for the first \d+ s of the pod's life/,
  },
  async () => patient,
);

itReports(
  {
    when: "the network of the probe pod is programmed some seconds late, and then a policy blocks the path",
    expect: "Allowed",
    verdict: "Failed",
    reason: "Blocked",
    expectation: "vault-allowed",
  },
  async () => patient,
);

it("a probe pod that nothing connects passes no expectation", () => {
  const verdicts = hasty.status.expectations?.map(({ name, verdict }) => `${name}: ${verdict}`);
  expect(verdicts).toEqual(expectations.map(({ name }) => `${name}: Inconclusive`));
});

it("what passes once the network is programmed depends on proofs of the source", () => {
  const [web, vault] = [
    expectationStatusOf(patient, "web-allowed"),
    expectationStatusOf(patient, "vault-denied"),
  ];
  expect([web.verdict, vault.verdict]).toEqual(["Passed", "Passed"]);
  expect(web.message).toMatch(/The path was closed for the first \d+ s of the pod's life/);
  // Each of those rounds has ended before felix goes on, or has met its silence.
  expect(web.tried).toMatch(new RegExp(`^\\.{${CLOSED_ROUNDS - 2},}C{3,}$`));
  expect(vault.tried).toMatch(/^\.+$/);
  expect(vault.proof).toMatchObject({ source: "Observed" });
});
