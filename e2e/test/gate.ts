import { apply } from "../install/deploy.ts";
import { admitProbePods } from "./podWebhook.ts";
import { kubectl } from "./scenario.ts";

const GATE = { name: "gate", key: "open" };

/** The container waits for a ConfigMap: what the kubelet misses it asks for again, every 10 to 15 s. */
const WAITING = {
  patch: [
    {
      op: "add",
      path: "/spec/containers/0/env/-",
      value: { name: "GATE", valueFrom: { configMapKeyRef: GATE } },
    },
  ],
};

/**
 * Keeps the probes of a namespace, and not their witnesses, from starting: their pods are created, and their containers wait
 * until `open`. A pod that has waited for a minute counts as not started.
 */
export async function gateProbes(namespace: string): Promise<{ open: () => Promise<void> }> {
  await admitProbePods({ namespace }, WAITING);
  const metadata = { name: GATE.name, namespace };
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { [GATE.key]: "yes" } };
  return { open: async () => apply(kubectl, JSON.stringify(configMap)) };
}
