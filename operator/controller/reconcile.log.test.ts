import { describe, expect, it } from "vitest";
import { startController } from "../testing/controller.ts";
import { controllerScene, MINUTE, PODS } from "../testing/controllerScene.ts";
import { endProbePods } from "../testing/kubelet.ts";
import { rejection } from "../testing/rejection.ts";

const { memory, controller, apply, probe, status } = controllerScene();

const logged = (message: string, { log } = controller()) =>
  log.info.mock.calls.flatMap(([each, fields]) => (each === message ? [fields] : []));

describe("the log of a run", () => {
  it("has the pods that were created", async () => {
    await apply();
    const [name] = await probe();
    expect(logged("pods created")).toEqual([{ run: status().run?.id, namespace: "shop", pods: [name] }]);
  });

  it("does not have a pod that the API server rejects", async () => {
    memory().before = ({ verb, path }) => {
      if (verb === "create" && path === PODS) throw rejection(403, "exceeded quota: small");
    };
    await apply();
    expect(logged("pods created")).toEqual([]);
  });

  it("ends with its verdict, its duration and its counts", async () => {
    await apply();
    await controller().pass(12_000);
    await probe();
    expect(logged("run ended")).toEqual([
      {
        test: "shop/net",
        run: status().run?.id,
        verdict: "Passed",
        trigger: "Generation",
        seconds: 12,
        attempts: 1,
        queuedSeconds: 0,
        passed: 1,
        failed: 0,
        inconclusive: 0,
      },
    ]);
  });

  it("ends with the number of its attempts and the expectations that are Inconclusive", async () => {
    await apply();
    await controller().pass(20 * MINUTE);
    expect(logged("run ended")).toMatchObject([
      { verdict: "Inconclusive", attempts: 4, passed: 0, failed: 0, inconclusive: 1 },
    ]);
  });

  it("says which replica has taken it over, once, and nothing of a run that had ended", async () => {
    await apply();
    expect(logged("run taken over")).toEqual([]);
    await controller().stop();
    const next = startController(memory());
    await next.caches.synced;
    await next.settle();
    const [run] = next.caches.runs.values();
    expect(logged("run taken over", next)).toEqual([
      { test: "shop/net", run: run?.spec.run.id, by: "operator-a" },
    ]);
    endProbePods(memory(), () => "CCC");
    await next.settle();
    expect(logged("run taken over", next)).toHaveLength(1);
    await next.stop();
    const last = startController(memory());
    await last.caches.synced;
    await last.settle();
    expect(logged("run taken over", last)).toEqual([]);
    await last.stop();
  });
});

it("the event of a verdict has the id of its run", async () => {
  await apply();
  await probe();
  const [event] = memory().at("/apis/events.k8s.io/v1/namespaces/shop/events");
  expect(event?.metadata["annotations"]).toEqual({ "netverdict.dev/run-id": status().run?.id });
});
