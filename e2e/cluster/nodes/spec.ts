import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";

/** Everything that differs between two clusters; all paths, links, cgroups and addresses derive from it. */
export interface Spec {
  /** At most 10 characters: link and cgroup names carry it. */
  readonly name: string;
  /** 1..250, differs among clusters that run at once: third byte of the node network. */
  readonly index: number;
  /** How many nodes, 1..9; node 1 also holds the control plane. */
  readonly nodes: number;
}

/** Ranges and addresses inside a cluster. No other cluster sees them, so they are the same in all. */
export const ranges = {
  pods: ["10.244.0.0/16", "fd00:10:244::/56"],
  services: ["10.96.0.0/16", "fd00:10:96::/112"],
  firstService: ["10.96.0.1", "fd00:10:96::1"],
  dns: "10.96.0.10",
  /** The one outside host: HTTP on port 80, and ping. */
  outside: ["203.0.113.10", "2001:db8:113::10"],
  /** More of its addresses, so that a policy can distinguish them; the last is where clouds have their metadata. */
  outsideToo: ["203.0.113.20", "203.0.113.30", "169.254.169.254"],
  outsideRouter: ["203.0.113.1", "2001:db8:113::1"],
} as const;

const CHECKOUT = join(import.meta.dirname, "../../..");

/** The name of a checkout's own cluster: the same path gives the same name, two checkouts never meet. */
export function nameFromPath(path: string = realpathSync(CHECKOUT)): string {
  return `nv${createHash("sha256").update(path).digest("hex").slice(0, 8)}`;
}

/**
 * A cluster's data: etcd, containerd's snapshots, logs. In /var/tmp, since overlay snapshots cannot lie on a tmpfs or
 * on another overlay.
 */
export function dataFolder(name: string): string {
  return `/var/tmp/netverdict-${name}`;
}

/** Files of one cluster, inside its data folder. */
export function pathsOf(name: string) {
  const data = dataFolder(name);
  return {
    data,
    state: join(data, "cluster.json"),
    pki: join(data, "pki"),
    logs: join(data, "log"),
    pids: join(data, "pid"),
    kubeconfig: (user: string): string => join(data, `${user}.kubeconfig`),
    node: (i: number): string => join(data, `node${i}`),
  };
}

/** The numbers of a cluster's nodes. */
export function nodeNumbers({ nodes }: Pick<Spec, "nodes">): readonly number[] {
  return Array.from({ length: nodes }, (_, i) => i + 1);
}

export function nodeName(i: number): string {
  return `node${i}`;
}

/** The link between the host and the cluster's own network. */
export function hostLink(name: string): string {
  return `${name}0`;
}

type Pair = readonly [v4: string, v6: string];

/** Addresses of the node network, IPv4 and IPv6. */
export function addressesOf({ index }: Pick<Spec, "index">) {
  const host = (last: number, last6: string): Pair => [
    `198.18.${index}.${last}`,
    `fd00:198:18:${index}::${last6}`,
  ];
  return {
    router: host(254, "fe"),
    machine: host(1, "1"),
    node: (i: number): Pair => host(10 + i, String(10 + i)),
    podsOf: (i: number): Pair => [`10.244.${i}.0/24`, `fd00:10:244:${i}::/64`],
    apiServer: `https://198.18.${index}.11:6443`,
  };
}
