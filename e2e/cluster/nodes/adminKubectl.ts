import { join } from "node:path";

import { run } from "../../process/command.ts";
import { pathsOf } from "./spec.ts";

interface Options {
  readonly input?: string;
  readonly seconds?: number;
}

/** Runs kubectl as the cluster's administrator; gives what it prints. */
export type Kubectl = (args: readonly string[], options?: Options) => Promise<string>;

/** `programs` is the folder of the cluster's programs; `signal` ends what it runs. */
export function kubectlFor(name: string, programs: string, signal?: AbortSignal): Kubectl {
  const kubeconfig = `--kubeconfig=${pathsOf(name).kubeconfig("admin")}`;
  return async (args, options = {}) =>
    run(kubectlPath(programs), [kubeconfig, ...args], { ...options, ...(signal && { signal }) });
}

export function kubectlPath(programs: string): string {
  return join(programs, "kubectl");
}
