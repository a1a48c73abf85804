import { join } from "node:path";

import { downloadModule } from "./build/go.ts";

/** The folder of the Go module of Argo Rollouts (10 MB, downloaded once). */
export async function argoRolloutsModule(): Promise<string> {
  return downloadModule({
    path: "github.com/argoproj/argo-rollouts",
    version: "v1.10.1",
    sum: "h1:6oyVPGiHHxu3ixkT6mngemh88HLPDoTX1IwO6KNR1Y4=",
  });
}

/** The path of the manifest that defines the kind Rollout. */
export async function argoRolloutsCrd(): Promise<string> {
  return join(await argoRolloutsModule(), "manifests/crds/rollout-crd.yaml");
}
