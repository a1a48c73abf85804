import { expect, it } from "vitest";
import { z } from "zod";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunStatusSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { fakeApi, rejection } from "../testing/fakeApi.ts";
import { later, probePod } from "../testing/objects.ts";
import { plannedRun, reportOf } from "../testing/plannedRun.ts";
import { createClockWatch } from "./clockWatch.ts";
import { createRunWriter } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

const run = plannedRun({ "probe-a": 1 });
const bodySchema = z.object({ metadata: z.object({ name: z.string() }) });

const ended = probePod("probe-a", run, {
  spec: { nodeName: "node-1" },
  status: {
    startTime: later(0).toISOString(),
    containerStatuses: [
      {
        name: "probe",
        state: { terminated: { exitCode: 0, reason: "Completed", message: reportOf(run, "probe-a") } },
      },
    ],
  },
});

/** A run whose probe pod is created half a second after it began, and is seen to have ended at ten seconds. */
async function clockRecorded(create: (body: unknown) => Promise<unknown>) {
  let time = later(500);
  const now = () => time;
  const recorded: unknown[] = [];
  const api = fakeApi({
    create: (_, body) => create(body),
    get: () => Promise.resolve(ended),
    update: (_, body) => {
      recorded.push(body);
      return Promise.resolve(body);
    },
  });
  const advance = createRunSyncer({
    api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs: createRunWriter({ api, cache: new Map<string, ProbeRun>(), now }),
    grants: new Map<string, ProbeGrant>(),
    clocks: createClockWatch({ observer: "operator", now: () => time.getTime() }),
    now,
  });
  const look = (pods: readonly ProbePod[]) => advance({ run, pods }, now());
  await look([]);
  time = later(10_000);
  await look([ended]);
  const { status } = z.object({ status: probeRunStatusSchema }).parse(recorded.at(-1));
  return status.pods[0]?.clock;
}

const made = (body: unknown) => {
  const { metadata } = bodySchema.parse(body);
  return Promise.resolve({ metadata: { ...metadata, uid: `uid-${metadata.name}` } });
};

it("a run records what a pod that it has created shows of its node's clock", async () => {
  expect(await clockRecorded(made)).toEqual({ observer: "operator", minOffset: -10_000, maxOffset: -499 });
});

it("a run records nothing of the clock of a pod that was there before, whoever created it", async () => {
  expect(await clockRecorded(() => Promise.reject(rejection(409, "AlreadyExists")))).toBeUndefined();
});
