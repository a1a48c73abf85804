import { join } from "node:path";

import { type Kubectl, kubectlOf } from "../../kube/kubectl.ts";
import { pathsOf } from "./spec.ts";

/**
 * kubectl as the administrator of a cluster; `programs` is the folder of the cluster's programs; `signal` ends what it
 * runs.
 */
export function kubectlFor(name: string, programs: string, signal?: AbortSignal): Kubectl {
  const kubectl = kubectlOf(kubectlPath(programs), { kubeconfig: pathsOf(name).kubeconfig("admin") });
  return async (args, options = {}) => kubectl(args, { ...options, ...(signal && { signal }) });
}

export function kubectlPath(programs: string): string {
  return join(programs, "kubectl");
}
