import { controllerOf } from "../../crds/metadata.ts";
import { until } from "../process/until.ts";
import { itReports } from "../harness/itReports.ts";
import { declare } from "../harness/runTest.ts";
import { clientNeverReachesVault, sharedVault } from "./probeCases.ts";
import { isRunning, probePodsIn } from "../harness/runs.ts";
import { kubectl, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";

/** At least twelve seconds, so that the probe pod goes in their middle. */
const probing = { interval: "2s", rounds: 6, deniedRounds: 6, maxRounds: 20 };

const here = sharedVault("deleted");

/** What becomes of a test when something is done to its probe pod as soon as that runs. */
async function disturbed(name: string, disturb: (pod: string) => Promise<unknown>) {
  const namespace = here();
  await declare({ namespace, name }, { expectations: [clientNeverReachesVault], probing });
  const running = async () =>
    (await probePodsIn(namespace)).find(
      (pod) => isRunning(pod) && controllerOf(pod.metadata)?.name.startsWith(`${name}-`),
    );
  const { metadata } = await until("the probe pod runs", running, { seconds: 60 });
  await disturb(metadata.name);
  return waitForVerdict(read, { namespace, name });
}

itReports(
  {
    when: "the probe pod is evicted during the run, as by a drain",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: "EvictionByEvictionAPI",
  },
  () =>
    disturbed("evicted", (pod) => {
      const metadata = { namespace: here(), name: pod };
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata };
      const path = `/api/v1/namespaces/${here()}/pods/${pod}/eviction`;
      return kubectl(["create", "--raw", path, "-f", "-"], { input: JSON.stringify(eviction) });
    }),
);

itReports(
  {
    when: "a user deletes the probe pod during the run",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: "the pod was deleted before its probe had ended",
  },
  () =>
    disturbed("deleted", (pod) => kubectl(["delete", "pod", pod, `--namespace=${here()}`, "--wait=false"])),
);
