import { afterEach, beforeEach, vi } from "vitest";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import { startController } from "./controller.ts";
import { endProbePods } from "./kubelet.ts";
import { createMemoryApi, type MemoryApi } from "./memoryApi.ts";
import { BEGAN, connectivityTest, expectation, pod, type TestOptions } from "./objects.ts";

export const TEST = "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/net";
export const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
export const PODS = "/api/v1/namespaces/shop/pods";
export const MINUTE = 60_000;

const withUi = (memory: MemoryApi) => void memory.put(`${PODS}/ui`, pod("ui", { labels: { app: "ui" } }));

/**
 * Starts the controller before each test, with fake timers and the objects that `prepare` creates (default: a pod
 * `app: ui`), and stops it afterwards. A test fails if a reconcile has failed.
 */
export function controllerScene(
  prepare: (memory: MemoryApi) => void = withUi,
  options?: Parameters<typeof startController>[1],
) {
  let memory: MemoryApi;
  let controller: ReturnType<typeof startController>;

  beforeEach(async () => {
    vi.useFakeTimers({ now: Date.parse(BEGAN) });
    memory = createMemoryApi();
    prepare(memory);
    controller = startController(memory, options);
    await controller.caches.synced;
  });
  afterEach(async () => {
    await controller.stop();
    if (controller.errors.length > 0) throw new Error("a reconcile failed", { cause: controller.errors });
    vi.useRealTimers();
  });

  const requestsSince = (handled: number) => memory.requests.slice(handled);

  /** All probe pods end, those of a follow-up run as well; every check saw this in every round. Returns the pods' names. */
  async function probe(letters = "CCC"): Promise<string[]> {
    const names = endProbePods(memory, () => letters);
    await controller.settle();
    return names.length === 0 ? [] : [...names, ...(await probe(letters))];
  }

  return {
    memory: () => memory,
    controller: () => controller,
    /** Applies a test from `app: ui` to an address outside the cluster, Allowed. */
    apply: async ({ metadata, spec }: TestOptions = {}) => {
      const outside = [expectation({ to: { ip: "203.0.113.9" }, tcp: { port: 443 } })];
      const test = connectivityTest({ metadata: { ...metadata }, spec: { expectations: outside, ...spec } });
      memory.put(TEST, {
        metadata: { ...test.metadata },
        spec: test.spec,
        status: memory.at(TEST)[0]?.status,
      });
      await controller.settle();
    },
    probe,
    requestsSince,
    /** The triggers of all runs that started after the first `handled` requests, in their order. */
    triggersSince: (handled: number) =>
      requestsSince(handled)
        .filter(({ verb, path }) => verb === "create" && path === RUNS)
        .map(
          ({ body }) => probeRunSchema.shape.spec.parse(new Map(Object.entries(body ?? {})).get("spec")).run,
        )
        .flatMap(({ trigger, followUp }) => (followUp ? [] : [trigger])),
    status: () => connectivityTestSchema.shape.status.parse(memory.at(TEST)[0]?.status),
    runs: () => memory.at(RUNS).map((run) => probeRunSchema.parse(run)),
    probePods: () => memory.at(PODS).filter(({ metadata }) => metadata.name !== "ui"),
  };
}
