import { expect, onTestFinished } from "vitest";

import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { cutPodRoutes } from "../faults/podRoutes.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { far, near } from "../harness/vault.ts";
import { expectationStatusOf } from "../harness/expectationStatus.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { requestRun, waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

// The row tells of the first. Nothing but this one path goes to the other node.
const expectations = [expectationToward("vault", "Denied"), expectationToward("web", "Allowed")];

itReports(
  {
    when: "only the pods' traffic between the source's node and the target's node is dropped, as by a dead tunnel",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "LinkNotProven",
    says: `a witness's own connection between ${near} and ${far} failed as well`,
  },
  async () => {
    const here = await namespace("link-cut");
    const test = { namespace: here, name: "test" };
    const servers = [
      server({ namespace: here, name: "client", node: near }),
      server({ namespace: here, name: "web", node: near }),
      server({ namespace: here, name: "vault", node: far }),
    ];
    const nobody = { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] };
    const policy = networkPolicy({ namespace: here, name: "vault" }, nobody);
    await deploy(kubectl, [...servers, policy].join("\n---\n"));

    const again = async (token: string) => {
      await requestRun(kubectl, test, token);
      return waitForVerdict(read, test, { token });
    };
    const whole = { verdict: "Passed", proof: { target: "Witness", link: "LinkWitness" } };
    expect(
      expectationStatusOf(await runTest(test, { expectations, ipFamilies: ["IPv4"] }), "vault-denied"),
    ).toMatchObject(whole);

    const mend = await cutPodRoutes();
    onTestFinished(mend);
    const cut = await again("cut");
    expect(expectationStatusOf(cut, "vault-denied").proof).toMatchObject({
      target: "Witness",
      source: "Observed",
      link: "None",
    });
    expect(expectationStatusOf(cut, "web-allowed").verdict).toBe("Passed");

    await mend();
    expect(expectationStatusOf(await again("mended"), "vault-denied")).toMatchObject(whole);
    return cut;
  },
);
