import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { PASSED_GATE } from "../../crds/group.ts";
import type { Api } from "../runtime/api.ts";
import { isConflict, isNotFound } from "../runtime/apiError.ts";
import { recordEvent } from "../runtime/eventRecorder.ts";
import type { Log } from "../runtime/log.ts";
import type { Reflector } from "../runtime/reflector.ts";
import { podStatusPath } from "../runtime/resourcePaths.ts";
import { decidePodGate, gateRequests, type GateRequests, type PodGateDecision } from "../status/podGate.ts";
import type { CachedGatedPod } from "./gatedPods.ts";

export interface PodGatesOptions {
  readonly api: Pick<Api, "patch" | "create">;
  readonly pods: Pick<Reflector<CachedGatedPod, "namespace">, "get" | "byIndex">;
  /** The ConnectivityTests of a namespace. */
  readonly testsIn: (namespace: string) => readonly ConnectivityTest[];
  readonly log: Log;
  readonly now: () => Date;
}

/** The readiness gates of pods (docs/gates.md). */
export interface PodGates {
  /** The requests of a test for the pods that wait for it. */
  readonly requestsOf: (test: ConnectivityTest, now: Date) => GateRequests;
  /** Reconciles the condition of one pod. Throws ApiError, if the right to write it is missing for instance. */
  readonly reconcile: (key: string) => Promise<void>;
}

/** Requests runs for pods with the readiness gate, and writes their condition when it changes, and never after it was True. */
export function createPodGates({ api, pods, testsIn, log, now }: PodGatesOptions): PodGates {
  /**
   * The request has the resource version of the cached pod, so it can neither undo a newer condition nor drop that of another
   * controller. After a conflict, the watch delivers the newer pod and triggers another reconcile.
   */
  async function write(pod: CachedGatedPod, decision: PodGateDecision): Promise<boolean> {
    const { namespace, name, uid, resourceVersion } = pod.metadata;
    const before = pod.conditions.find(({ type }) => type === PASSED_GATE);
    const isSameStatus = before?.status === decision.status;
    const lastTransitionTime = (isSameStatus ? before.lastTransitionTime : undefined) ?? now().toISOString();
    const others = pod.conditions.filter(({ type }) => type !== PASSED_GATE);
    const conditions = [...others, { ...before, type: PASSED_GATE, ...decision, lastTransitionTime }];
    try {
      await api.patch(podStatusPath(namespace, name), {
        metadata: { uid, resourceVersion },
        status: { conditions },
      });
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  async function tell({ metadata }: CachedGatedPod, { status, reason, message }: PodGateDecision) {
    const { namespace, name, uid } = metadata;
    log.info("the readiness gate of a pod has another state", {
      pod: `${namespace}/${name}`,
      status,
      reason,
    });
    const event = {
      regarding: { apiVersion: "v1", kind: "Pod", namespace, name, uid },
      type: status === "True" || reason === "InProgress" ? "Normal" : "Warning",
      reason,
      action: "Gate",
      note: `${PASSED_GATE}: ${message}`,
      now: now(),
    } as const;
    await recordEvent(api, event, log);
  }

  return {
    requestsOf: (test, time) => gateRequests(test, pods.byIndex("namespace", test.metadata.namespace), time),
    async reconcile(key) {
      const pod = pods.get(key);
      if (pod === undefined) return;
      const { namespace } = pod.metadata;
      const inNamespace = {
        tests: testsIn(namespace),
        pods: pods.byIndex("namespace", namespace),
        now: now(),
      };
      const decision = decidePodGate(pod, inNamespace);
      const { condition } = pod;
      const isSame =
        decision === undefined ||
        (condition?.status === decision.status &&
          condition.reason === decision.reason &&
          condition.message === decision.message);
      if (isSame || !(await write(pod, decision))) return;
      if (condition?.reason !== decision.reason) await tell(pod, decision);
    },
  };
}
