import { join } from "node:path";

import type { BaseBinaries } from "./binaries.ts";
import { run } from "./command.ts";
import { pathsOf } from "./spec.ts";

interface Options {
  readonly input?: string;
  readonly seconds?: number;
}

/** Runs kubectl as the cluster's administrator; gives what it prints. */
export type Kubectl = (args: readonly string[], options?: Options) => Promise<string>;

/** `signal` ends what it runs. */
export function kubectlFor(name: string, folders: BaseBinaries, signal?: AbortSignal): Kubectl {
  const kubeconfig = `--kubeconfig=${pathsOf(name).kubeconfig("admin")}`;
  return async (args, options = {}) =>
    run(kubectlPath(folders), [kubeconfig, ...args], { ...options, ...(signal && { signal }) });
}

export function kubectlPath(folders: BaseBinaries): string {
  return join(folders.kubernetes, "kubectl");
}
