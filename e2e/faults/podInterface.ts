import { openCluster } from "../cluster/cluster.ts";
import { Failure } from "../process/failure.ts";
import { cluster } from "../harness/scenario.ts";

/**
 * Waits in the node for the first process of a pod that is in a network of its own (the sandbox, before any container
 * has started), and does something there. Never in the node's: that would be the end of the cluster.
 */
const IN_POD = `
own=$(readlink /proc/self/ns/net)
for try in $(seq 3000); do
  for cgroup in $(grep -l "pod$1/" /proc/[0-9]*/cgroup 2>/dev/null); do
    process=$(dirname "$cgroup")
    net=$(readlink "$process/ns/net") || continue
    [ "$net" = "$own" ] && continue
    exec nsenter --net="$process/ns/net" sh -euc "$2"
  done
  sleep 0.01
done
echo "pod $1 has no network" >&2
exit 1`;

const DOWN = "ip link set eth0 down";

interface Victim {
  readonly node: string;
  readonly uid: string;
}

/** Takes a pod's own network interface down as soon as there is one, for good. */
export async function interfaceDown(victim: Victim): Promise<void> {
  await inPodNetwork(victim, DOWN);
}

/** Takes a pod's own network interface down while something goes on, and up again, with its IPv4 routes. */
export async function interfaceDownWhile(victim: Victim, goesOn: () => Promise<unknown>): Promise<void> {
  const routes = `/tmp/routes-${victim.uid}`;
  // The kernel drops the routes of an interface that goes down.
  await inPodNetwork(victim, `ip -4 route save >${routes}; ${DOWN}`);
  await goesOn();
  await inPodNetwork(victim, `ip link set eth0 up; ip -4 route restore <${routes}; rm ${routes}`);
}

/** Runs a script with the node's programs in the network of a pod, as soon as there is one. */
export async function inPodNetwork({ node, uid }: Victim, script: string): Promise<void> {
  const handle = await openCluster(cluster.name);
  const { code, stderr } = await handle.exec(node, ["sh", "-c", IN_POD, "sh", uid, script]);
  if (code !== 0) throw new Failure(`the network of pod ${uid} on ${node}: ${stderr.trim()}`);
}
