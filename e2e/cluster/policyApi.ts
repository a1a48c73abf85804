import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { downloadModule } from "./build/go.ts";

interface Release {
  readonly version: string;
  /** The hash of the module, as go.sum has it. */
  readonly sum: string;
  /** Where its CRDs are. */
  readonly folder: string;
  readonly plurals: readonly string[];
}

/** The versions of policy.networking.k8s.io (https://network-policy-api.sigs.k8s.io), with the CRDs of each. */
const RELEASES: readonly Release[] = [
  {
    version: "v0.1.1",
    sum: "h1:KDW+AkvCCQI3h8yH8j0hurhvPLNtLeVvmZoqtMaG9ew=",
    folder: "config/crd",
    plurals: ["adminnetworkpolicies", "baselineadminnetworkpolicies"],
  },
  {
    version: "v0.3.0",
    sum: "h1:RL6fVXiix9IW1pj0ImkW645m+EWmb3dBGCiW19bg5+k=",
    folder: "config/crd/standard",
    plurals: ["clusternetworkpolicies"],
  },
];

/**
 * The CRDs of ClusterNetworkPolicy, and of AdminNetworkPolicy and BaselineAdminNetworkPolicy, which an earlier release had
 * instead: as they were released.
 */
export async function policyApiCrds(): Promise<string> {
  const texts = RELEASES.map(async ({ version, sum, folder, plurals }) => {
    const module = await downloadModule({ path: "sigs.k8s.io/network-policy-api", version, sum });
    const files = plurals.map((plural) => join(module, folder, `policy.networking.k8s.io_${plural}.yaml`));
    return Promise.all(files.map((file) => readFile(file, "utf8")));
  });
  return (await Promise.all(texts)).flat().join("\n---\n");
}

/** The names of these CRDs. */
export const POLICY_API_CRDS = RELEASES.flatMap(({ plurals }) =>
  plurals.map((plural) => `${plural}.policy.networking.k8s.io`),
);
