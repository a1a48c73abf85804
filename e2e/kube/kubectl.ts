import { run } from "../process/command.ts";

interface Options {
  readonly input?: string;
  readonly seconds?: number;
  /** Ends what it runs. */
  readonly signal?: AbortSignal;
}

/** Runs kubectl on one cluster; gives what it prints, fails with its own words when it does not succeed. */
export type Kubectl = (args: readonly string[], options?: Options) => Promise<string>;

/** Which cluster, in kubectl's own words: one of the two flags. */
export type Access = { readonly kubeconfig: string } | { readonly context: string };

/** A kubectl for one cluster; `program` is its path. */
export function kubectlOf(program: string, access: Access): Kubectl {
  const flags = Object.entries(access).map(([flag, value]) => `--${flag}=${value}`);
  return async (args, options = {}) => run(program, [...flags, ...args], options);
}
