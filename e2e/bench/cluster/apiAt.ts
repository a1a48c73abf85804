import { KubeConfig } from "@kubernetes/client-node";

import { type Api, createApi } from "../../../operator/runtime/api.ts";

/** The operator's own client, with the rights of a kubeconfig file. */
export function apiAt(kubeconfig: string): Api {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  return createApi({ kubeConfig });
}
