import { describe, expect, it } from "vitest";
import { z } from "zod";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { createObserver } from "../cluster/observe.ts";
import { createFollowUpObserver } from "../cluster/observeFollowUp.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { readsOf } from "../testing/clusterReads.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, connectivityTest, later, probeRun } from "../testing/objects.ts";
import { liveSource, runOf } from "../testing/probeRuns.ts";
import { rejection } from "../testing/rejection.ts";
import { silentLog } from "../testing/silentLog.ts";
import { judge } from "../verdict/judge.ts";
import { createRunWriter } from "./runWriter.ts";
import { createTestRunSyncer } from "./syncTestRun.ts";

describe("a follow-up run", () => {
  const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
  /** A denied host outside, whose source has a sign of life. */
  const { spec, status } = runOf({
    paths: [
      {
        kind: "Host",
        check: { address: undefined, host: "db.example.com" },
        backends: [],
        samples: ".....",
        result: { address: "203.0.113.10" },
      },
      liveSource,
    ],
  });
  const planned = { ...spec, test: { kind: "ConnectivityTest", name: "net", uid: "uid-net" } };
  const unproven: ProbeRun = {
    ...probeRun({ id: "k3f9q" }),
    spec: planned,
    status: { ...status, finishedAt: BEGAN },
  };
  const outside = { enabled: true, allow: ["203.0.113.0/24"] };

  const named = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

  interface ClusterOptions {
    /** The first run; left out: `unproven`. */
    readonly run?: ProbeRun;
    readonly witness?: typeof outside;
    readonly refused?: number;
    /** The second look, where the cache shows one. */
    readonly shown?: ProbeRun;
  }

  function cluster({ run = unproven, witness = outside, refused, shown }: ClusterOptions = {}) {
    const now = () => later(0);
    const memory = createMemoryApi(now);
    const stored = (one: ProbeRun) => probeRunSchema.parse(memory.put(`${RUNS}/${one.metadata.name}`, one));
    const [first, second] = [stored(run), shown && stored(shown)];
    memory.before = ({ verb, path }) => {
      if (verb === "create" && path === RUNS && refused !== undefined)
        throw rejection(refused, "Forbidden", "quota");
    };
    const { api } = memory;
    const cache = { get: (key: string) => (key === "shop/net-k3f9q-again" ? second : undefined) };
    const sync = createTestRunSyncer({
      clocks: blindClocks,
      api,
      runs: createRunWriter({ api, cache, now }),
      observeFollowUp: createFollowUpObserver(
        readsOf(api),
        createObserver(readsOf(api), { grants: { values: () => [] } }),
      ),
      grants: { get: () => undefined },
      settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
      witness,
      log: silentLog(),
      now,
    });
    return {
      sync: (time: Date) => sync({ test: connectivityTest(), run: first, pods: [] }, time),
      /** What it has asked the API server to create, in this order. */
      created: () =>
        memory.requests
          .filter(({ verb }) => verb === "create")
          .map(({ path, body }) => `${path.split("/").at(-1)}/${named.parse(body).metadata.name}`),
    };
  }

  it("begins when the first has ended and left something to ask, once, with its pods and witnesses", async () => {
    const { sync, created } = cluster();
    const first = await sync(later(0));
    expect(created()).toEqual([
      "proberuns/net-k3f9q-again",
      "pods/probe-orders-k3f9q-again-0",
      "proberuns/shop.net-k3f9q-again",
      "pods/witness-near-k3f9q-again-0",
    ]);
    expect([first.run.status.phase, first.followUp?.run.status.phase]).toEqual(["Finished", "Pending"]);
    await sync(later(1_000));
    expect(created()).toHaveLength(4);
  });

  it("continues with the one that the caches show, independent of who began it", async () => {
    const shown = probeRun({ id: "k3f9q", metadata: { name: "net-k3f9q-again", uid: "again" } });
    const { sync, created } = cluster({ shown });
    const { followUp } = await sync(later(0));
    expect(followUp?.run.status.phase).toBe("Finished");
    expect(created()).toEqual([]);
  });

  it("that is left of a run of the same name that was deleted is waited for until it is gone, and never counts", async () => {
    const older = { name: "net-k3f9q-again", uid: "again", creationTimestamp: "2026-11-21T11:59:00Z" };
    const shown = probeRun({
      id: "k3f9q",
      metadata: older,
      status: { phase: "Finished", results: [{ path: 0, samples: "CCCCC" }] },
    });
    const { sync, created } = cluster({ shown });
    const { followUp } = await sync(later(0));
    expect(created()).toEqual([]);
    expect(followUp?.run.status).toMatchObject({ phase: "Pending", results: [] });
  });

  it("does not begin while the first is in progress, or where the administrator wants no witnesses", async () => {
    const running: ProbeRun = { ...unproven, status: { phase: "Pending", pods: [], results: [] } };
    const busy = cluster({ run: running });
    await busy.sync(later(0));
    expect(busy.created()).toEqual(["pods/probe-orders"]);
    const off = cluster({ witness: { enabled: false, allow: [] } });
    expect((await off.sync(later(0))).followUp).toBeUndefined();
    expect(off.created()).toEqual([]);
  });

  it("that the API server will not have ends at once, with its words", async () => {
    const { sync } = cluster({ refused: 403 });
    const { run, followUp } = await sync(later(0));
    expect(followUp?.run.status).toMatchObject({
      phase: "Finished",
      pods: [{ phase: "NotRun", message: "quota" }],
    });
    const [judged] = judge(run, undefined, followUp);
    expect(judged?.reason).toBe("TargetNotProven");
    expect(judged?.message).toContain("The follow-up run had no result: quota");
  });
});
