import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, later, probePod } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createRunWriter } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

/** How long a cache may take to show what was written. */
const CACHE_LAG = 5_000;
const planned = plannedRun({ "probe-a": 1 });
const RUN = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns/net-abc";
const POD = "/api/v1/namespaces/shop/pods/probe-a";
const podSchema = z.object({ metadata: z.object({ name: z.string() }) });

/** Syncs one run again and again, as it and its pods come and go. */
function setUp(first: ProbeRun = planned) {
  let time = 0;
  const now = () => later(time);
  const memory = createMemoryApi(now);
  const { api } = memory;
  const store = (run: ProbeRun) => probeRunSchema.parse(memory.put(RUN, run));
  const stored = () => probeRunSchema.parse(memory.at(RUN)[0]);
  let shown = store(first);
  const runs = createRunWriter({ api, cache: { get: () => shown }, now });
  const advance = createRunSyncer({
    log: silentLog(),
    clocks: blindClocks,
    api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs,
    grants: new Map<string, ProbeGrant>(),
    now,
  });
  /** What comes of it where the caches show this run, and these pods. */
  async function sync(milliseconds: number, run: ProbeRun, ...pods: readonly ProbePod[]) {
    time = milliseconds;
    shown = run;
    const before = memory.requests.length;
    const synced = await advance({ run: runs.newest(run), pods }, now());
    const requests = memory.requests.slice(before);
    return {
      ...synced,
      created: requests
        .filter(({ verb }) => verb === "create")
        .map(({ body }) => podSchema.parse(body).metadata.name),
      recorded: requests.filter(({ verb }) => verb === "update").map(({ body }) => body),
    };
  }
  return { memory, first: shown, store, stored, sync };
}

const pod = probePod("probe-a", planned);

describe("a probe pod that is deleted right after its creation", () => {
  it("is created again at once where the cache has shown it", async () => {
    const { memory, first, stored, sync } = setUp();
    expect((await sync(0, first)).created).toEqual(["probe-a"]);
    expect((await sync(1_000, stored(), pod)).created).toEqual([]);
    memory.remove(POD);
    expect((await sync(2_000, stored())).created).toEqual(["probe-a"]);
  });

  it("is created again as soon as the cache must have shown it, and the run asks to be synced then", async () => {
    const { memory, first, stored, sync } = setUp();
    await sync(0, first);
    memory.remove(POD);
    const { created, requeueAt } = await sync(2_000, stored());
    expect([created, requeueAt]).toEqual([[], later(CACHE_LAG)]);
    expect((await sync(CACHE_LAG, stored())).created).toEqual(["probe-a"]);
  });
});

describe("the status that was just recorded", () => {
  it("counts as long as the cache shows an older version of the run", async () => {
    const { first, sync } = setUp();
    const { run, recorded } = await sync(0, first);
    expect(recorded).toHaveLength(1);
    const again = await sync(1_000, first, pod);
    expect([again.run, again.recorded]).toEqual([run, []]);
  });

  it("counts no more once the cache shows a newer version", async () => {
    const { first, store, sync } = setUp();
    await sync(0, first);
    const ended = {
      phase: "Finished" as const,
      finishedAt: BEGAN,
      pods: [{ name: "probe-a", phase: "NotRun" as const }],
      results: [],
    };
    const { run, created } = await sync(1_000, store({ ...first, status: ended }));
    expect([run.status, created]).toEqual([ended, []]);
  });

  it("counts no more once the cache shows another run of the same name", async () => {
    const { memory, first, store, sync } = setUp();
    await sync(0, first);
    memory.remove(RUN);
    const another = store({ ...planned, metadata: { ...planned.metadata, uid: "uid-another" } });
    expect((await sync(1_000, another)).run.metadata.uid).toBe("uid-another");
  });
});

it("a probe pod whose sandbox could not be created has the message of the event", async () => {
  const creating = probePod("probe-a", planned, {
    status: {
      phase: "Pending",
      containerStatuses: [{ name: "probe", state: { waiting: { reason: "ContainerCreating" } } }],
    },
  });
  const { memory, first, sync } = setUp();
  memory.put("/apis/events.k8s.io/v1/namespaces/shop/events/probe-a.1", {
    regarding: { uid: creating.metadata.uid },
    type: "Warning",
    reason: "FailedCreatePodSandBox",
    note: "no addresses left",
  });
  const { run } = await sync(60_000, first, creating);
  expect(run.status.pods).toMatchObject([
    {
      phase: "NotRun",
      message: "not started within 1m: ContainerCreating: FailedCreatePodSandBox: no addresses left",
    },
  ]);
});

describe("a run that is being deleted", () => {
  const going = { ...planned, metadata: { ...planned.metadata, deletionTimestamp: BEGAN } };

  it("gets no probe pods, which would keep it from being gone, and nothing is recorded in it", async () => {
    const { first, sync } = setUp(going);
    const { created, recorded, requeueAt } = await sync(0, first);
    expect([created, recorded]).toEqual([[], []]);
    expect(requeueAt).toEqual(later(122_000));
  });

  it("has ended once the time for its probe pods is over", async () => {
    const { first, sync } = setUp(going);
    const { run, recorded } = await sync(122_000, first, pod);
    expect(run.status).toMatchObject({
      phase: "Finished",
      pods: [{ name: "probe-a", phase: "NotRun", message: "its ProbeRun is being deleted" }],
    });
    expect(recorded).toEqual([]);
  });
});
