import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { roundsBegun } from "../harness/roundsBegun.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { expectationStatusOf } from "../harness/expectationStatus.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

/** Nobody may call it. */
const closed = (here: string, app: string) =>
  networkPolicy(
    { namespace: here, name: app },
    { podSelector: { matchLabels: { app } }, policyTypes: ["Ingress"] },
  );

let test: ConnectivityTest;

/** Long enough that nothing has settled when the policies change, after four rounds. */
const probing = { rounds: 10, deniedRounds: 10, maxRounds: 30 };

beforeAll(async () => {
  const { name: here, remove } = await makeNamespace("settled-policy");
  const servers = ["client", "web", "shut", "freed"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  await apply(kubectl, closed(here, "freed"));
  const expectations = [
    expectationToward("web", "Allowed"),
    expectationToward("shut", "Denied"),
    expectationToward("shut", "Allowed"),
    expectationToward("freed", "Denied"),
    expectationToward("freed", "Allowed"),
  ];
  await declare({ namespace: here }, { expectations, probing, ipFamilies: ["IPv4"] });
  await roundsBegun(here, 4);
  await Promise.all([
    apply(kubectl, closed(here, "shut")),
    kubectl(["delete", "networkpolicy", "freed", `--namespace=${here}`]),
  ]);
  test = await waitForVerdict(read, { namespace: here, name: "test" });
  return remove;
});

itReports(
  {
    when: "a policy that is applied four seconds after the first attempt",
    expect: "Allowed",
    verdict: "Failed",
    reason: "Blocked",
    says: /The path was open for the first \d+ s of the pod's life/,
    expectation: "shut-allowed",
  },
  async () => test,
);

itReports(
  {
    when: "a policy that is removed four seconds after the first attempt",
    expect: "Denied",
    verdict: "Failed",
    reason: "Open",
    says: /The path was closed for the first \d+ s of the pod's life/,
    expectation: "freed-denied",
  },
  async () => test,
);

it.each([
  // The fourth attempt may only just have begun when the policy came.
  { name: "shut-denied", was: "open", rounds: /^C{3,}\.{10,}$/ },
  // Of the first four attempts some were still under way when the policy went, and may have got through.
  { name: "freed-allowed", was: "closed", rounds: /^\.+C{10,}$/ },
])(
  "$name passes as it has settled, and the message reports that it was $was at first",
  ({ name, was, rounds }) => {
    const { verdict, message, tried, settledAfter = "" } = expectationStatusOf(test, name);
    expect(tried).toMatch(rounds);
    expect(verdict).toBe("Passed");
    expect(message).toContain(
      `The path was ${was} for the first ${settledAfter.replace("s", " s")} of the pod's life`,
    );
  },
);
