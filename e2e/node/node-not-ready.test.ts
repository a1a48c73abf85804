import { expect, onTestFinished } from "vitest";

import { until } from "../cluster/until.ts";
import { deploy } from "../install/deploy.ts";
import { kubelet } from "../test/component.ts";
import { itSays } from "../test/itSays.ts";
import { judged } from "../test/judged.ts";
import { kubectl, namespace } from "../test/scenario.ts";
import { server } from "../test/workload.ts";

const expectations = [
  {
    name: "vault",
    from: { podSelector: { matchLabels: { app: "client" } } },
    to: { podSelector: { matchLabels: { app: "vault" } } },
    tcp: { port: 8080 },
    expect: "Denied",
  },
];

itSays(
  {
    when: "the node is not ready",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: /not started within 1 ?m.*Unschedulable: .*untolerated taint/,
  },
  async () => {
    const here = await namespace("node-not-ready");
    const servers = ["client", "vault"].map((name) => server({ namespace: here, name }));
    await deploy(kubectl, servers.join("\n---\n"));
    onTestFinished(kubelet.goOn);
    await kubelet.stop();
    // The controller manager waits 50 s for a sign of the kubelet, and evicts nothing within the next five minutes.
    const path = "{.items[*].status.conditions[?(@.type=='Ready')].status}";
    const isGone = async () =>
      (await kubectl(["get", "nodes", "-o", `jsonpath=${path}`])) === "Unknown" || undefined;
    await until("the node is not ready", isGone, { seconds: 90, everyMs: 1_000 });
    const test = await judged({ namespace: here }, { expectations });
    expect(test.status.expectations?.[0]?.actual).toBe("Unknown");
    return test;
  },
);
