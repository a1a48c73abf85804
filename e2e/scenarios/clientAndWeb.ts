import { kubectl } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { deploy } from "../kube/deploy.ts";

/** An expectation that holds until `closed` is applied. */
export const clientReachesWeb = {
  name: "client-reaches-web",
  from: { podSelector: { matchLabels: { app: "client" } } },
  to: { service: { name: "web" } },
  tcp: { port: 80 },
  expect: "Allowed",
};

/** The spec of a NetworkPolicy that denies it. */
export const closed = { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"] };

/** Deploys the client and the web server, and servers of other names. */
export async function deployClientAndWeb(namespace: string, ...others: readonly string[]): Promise<void> {
  const apps = ["client", "web", ...others];
  await deploy(kubectl, apps.map((name) => server({ namespace, name })).join("\n---\n"));
}
