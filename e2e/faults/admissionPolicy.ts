import { until } from "../process/until.ts";
import { apply } from "../kube/deploy.ts";
import { kubectl } from "../harness/scenario.ts";
import { RESTRICTED } from "../harness/workload.ts";

/**
 * Gives a label to every new pod of a namespace that no ReplicaSet controls, by a MutatingAdmissionPolicy with the
 * namespace's name. Resolves when the API server applies it. It stays until the returned function is called.
 */
export async function labelPodsWithoutReplicaSet(
  namespace: string,
  [label, value]: readonly [label: string, value: string],
): Promise<() => Promise<void>> {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: `e2e-${namespace}` };
  const owners = "object.metadata.?ownerReferences.orValue([])";
  const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] };
  const patch = `[JSONPatch{op: "add", path: "/metadata/labels/${label}", value: "${value}"}]`;
  const objects = [
    {
      apiVersion,
      kind: "MutatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        matchConstraints: { resourceRules: [rule] },
        matchConditions: [
          { name: "by-hand", expression: `!${owners}.exists(owner, owner.kind == "ReplicaSet")` },
        ],
        mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: patch } }],
      },
    },
    {
      apiVersion,
      kind: "MutatingAdmissionPolicyBinding",
      metadata,
      spec: {
        policyName: metadata.name,
        matchResources: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } },
      },
    },
  ];
  await apply(kubectl, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  await until("the API server applies the admission policy", () => dryRun(namespace, label, value), {
    seconds: 60,
    everyMs: 500,
  });
  return async () => {
    const kinds = "mutatingadmissionpolicy,mutatingadmissionpolicybinding";
    await kubectl(["delete", kinds, metadata.name]);
  };
}

/** True if a new pod of the namespace would have the label. */
async function dryRun(namespace: string, label: string, value: string): Promise<true | undefined> {
  const container = { name: "main", image: "none", securityContext: RESTRICTED.container };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "dry-run", namespace, labels: { app: "dry-run" } },
    spec: { securityContext: RESTRICTED.pod, containers: [container] },
  };
  const args = ["create", "--dry-run=server", `--output=jsonpath={.metadata.labels.${label}}`, "-f", "-"];
  return (await kubectl(args, { input: JSON.stringify(pod) })) === value || undefined;
}
