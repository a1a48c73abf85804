import { expect, it, onTestFinished } from "vitest";

import { openCluster } from "../cluster/cluster.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { cluster, kubectl, namespace, read } from "../harness/scenario.ts";
import { expectationStatusOf } from "../harness/expectationStatus.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { deployment, server } from "../harness/workload.ts";

const expectations = [
  expectationToward("web", "Denied"),
  expectationToward("web", "Allowed"),
  expectationToward("vault", "Denied"),
  expectationToward("vault", "Allowed"),
];

/** Takes all the CPU it can get for 90 seconds, and then sleeps: it ends even if nobody ends it. */
const BURNER = `
const end = Date.now() + 90_000;
while (Date.now() < end);
setInterval(() => {}, 1000);`;

/** How many rounds settle a path that is open, and one that is closed while another check of the probe pod gets through. */
const PROBING = { rounds: 3, deniedRounds: 5, maxRounds: 10 };

/** How much of the machine all pods of the node have while they burn; the rest stays for what else runs on it. */
const PROCESSORS = 0.5;

async function burn(here: string): Promise<void> {
  const opened = await openCluster(cluster.name);
  onTestFinished(async () => opened.limitCpu(1, undefined));
  const burners = { namespace: here, name: "burner", replicas: 4, cpu: "100m", readinessProbe: false };
  await deploy(kubectl, JSON.stringify(deployment({ ...burners, script: BURNER })));
  await opened.limitCpu(1, PROCESSORS);
}

it("what a starved probe did not see is no denial", async () => {
  const here = await namespace("busy");
  const test = { namespace: here, name: "test" };
  const servers = ["client", "web", "vault"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  const nobody = { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] };
  await apply(kubectl, networkPolicy({ namespace: here, name: "vault" }, nobody));
  await burn(here);
  await declare(test, { expectations, ipFamilies: ["IPv4"], probing: PROBING });
  const judged = await waitForVerdict(read, test);

  const reported = (name: string) => expectationStatusOf(judged, name);
  const [openDenied, openAllowed] = [reported("web-denied"), reported("web-allowed")];
  const [closedDenied, closedAllowed] = [reported("vault-denied"), reported("vault-allowed")];
  // A round either saw what is there, or says nothing.
  for (const { tried } of [openDenied, openAllowed]) expect(tried).not.toMatch(/[.RU]/);
  for (const { tried } of [closedDenied, closedAllowed]) expect(tried).not.toMatch(/[AC]/);
  // And so many rounds that saw it are a verdict, fewer are none.
  const reasonOf = (tried: string, needed: number, reason: string) =>
    tried.length >= needed ? reason : "ProbeNotRun";
  const { rounds, deniedRounds } = PROBING;
  const whileOpen = openAllowed.tried === "" ? 2 * deniedRounds : deniedRounds;
  // The witness has as little CPU as the probe: what it did not see during the deciding rounds is no proof of the target.
  const ifProven = ({ proof }: typeof closedDenied, reason: string, otherwise: string) =>
    proof.target === "None" ? otherwise : reason;
  const denied = ifProven(closedDenied, "AsExpected", "TargetNotProven");
  const blocked = ifProven(closedAllowed, "Blocked", "NotReachable");
  const missed = "did not reach it during the deciding rounds";
  expect(closedDenied.message.includes(missed)).toBe(closedDenied.reason === "TargetNotProven");
  expect({
    openDenied: openDenied.reason,
    openAllowed: openAllowed.reason,
    closedDenied: closedDenied.reason,
    closedAllowed: closedAllowed.reason,
  }).toEqual({
    openDenied: reasonOf(openDenied.tried, rounds, "Open"),
    openAllowed: reasonOf(openAllowed.tried, rounds, "AsExpected"),
    closedDenied: reasonOf(closedDenied.tried, whileOpen, denied),
    closedAllowed: reasonOf(closedAllowed.tried, whileOpen, blocked),
  });
  // Not for want of a load: rounds were left out, or attempts said nothing.
  const all = [openDenied, openAllowed, closedDenied, closedAllowed];
  expect(all.map(({ samples }) => samples).join("")).toMatch(/[E-]/);
});
