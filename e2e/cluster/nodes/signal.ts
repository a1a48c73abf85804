import { pidOf } from "./exec.ts";
import { childrenOf } from "./marker.ts";

/**
 * Stops a component of a cluster (`felix-1`, as `status` names it), or lets it go on. Fails if it does not run, or is
 * not this cluster's. In a node a component is the child of an nsenter, which stops as its child does: both get the signal.
 */
export async function signalComponent(
  name: string,
  component: string,
  signal: "SIGSTOP" | "SIGCONT",
): Promise<void> {
  const pid = await pidOf(name, component);
  for (const child of await childrenOf(pid)) process.kill(child, signal);
  process.kill(pid, signal);
}
