import { join } from "node:path";

import { deploy } from "../kube/deploy.ts";
import type { Kubectl } from "../kube/kubectl.ts";
import { withEnvironment } from "./environment.ts";
import { kustomize } from "../kube/kustomize.ts";

const ROOT = join(import.meta.dirname, "../..");

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
  /** Settings that differ from those of manifests/. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The checkout whose manifests/ are installed; this one if left out. */
  readonly root?: string;
}

/** Installs netverdict from manifests/, with the rights that a setting needs, or brings it to this image; gives back once the operator is available. */
export async function installOperator(installation: Installation): Promise<void> {
  const { kubectl, image, environment = {}, root = ROOT } = installation;
  const manifest = await kustomize(kubectl, join(root, "manifests"), { [IMAGE]: image });
  const hasReadinessGate = environment["NETVERDICT_READINESS_GATE"] === "true";
  const rights = hasReadinessGate ? await kubectl(["kustomize", join(root, "manifests/readiness-gate")]) : "";
  await deploy(kubectl, [rights, withEnvironment(manifest, environment)].filter(Boolean).join("\n---\n"));
}
