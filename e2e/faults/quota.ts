import { kubectl } from "../harness/scenario.ts";
import { apply } from "../kube/deploy.ts";

interface Quota {
  readonly namespace: string;
  readonly name: string;
  readonly spec: object;
}

/**
 * Creates a ResourceQuota, and waits until its controller has counted what the namespace uses. Before that, the API server
 * rejects every request that the quota limits with "status unknown for quota".
 */
export async function applyQuota({ namespace, name, spec }: Quota): Promise<void> {
  const manifest = { apiVersion: "v1", kind: "ResourceQuota", metadata: { namespace, name }, spec };
  await apply(kubectl, JSON.stringify(manifest));
  const counted = ["--for=jsonpath={.status.hard}", "--timeout=60s"];
  await kubectl(["wait", `resourcequota/${name}`, `--namespace=${namespace}`, ...counted], { seconds: 70 });
}
