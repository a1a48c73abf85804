import { until } from "../process/until.ts";
import { deploy } from "../kube/deploy.ts";
import { OPERATOR } from "../install/installOperator.ts";
import { gateProbes } from "../faults/gate.ts";
import { itReports } from "../harness/itReports.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { probePodsIn, witnessPodsOf, witnessRunsFor } from "../harness/runs.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

const from = { podSelector: { matchLabels: { app: "client" } } };
const to = (name: string) => ({ name, from, to: { service: { name } }, tcp: { port: 80 } });
const expectations = [
  { ...to("vault"), expect: "Denied" },
  { ...to("web"), expect: "Allowed" },
];

/** `client` may call `web`, but not `vault`. */
function manifest(here: string): string {
  const vault = { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] };
  return [
    ...["client", "web", "vault"].map((name) => server({ namespace: here, name })),
    networkPolicy({ namespace: here, name: "nobody" }, vault),
  ].join("\n---\n");
}

itReports(
  {
    when: "the target is deleted while the operator is down, after its witness has started and before the probe has",
    expect: "Denied",
    expectation: "vault",
    verdict: "Inconclusive",
    reason: "TargetChanged",
    says: "closed while the target changed",
  },
  async () => {
    const here = await namespace("away");
    await deploy(kubectl, manifest(here));
    const gate = await gateProbes(here);
    await declare({ namespace: here }, { expectations });
    await until("the probe pod and its witness are there", () => bothIn(here), { seconds: 30 });
    await kubectl(["delete", "pods", ...OPERATOR, "--grace-period=0", "--force"]);
    await kubectl(["delete", "deployment", "vault", `--namespace=${here}`, "--cascade=foreground"]);
    await gate.open();
    return waitForVerdict(read, { namespace: here, name: "test" });
  },
);

async function bothIn(here: string): Promise<true | undefined> {
  const [run] = await witnessRunsFor(here);
  const witnesses = run ? await witnessPodsOf(run) : [];
  const probes = await probePodsIn(here);
  return witnesses.length > 0 && probes.length > 0 ? true : undefined;
}
