import { join } from "node:path";

import { deploy } from "./deploy.ts";
import type { Kubectl } from "./kubectl.ts";
import { kustomize } from "./kustomize.ts";

const MANIFESTS = join(import.meta.dirname, "../../manifests");

/** The image's name in manifests/. */
const IMAGE = "netverdict";

/** Selects the operator's pods, as arguments of kubectl. */
export const OPERATOR = [
  "--namespace=netverdict-system",
  "--selector=app.kubernetes.io/name=netverdict",
] as const;

interface Installation {
  readonly kubectl: Kubectl;
  /** `repository:tag`; the cluster must have it or be able to pull it. */
  readonly image: string;
}

/** Installs netverdict from manifests/, or brings it to this image; gives back once the operator is available. */
export async function installOperator({ kubectl, image }: Installation): Promise<void> {
  await deploy(kubectl, await kustomize(kubectl, MANIFESTS, { [IMAGE]: image }));
}
