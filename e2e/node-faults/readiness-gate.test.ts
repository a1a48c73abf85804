import { expect, it } from "vitest";

import { PASSED_GATE } from "../../crds/group.ts";
import { declare } from "../harness/runTest.ts";
import { kubectl, namespace } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { apply, deploy } from "../kube/deploy.ts";

/** No process of the operator runs in the meantime, so this file runs alone. */

const OPERATOR = ["deployment/netverdict", "--namespace=netverdict-system"];

it("while the operator is away no new pod becomes Ready, the old ones stay, and the rollout ends when it is back", async () => {
  const here = await namespace("gate-away");
  const web = [`deployment/web`, `--namespace=${here}`];
  const rolledOut = (seconds: number) =>
    kubectl(["rollout", "status", ...web, `--timeout=${seconds}s`], { seconds: seconds + 5 });
  const from = { podSelector: { matchLabels: { app: "web" } } };
  const to = { service: { name: "store" } };
  await deploy(kubectl, server({ namespace: here, name: "store" }));
  await declare(
    { namespace: here },
    { expectations: [{ name: "store", from, to, tcp: { port: 80 }, expect: "Allowed" }] },
  );
  await apply(
    kubectl,
    server({ namespace: here, name: "web", pod: { readinessGates: [{ conditionType: PASSED_GATE }] } }),
  );
  await rolledOut(120);

  await kubectl(["scale", ...OPERATOR, "--replicas=0"]);
  try {
    await kubectl([
      "wait",
      "--for=delete",
      "pod",
      "--selector=app.kubernetes.io/name=netverdict",
      "--namespace=netverdict-system",
      "--timeout=60s",
    ]);
    await kubectl(["rollout", "restart", ...web]);
    await expect(rolledOut(20)).rejects.toThrow("timed out waiting for the condition");
    const state =
      "--output=jsonpath={.status.updatedReplicas} {.status.readyReplicas} {.status.unavailableReplicas}";
    await expect(kubectl(["get", ...web, state])).resolves.toBe("1 1 1");
  } finally {
    await kubectl(["scale", ...OPERATOR, "--replicas=2"]);
    await kubectl(["rollout", "status", ...OPERATOR, "--timeout=120s"], { seconds: 125 });
  }
  await expect(rolledOut(150)).resolves.toContain("successfully rolled out");
}, 480_000);
