import { z } from "zod";
import { createDiscovery, type ServedKind } from "../../operator/cluster/policies/discovery.ts";
import { NETWORK_POLICY, POLICY_KINDS } from "../../operator/cluster/policies/kinds.ts";
import { readPolicies } from "../../operator/cluster/policies/readPolicies.ts";
import type { Api } from "../../operator/runtime/api.ts";
import { isForbidden } from "../../operator/runtime/apiError.ts";
import {
  namespacesPath,
  networkPoliciesPath,
  servicesPath,
  workloadsPath,
} from "../../operator/runtime/resourcePaths.ts";
import {
  namespacePolicySchema,
  namespaceServiceSchema,
  runningWorkloadSchema,
  type NamespaceObjects,
} from "./namespaceObjects.ts";

const KINDS = ["Deployment", "StatefulSet", "DaemonSet"] as const;

export interface ReadNamespace extends NamespaceObjects {
  /** What the reader may not read, or netverdict does not evaluate, a sentence each. */
  readonly notes: readonly string[];
}

/** Reads what runs in a namespace, and its NetworkPolicies. Throws ApiError. */
export async function readNamespace(api: Api, namespace: string): Promise<ReadNamespace> {
  const [workloads, services, policies, { labels, notes }, others] = await Promise.all([
    Promise.all(KINDS.map(async (kind) => workloadsOf(api, kind, namespace))),
    api.list(servicesPath(namespace), (raw) => namespaceServiceSchema.parse(raw)),
    api.list(networkPoliciesPath(namespace), (raw) => namespacePolicySchema.parse(raw)),
    labelsOfNamespace(api, namespace),
    otherPolicies(api, namespace),
  ]);
  return { namespace, labels, workloads: workloads.flat(), services, policies, notes: [...notes, ...others] };
}

async function workloadsOf(api: Api, kind: (typeof KINDS)[number], namespace: string) {
  const workloads = await api.list(workloadsPath(kind, namespace), (raw) => runningWorkloadSchema.parse(raw));
  return workloads.map((workload) => ({ ...workload, kind }));
}

const namespaceSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
});
/** The label that each namespace has. */
const NAME_LABEL = "kubernetes.io/metadata.name";

/** Users of one namespace may not always read its labels, which the selectors of policies can mean. */
async function labelsOfNamespace(api: Api, namespace: string) {
  try {
    const { metadata } = namespaceSchema.parse(await api.get(namespacesPath(namespace)));
    return { labels: metadata.labels, notes: [] };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const note = `Namespace ${namespace}: this user may not read its labels, so only its name counts for policies.`;
    return { labels: { [NAME_LABEL]: namespace }, notes: [note] };
  }
}

/** A sentence for each other kind of policy that can hold for pods of the namespace. */
async function otherPolicies(api: Api, namespace: string): Promise<string[]> {
  const kinds = (await createDiscovery(api, POLICY_KINDS)()).filter(
    ({ groups }) => groups !== NETWORK_POLICY.groups,
  );
  const notes = await Promise.all(kinds.map(async (kind) => noteOn(api, kind, namespace)));
  return notes.flat();
}

async function noteOn(api: Api, kind: ServedKind, namespace: string): Promise<string[]> {
  const name = `${kind.plural}.${kind.groups[0] ?? ""}`;
  try {
    const found = [...(await readPolicies(api, [kind], [namespace])).values()].flat();
    return found.length === 0 ? [] : [`${name}: there are ${found.length}, which are not evaluated here.`];
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [`${name}: this user may not list them, and they are not evaluated here.`];
  }
}
