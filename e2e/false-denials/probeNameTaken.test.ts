import { podName, runId } from "../../operator/planning/names.ts";
import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { declare } from "../harness/runTest.ts";
import { clientNeverReachesVault, openVault } from "./probeCases.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { readTest, waitForVerdict } from "../kube/connectivityTests.ts";
import { deployment } from "../harness/workload.ts";

const expectations = [clientNeverReachesVault];

/** The name of the probe pod that the test's next generation will have: it follows from what everybody can read. */
async function nextProbePod(here: string): Promise<string> {
  const { metadata } = await readTest(read, { namespace: here, name: "test" });
  const { uid, generation } = metadata;
  const id = runId({ uid, generation: generation + 1, key: "generation", after: undefined });
  return podName({ role: "probe", id, of: "Deployment/client", index: 0 });
}

itReports(
  {
    when: "a user's pod has the planned name of the probe pod",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: /another pod probe-client-\S+ exists, which this run does not own\. Delete it/,
  },
  async () => {
    const here = await namespace("taken");
    await openVault(here);
    await declare({ namespace: here }, { suspend: true, expectations });
    const name = await nextProbePod(here);
    const { spec } = deployment({ namespace: here, name }).spec.template;
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { namespace: here, name }, spec };
    await deploy(kubectl, JSON.stringify(pod));
    await declare({ namespace: here }, { suspend: false, expectations });
    // At once, and not when the time for a probe pod is over.
    const test = await waitForVerdict(read, { namespace: here, name: "test" }, { seconds: 45 });
    await kubectl(["get", "pod", name, `--namespace=${here}`]); // fails if that one is gone
    return test;
  },
);
