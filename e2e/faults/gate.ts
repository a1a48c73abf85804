import { onTestFinished } from "vitest";

import { apply } from "../kube/deploy.ts";
import { putWebhook } from "./podWebhook.ts";
import { kubectl } from "../harness/scenario.ts";

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

interface Gate {
  readonly open: () => Promise<void>;
  /** For the pods that start from now on. */
  readonly close: () => Promise<void>;
}

/**
 * Keeps the probes of a namespace, and not their witnesses, from starting: their pods are created, and their containers wait
 * until `open`. A pod that has waited for a minute counts as not started.
 */
export async function gateProbes(namespace: string): Promise<Gate> {
  const { remove, ...gate } = await putGate(namespace);
  onTestFinished(remove);
  return gate;
}

/** The same for a `beforeAll`, which calls `remove` as its own end. */
export async function putGate(namespace: string): Promise<Gate & { readonly remove: () => Promise<void> }> {
  const remove = await putWebhook({ namespace }, WAITING);
  const metadata = { name: GATE.name, namespace };
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { [GATE.key]: "yes" } };
  return {
    open: async () => apply(kubectl, JSON.stringify(configMap)),
    close: async () => void (await kubectl(["delete", "configmap", GATE.name, `--namespace=${namespace}`])),
    remove,
  };
}
