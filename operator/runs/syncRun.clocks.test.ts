import { expect, it } from "vitest";
import { z } from "zod";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunSchema, probeRunStatusSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { later, probePod } from "../testing/objects.ts";
import { plannedRun, reportOf } from "../testing/plannedRun.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createClockWatch } from "./clockWatch.ts";
import { createRunWriter } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

const planned = plannedRun({ "probe-a": 1 });
const RUN = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns/net-abc";
const POD = "/api/v1/namespaces/shop/pods/probe-a";
const statusSchema = z.object({ status: probeRunStatusSchema });

const ended = probePod("probe-a", planned, {
  spec: { nodeName: "node-1" },
  status: {
    startTime: later(0).toISOString(),
    containerStatuses: [
      {
        name: "probe",
        state: { terminated: { exitCode: 0, reason: "Completed", message: reportOf(planned, "probe-a") } },
      },
    ],
  },
});

/**
 * The clock that a run records whose probe pod is created half a second after it began, or was there before, and is seen to
 * have ended at ten seconds.
 */
async function clockRecorded({ wasThere = false } = {}) {
  let time = later(500);
  const now = () => time;
  const memory = createMemoryApi(now);
  const { api } = memory;
  memory.put(RUN, planned);
  if (wasThere) memory.put(POD, ended);
  const advance = createRunSyncer({
    log: silentLog(),
    api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs: createRunWriter({ api, cache: new Map<string, ProbeRun>(), now }),
    grants: new Map<string, ProbeGrant>(),
    clocks: createClockWatch({ observer: "operator", now: () => time.getTime() }),
    now,
  });
  const look = (pods: readonly ProbePod[]) =>
    advance({ run: probeRunSchema.parse(memory.at(RUN)[0]), pods }, now());
  await look([]);
  const { uid = "" } = memory.at(POD)[0]?.metadata ?? {};
  time = later(10_000);
  await look([{ ...ended, metadata: { ...ended.metadata, uid } }]);
  const { status } = statusSchema.parse(memory.at(RUN)[0]);
  expect(status.phase).toBe("Finished");
  return status.pods[0]?.clock;
}

it("a run records what a pod that it has created shows of its node's clock", async () => {
  expect(await clockRecorded()).toEqual({ observer: "operator", minOffset: -10_000, maxOffset: -499 });
});

it("a run records nothing of the clock of a pod that existed before, independent of who created it", async () => {
  expect(await clockRecorded({ wasThere: true })).toBeUndefined();
});
