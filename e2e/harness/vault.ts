import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { deploy } from "../kube/deploy.ts";
import { networkPolicy } from "./runTest.ts";
import { cluster, kubectl, namespace } from "./scenario.ts";
import { server } from "./workload.ts";

const [first = ""] = cluster.nodes;
export const near = first;
export const far = cluster.nodes.at(-1) ?? "";
/** The proof of the link from the first node to the last. */
export const link = cluster.nodes.length > 1 ? "Observed" : "SameNode";

interface Shop {
  /** What runs in the vault; left out: a server. */
  readonly script?: string;
  /** Where `web` is; left out: with the vault. */
  readonly webNode?: string;
}

/** `client` on the first node; on the last one `web`, which every pod may call, and `vault`, which no pod may. */
export async function shop(purpose: string, { webNode = far, ...vault }: Shop = {}): Promise<string> {
  const here = await namespace(purpose);
  const manifests = [
    server({ namespace: here, name: "client", node: near }),
    server({ namespace: here, name: "web", node: webNode }),
    server({ namespace: here, name: "vault", node: far, readinessProbe: false, ...vault }),
    networkPolicy(
      { namespace: here, name: "vault-closed" },
      { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] },
    ),
  ];
  await deploy(kubectl, manifests.join("\n---\n"));
  return here;
}

export const from = { podSelector: { matchLabels: { app: "client" } } };
export const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
export const web = { name: "web", from, to: pods("web"), http: { port: 8080 }, expect: "Allowed" };
export const vault = {
  name: "vault",
  from,
  to: { service: { name: "vault" } },
  tcp: { port: 80 },
  expect: "Denied",
};

/** Verdict, reason and message of each expectation, by its name. */
export const told = ({ status }: ConnectivityTest) =>
  Object.fromEntries(
    (status.expectations ?? []).map(({ name, verdict, reason, message }) => [
      name,
      { verdict, reason, message },
    ]),
  );
/** The proofs of the paths of one expectation. */
export const proofsOf = ({ status }: ConnectivityTest, name: string) =>
  status.expectations?.find((expectation) => expectation.name === name)?.paths.map(({ proof }) => proof);
