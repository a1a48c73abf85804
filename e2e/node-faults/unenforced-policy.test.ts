import { expect, onTestFinished } from "vitest";

import { apply, deploy } from "../kube/deploy.ts";
import { felix } from "../faults/component.ts";
import { itReports } from "../harness/itReports.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { roundsBegun } from "../harness/roundsBegun.ts";
import { probeRunsOf } from "../harness/runs.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { expectationStatusOf } from "../harness/expectationStatus.ts";
import { requestRun, waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

// Ten rounds, most of which follow the policy.
const spec = {
  expectations: [
    {
      name: "vault",
      from: { podSelector: { matchLabels: { app: "client" } } },
      to: { podSelector: { matchLabels: { app: "vault" } } },
      tcp: { port: 8080 },
      expect: "Denied",
    },
  ],
  probing: { rounds: 10 },
  ipFamilies: ["IPv4"],
};

itReports(
  {
    when: "a policy exists, and no engine enforces it",
    expect: "Denied",
    verdict: "Failed",
    reason: "Open",
    says: "no policy blocks it",
  },
  async () => {
    const here = await namespace("unenforced");
    const test = { namespace: here, name: "test" };
    const servers = ["client", "vault"].map((name) => server({ namespace: here, name }));
    await deploy(kubectl, servers.join("\n---\n"));
    // felix knows the probe pod by then: one that it does not know would be cut off.
    await declare(test, spec);
    await roundsBegun(here, 1);
    onTestFinished(felix.goOn);
    await felix.stop();
    const nobody = { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] };
    await apply(kubectl, networkPolicy({ namespace: here, name: "vault" }, nobody));
    const appliedAt = Date.now();
    const judged = await waitForVerdict(read, test);

    const [run] = await probeRunsOf(test);
    const startedAt = Date.parse(run?.status.pods[0]?.roundsStartedAt ?? "");
    const { samples } = expectationStatusOf(judged, "vault");
    expect(samples).toMatch(/^C[C-]+C$/);
    expect(startedAt + 1_000 * (samples.length - 1) - appliedAt).toBeGreaterThan(3_000);

    // The same policy does close the path as soon as somebody enforces it.
    await felix.goOn();
    await requestRun(kubectl, test, "enforced");
    const enforced = await waitForVerdict(read, test, { token: "enforced" });
    expect(expectationStatusOf(enforced, "vault")).toMatchObject({ verdict: "Passed", actual: "Denied" });
    return judged;
  },
);
