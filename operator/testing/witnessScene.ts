import { probeGrantSchema } from "../../crds/probegrant.ts";
import type { ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { planRun } from "../planning/plan.ts";
import type { WitnessContext } from "../planning/witnessPlacement.ts";
import { connectivityTest, endpointOf, expectation, pod, service, slice, snapshot } from "./objects.ts";

/**
 * The test is in `shop`. It names the Services vault/vault with port 8080 of `vault-0`, and the headless store/db with 80 and 3306 of
 * `db-0`. No Service of its own namespace has `hidden-0`.
 */

const ui = pod("ui", { labels: { app: "ui" }, node: "node-1", ips: ["10.1.0.1"] });
const own = pod("api", { labels: { app: "api" }, node: "node-2", ips: ["10.1.0.2"] });
const vault = pod("vault-0", {
  namespace: "vault",
  labels: { app: "vault" },
  node: "node-3",
  ips: ["10.2.0.1"],
});
const hidden = pod("hidden-0", { namespace: "vault", node: "node-3", ips: ["10.2.0.2"] });
const db = pod("db-0", { namespace: "store", node: "node-4", ips: ["10.3.0.1"] });
const coredns = pod("coredns", { namespace: "kube-system", node: "node-5", ips: ["10.4.0.1"] });

/** The cluster address of the resolver. */
export const RESOLVER_ADDRESS = "10.96.0.10";
const pods = [ui, own, vault, hidden, db, coredns];
const services = [
  service("api", { clusterIPs: ["10.96.1.1"] }),
  service("by-hand", { clusterIPs: ["10.96.1.2"] }),
  service("vault", { namespace: "vault", clusterIPs: ["10.96.1.3"] }),
  service("db", { namespace: "store", clusterIPs: ["None"] }),
  service("kube-dns", {
    namespace: "kube-system",
    clusterIPs: [RESOLVER_ADDRESS],
    ports: [{ name: "dns", port: 53, protocol: "UDP" }],
  }),
];
const slices = [
  slice("api", [endpointOf(own)]),
  // In the test's own namespace, and written by hand: its author may choose every address and port in it.
  slice("by-hand", [endpointOf(hidden)], { ports: [{ name: "", port: 9100 }] }),
  slice("vault", [endpointOf(vault)], { namespace: "vault" }),
  slice("db", [endpointOf(db)], { namespace: "store", ports: [{ name: "", port: 3306 }] }),
  slice("kube-dns", [endpointOf(coredns)], {
    namespace: "kube-system",
    ports: [{ name: "dns", port: 5353, protocol: "UDP" }],
  }),
];
const namespaces = new Map(["shop", "vault"].map((name) => [name, { name }]));
const granted = probeGrantSchema.parse({
  metadata: { name: "shop", namespace: "vault", uid: "uid-grant", generation: 1 },
  spec: { to: [{ namespace: "shop" }], targets: { podSelector: {} } },
});

/** The test, and what it is permitted. Witnesses are enabled. */
export interface WitnessScene {
  /** "": a ClusterConnectivityTest. Left out: `shop`. */
  readonly namespace?: string;
  readonly isGranted?: boolean;
  readonly allow?: readonly string[];
}

export const contextOfScene = ({
  namespace = "shop",
  isGranted = false,
  allow = [],
}: WitnessScene): WitnessContext => ({
  namespace,
  settings: { enabled: true, allow },
  snapshot: {
    ...snapshot({ pods, services, slices, namespaces, grants: isGranted ? [granted] : [] }),
    nodes: [],
    apiServer: new Set(["10.96.0.1 443"]),
  },
});

/** The plan of a denial, and of an expectation that shows that the network of the source is up. */
export function planOfDenial(
  fields: Parameters<typeof expectation>[0],
  scene: WitnessScene = {},
): ProbeRunSpec {
  const { namespace, snapshot: seen, settings } = contextOfScene(scene);
  const from = namespace === "" ? { namespaceSelector: { matchLabels: { name: "shop" } } } : {};
  const denied = expectation({ name: "denied", ...fields, expect: "Denied" });
  const alive = expectation({ to: { service: { name: "api", namespace: "shop" } }, tcp: { port: 80 } });
  const podSelector = { matchLabels: { app: "ui" } };
  const planned = planRun({
    test: connectivityTest({
      metadata: { namespace },
      spec: { expectations: [denied, alive].map((one) => ({ ...one, from: { ...from, podSelector } })) },
    }),
    runNamespace: namespace || "netverdict-system",
    run: { id: "k3f9q", trigger: "Generation" },
    snapshot: seen,
    witness: settings,
  });
  if ("problem" in planned) throw new Error(planned.problem.message);
  return planned.spec;
}
