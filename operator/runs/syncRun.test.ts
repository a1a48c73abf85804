import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { ProbeRun } from "../../crds/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { createJustMade } from "../runtime/mutationCache.ts";
import { fakeApi } from "../testing/fakeApi.ts";
import { later, probePod } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { createAdvancer } from "./syncRun.ts";

const CACHE_LAG = 5_000;
const run = plannedRun({ "probe-a": 1 });
const podSchema = z.object({ metadata: z.object({ name: z.string() }) });

/** Syncs one run again and again, as its pods come and go. */
function setUp() {
  const created: string[] = [];
  let time = 0;
  const now = () => later(time);
  const advance = createAdvancer({
    api: fakeApi({
      create(_, body) {
        created.push(podSchema.parse(body).metadata.name);
        return Promise.resolve(body);
      },
      update: (_, body) => Promise.resolve({ ...z.looseObject({}).parse(body), metadata: run.metadata }),
    }),
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    freshRuns: createJustMade<ProbeRun>({ lifetime: CACHE_LAG, now }),
    grants: new Map<string, ProbeGrant>(),
    cacheLag: CACHE_LAG,
    now,
  });
  function syncAt(milliseconds: number, pods: readonly ProbePod[]) {
    time = milliseconds;
    return advance({ run, witness: undefined, branches: [], pods }, now());
  }
  return { created, syncAt };
}

describe("a probe pod that is deleted right after its creation", () => {
  it("is created again as soon as the cache must have shown it, and the run asks to be synced then", async () => {
    const { created, syncAt } = setUp();
    await syncAt(0, []);
    await syncAt(1_000, [probePod("probe-a", run)]);
    const { lookAgainAt } = await syncAt(2_000, []);
    expect(created).toEqual(["probe-a"]);
    expect(lookAgainAt).toEqual(later(CACHE_LAG));
    await syncAt(CACHE_LAG, []);
    expect(created).toEqual(["probe-a", "probe-a"]);
  });
});
