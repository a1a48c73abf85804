import { deploy } from "../install/deploy.ts";
import { itSays } from "../test/itSays.ts";
import { judged } from "../test/judged.ts";
import { admitProbePods } from "../test/podWebhook.ts";
import { kubectl, namespace } from "../test/scenario.ts";
import { server } from "../test/workload.ts";

const from = { podSelector: { matchLabels: { app: "client" } } };
const vault = {
  name: "vault",
  from,
  to: { service: { name: "vault" } },
  tcp: { port: 80 },
  expect: "Denied",
};

itSays(
  {
    when: "the probe pod is rejected by admission",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: "no probes on Fridays",
  },
  async () => {
    const here = await namespace("refused");
    const servers = ["client", "vault"].map((name) => server({ namespace: here, name }));
    await deploy(kubectl, servers.join("\n---\n"));
    await admitProbePods({ namespace: here }, { refuse: "no probes on Fridays" });
    return judged({ namespace: here }, { expectations: [vault] });
  },
);
