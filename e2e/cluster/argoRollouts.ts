import { join } from "node:path";

import { downloadModule } from "./build/go.ts";

/** The path of the manifest that defines the kind Rollout, from the Go module of Argo Rollouts (10 MB, downloaded once). */
export async function argoRolloutsCrd(): Promise<string> {
  const module = await downloadModule({
    path: "github.com/argoproj/argo-rollouts",
    version: "v1.10.1",
    sum: "h1:6oyVPGiHHxu3ixkT6mngemh88HLPDoTX1IwO6KNR1Y4=",
  });
  return join(module, "manifests/crds/rollout-crd.yaml");
}
