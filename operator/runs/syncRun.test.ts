import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { fakeApi } from "../testing/fakeApi.ts";
import { BEGAN, later, probePod } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { createRunWriter } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

/** How long a cache may take to show what was written. */
const CACHE_LAG = 5_000;
const planned = plannedRun({ "probe-a": 1 });
const podSchema = z.object({ metadata: z.object({ name: z.string() }) });

/** The run at this resource version. */
const at = (resourceVersion: number, more: Partial<ProbeRun> = {}): ProbeRun => ({
  ...planned,
  ...more,
  metadata: { ...planned.metadata, ...more.metadata, resourceVersion: String(resourceVersion) },
});

/** Syncs one run again and again, as it and its pods come and go; every write gets the next resource version from 11 on. */
function setUp() {
  const created: string[] = [];
  const recorded: ProbeRun[] = [];
  let time = 0;
  const now = () => later(time);
  let shown = planned;
  const api = fakeApi({
    create(_, body) {
      created.push(podSchema.parse(body).metadata.name);
      return Promise.resolve(body);
    },
    update(_, body) {
      const run = probeRunSchema.parse(body);
      const made = at(11 + recorded.length, {
        ...run,
        metadata: { ...planned.metadata, uid: run.metadata.uid },
      });
      recorded.push(made);
      return Promise.resolve(made);
    },
  });
  const runs = createRunWriter({ api, cache: { get: () => shown }, now });
  const advance = createRunSyncer({
    clocks: blindClocks,
    api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs,
    grants: new Map<string, ProbeGrant>(),
    now,
  });
  /** What comes of it where the caches show this. */
  async function sync(milliseconds: number, run: ProbeRun, ...pods: readonly ProbePod[]) {
    time = milliseconds;
    shown = run;
    const before = { created: created.length, recorded: recorded.length };
    const synced = await advance({ run: runs.newest(run), pods }, now());
    return { ...synced, created: created.slice(before.created), recorded: recorded.slice(before.recorded) };
  }
  return sync;
}

const pod = probePod("probe-a", planned);

describe("a probe pod that is deleted right after its creation", () => {
  it("is created again at once where the cache has shown it", async () => {
    const sync = setUp();
    expect((await sync(0, at(1))).created).toEqual(["probe-a"]);
    expect((await sync(1_000, at(11), pod)).created).toEqual([]);
    expect((await sync(2_000, at(11))).created).toEqual(["probe-a"]);
  });

  it("is created again as soon as the cache must have shown it, and the run asks to be synced then", async () => {
    const sync = setUp();
    await sync(0, at(1));
    const { created, requeueAt } = await sync(2_000, at(11));
    expect([created, requeueAt]).toEqual([[], later(CACHE_LAG)]);
    expect((await sync(CACHE_LAG, at(11))).created).toEqual(["probe-a"]);
  });
});

describe("the status that was just recorded", () => {
  it("counts as long as the cache shows an older version of the run", async () => {
    const sync = setUp();
    const { run } = await sync(0, at(1));
    const again = await sync(1_000, at(1), pod);
    expect([again.run, again.recorded]).toEqual([run, []]);
  });

  it("counts no more once the cache shows a newer version", async () => {
    const sync = setUp();
    await sync(0, at(1));
    const ended = {
      phase: "Finished" as const,
      finishedAt: BEGAN,
      pods: [{ name: "probe-a", phase: "NotRun" as const }],
      results: [],
    };
    const { run, created } = await sync(1_000, at(12, { status: ended }));
    expect([run.status, created]).toEqual([ended, []]);
  });

  it("counts no more once the cache shows another run of the same name", async () => {
    const sync = setUp();
    await sync(0, at(1));
    const another = at(20, { metadata: { ...planned.metadata, uid: "uid-another" } });
    expect((await sync(1_000, another)).run.metadata.uid).toBe("uid-another");
  });
});

describe("a run that is being deleted", () => {
  const going = at(2, { metadata: { ...planned.metadata, deletionTimestamp: BEGAN } });

  it("gets no probe pods, which would keep it from being gone, and nothing is recorded in it", async () => {
    const { created, recorded, requeueAt } = await setUp()(0, going);
    expect([created, recorded]).toEqual([[], []]);
    expect(requeueAt).toEqual(later(122_000));
  });

  it("has ended once the time for its probe pods is over", async () => {
    const { run, recorded } = await setUp()(122_000, going, pod);
    expect(run.status).toMatchObject({
      phase: "Finished",
      pods: [{ name: "probe-a", phase: "NotRun", message: "its ProbeRun is being deleted" }],
    });
    expect(recorded).toEqual([]);
  });
});
