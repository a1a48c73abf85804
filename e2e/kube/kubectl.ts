import { run } from "../process/command.ts";
import type { Kubectl } from "../cluster/nodes/adminKubectl.ts";

export type { Kubectl };

/** Which cluster, in kubectl's own words: one of the two flags. */
export type Access = { readonly kubeconfig: string } | { readonly context: string };

/** A kubectl for one cluster: gives what it prints, fails with its own words when it does not succeed. */
export function kubectlOf(program: string, access: Access): Kubectl {
  const flags = Object.entries(access).map(([flag, value]) => `--${flag}=${value}`);
  return async (args, options = {}) => run(program, [...flags, ...args], options);
}
