import { apply, deploy } from "../kube/deploy.ts";
import { itReportsOfSharedRun, pods, type Case } from "../harness/sharedRun.ts";
import { kubectl } from "../harness/scenario.ts";
import { deployment, server } from "../harness/workload.ts";

const NO_POD = "no running pod matches the source's podSelector";

const notFound = (when: string, app: string, says: string | RegExp = NO_POD): Case => ({
  when,
  expect: "Denied",
  verdict: "Inconclusive",
  reason: "SourceNotFound",
  says,
  probe: { from: pods(app), to: { service: { name: "vault" } }, tcp: { port: 80 } },
});

const nowhere = "no node fits the source's pods, so they are Pending";
const idle = "the source is scaled to 0";
const unscheduled =
  /no running pod matches the source's podSelector; Pod\/pending-\S+ is Pending, without an address \(Unschedulable: 0\/\d+ nodes/;
const typo = "the source's selector matches no pod";

itReportsOfSharedRun("nosource", {
  cases: {
    typo: notFound(typo, "clinet"),
    idle: notFound(idle, "idle"),
    pending: notFound(nowhere, "pending", unscheduled),
    "wants-typo": { ...notFound(typo, "clinet"), expect: "Allowed" },
    "wants-idle": { ...notFound(idle, "idle"), expect: "Allowed" },
    "wants-pending": { ...notFound(nowhere, "pending", unscheduled), expect: "Allowed" },
  },
  async prepare(namespace) {
    const pending = deployment({ namespace, name: "pending", node: "no-such-node" });
    await apply(kubectl, JSON.stringify(pending));
    const idleOne = JSON.stringify(deployment({ namespace, name: "idle", replicas: 0 }));
    await deploy(kubectl, [server({ namespace, name: "vault" }), idleOne].join("\n---\n"));
  },
});
