import { apply, deploy } from "../kube/deploy.ts";
import { itReportsOfSharedRun, pods, type Case } from "../harness/sharedRun.ts";
import { kubectl } from "../harness/scenario.ts";
import { deployment, server } from "../harness/workload.ts";

const notFound = (when: string, app: string): Case => ({
  when,
  expect: "Denied",
  verdict: "Inconclusive",
  reason: "SourceNotFound",
  says: "no running pod matches the source",
  probe: { from: pods(app), to: { service: { name: "vault" } }, tcp: { port: 80 } },
});

const nowhere = "no node fits the source's pods, so they are Pending";
const idle = "the source is scaled to 0";
const typo = "the source's selector matches no pod";

itReportsOfSharedRun("nosource", {
  cases: {
    typo: notFound(typo, "clinet"),
    idle: notFound(idle, "idle"),
    pending: notFound(nowhere, "pending"),
    "wants-typo": { ...notFound(typo, "clinet"), expect: "Allowed" },
    "wants-idle": { ...notFound(idle, "idle"), expect: "Allowed" },
    "wants-pending": { ...notFound(nowhere, "pending"), expect: "Allowed" },
  },
  async prepare(namespace) {
    const pending = deployment({ namespace, name: "pending", node: "no-such-node" });
    await apply(kubectl, JSON.stringify(pending));
    const idleOne = JSON.stringify(deployment({ namespace, name: "idle", replicas: 0 }));
    await deploy(kubectl, [server({ namespace, name: "vault" }), idleOne].join("\n---\n"));
  },
});
