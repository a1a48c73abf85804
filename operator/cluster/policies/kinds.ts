import { calicoNetworkSet, calicoPolicy } from "./calico.ts";
import { ciliumPolicy } from "./cilium.ts";
import { clusterNetworkPolicy } from "./clusterNetworkPolicy.ts";
import { networkPolicySchema } from "./networkPolicy.ts";
import type { Policy } from "./policy.ts";

/** A kind that a cluster may have. */
export interface InstallableKind {
  /** The API groups that may serve it, preferred first: where several do, they serve the same objects. */
  readonly groups: readonly string[];
  /** The name of the resource in these groups. */
  readonly plural: string;
}

/** A kind of policy that the operator reads where it is installed. */
export interface PolicyKind extends InstallableKind {
  readonly isNamespaced: boolean;
  /** Throws ZodError. */
  readonly parse: (raw: unknown) => readonly Policy[];
}

const NETWORK_POLICY_API = ["policy.networking.k8s.io"];
const CALICO = ["crd.projectcalico.org", "projectcalico.org"];
const CILIUM = ["cilium.io"];

interface OnePolicy {
  parse(raw: unknown): Policy;
}

function kind(
  groups: readonly string[],
  plural: string,
  { isNamespaced, schema }: { readonly isNamespaced: boolean; readonly schema: OnePolicy },
): PolicyKind {
  return { groups, plural, isNamespaced, parse: (raw) => [schema.parse(raw)] };
}

const namespaced = (schema: OnePolicy) => ({ isNamespaced: true, schema });
const clusterWide = (schema: OnePolicy) => ({ isNamespaced: false, schema });

/** The kind that every cluster has. */
export const NETWORK_POLICY = kind(["networking.k8s.io"], "networkpolicies", namespaced(networkPolicySchema));

/** Every kind of policy that the operator can read. */
export const POLICY_KINDS: readonly PolicyKind[] = [
  NETWORK_POLICY,
  kind(
    NETWORK_POLICY_API,
    "clusternetworkpolicies",
    clusterWide(clusterNetworkPolicy("ClusterNetworkPolicy")),
  ),
  kind(NETWORK_POLICY_API, "adminnetworkpolicies", clusterWide(clusterNetworkPolicy("AdminNetworkPolicy"))),
  kind(
    NETWORK_POLICY_API,
    "baselineadminnetworkpolicies",
    clusterWide(clusterNetworkPolicy("BaselineAdminNetworkPolicy")),
  ),
  kind(CALICO, "networkpolicies", namespaced(calicoPolicy("NetworkPolicy"))),
  kind(CALICO, "globalnetworkpolicies", clusterWide(calicoPolicy("GlobalNetworkPolicy"))),
  kind(CALICO, "networksets", namespaced(calicoNetworkSet("NetworkSet"))),
  kind(CALICO, "globalnetworksets", clusterWide(calicoNetworkSet("GlobalNetworkSet"))),
  {
    groups: CILIUM,
    plural: "ciliumnetworkpolicies",
    isNamespaced: true,
    parse: (raw) => ciliumPolicy("CiliumNetworkPolicy").parse(raw),
  },
  {
    groups: CILIUM,
    plural: "ciliumclusterwidenetworkpolicies",
    isNamespaced: false,
    parse: (raw) => ciliumPolicy("CiliumClusterwideNetworkPolicy").parse(raw),
  },
];
