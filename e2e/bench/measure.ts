import { connectivityTestSchema, probingTimes } from "../../crds/connectivitytest.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import type { Api } from "../../operator/runtime/api.ts";
import {
  connectivityTestPath,
  connectivityTestsPath,
  probeRunsPath,
} from "../../operator/runtime/resourcePaths.ts";
import type { Kubectl } from "../kube/kubectl.ts";
import { floorOf } from "./floor.ts";
import { operatorCost } from "./cluster/operatorCost.ts";
import { watchUntil } from "./cluster/watchUntil.ts";
import { connectivityTest, type Site } from "./cluster/workloads.ts";

export interface Size {
  readonly sources: number;
  readonly targets: number;
}

/** One measurement; times in seconds. */
export interface Measured {
  readonly expectations: number;
  readonly probePods: number;
  readonly paths: number;
  /** From the request that creates the test to the event that brings its verdict. */
  readonly verdict: number;
  /** From the first request to the end of the last of as many plain pods of the same image that run `true`. */
  readonly floor: number;
  /** The duration of the rounds, by the longest result. */
  readonly window: number;
  /** What is neither floor nor window. */
  readonly overhead: number;
  readonly requests: number;
  readonly operatorCpu: number;
  readonly operatorResident: number;
  /** Attempts that were starved of CPU and said nothing. */
  readonly probeErrors: number;
}

export interface Bench {
  readonly api: Api;
  readonly kubectl: Kubectl;
  readonly site: Site;
}

/** One test from its creation to its verdict, beside the floor measured just after it. */
export async function measure({ api, kubectl, site }: Bench, name: string, size: Size): Promise<Measured> {
  const before = await operatorCost(kubectl);
  const verdict = await untilVerdict(api, site, { name, ...size });
  const run = await lastRun(api, site, name);
  const after = await operatorCost(kubectl);
  await api.delete(connectivityTestPath(site.namespace, name));
  const floor = await floorOf(api, site, run.spec.pods.length);
  const window = windowOf(run);
  return {
    expectations: size.sources * size.targets,
    probePods: run.spec.pods.length,
    paths: run.spec.paths.length,
    verdict,
    floor,
    window,
    overhead: verdict - floor - window,
    requests: after.apiRequests - before.apiRequests,
    operatorCpu: after.cpuSeconds - before.cpuSeconds,
    operatorResident: after.residentBytes,
    probeErrors: run.status.results.reduce((sum, { samples }) => sum + samples.split("E").length - 1, 0),
  };
}

async function untilVerdict(api: Api, site: Site, shape: Size & { name: string }): Promise<number> {
  const path = connectivityTestsPath(site.namespace);
  return watchUntil(api, {
    path,
    limit: 180,
    begin: async () => {
      await api.create(path, connectivityTest(site, shape));
    },
    done: (object) => {
      const { metadata, status } = connectivityTestSchema.parse(object);
      if (metadata.name !== shape.name || status.run === undefined) return false;
      if (status.verdict !== "Passed")
        throw new Error(`the measured test is ${status.verdict}: ${status.message}`);
      return true;
    },
  });
}

async function lastRun(api: Api, site: Site, test: string) {
  const runs = await api.list(probeRunsPath(site.namespace), (raw) => probeRunSchema.parse(raw));
  const run = runs.find(({ spec }) => spec.test.name === test);
  if (!run) throw new Error(`no ProbeRun of ${test}`);
  return run;
}

/** The rounds that were tried and the timeout of the last one where nothing answered: places left out are our overhead. */
function windowOf({ spec, status }: Awaited<ReturnType<typeof lastRun>>): number {
  const { interval, timeout } = probingTimes(spec.probing);
  const spans = status.results.map(({ samples }) => {
    const rounds = samples.replaceAll("-", "").length;
    return (rounds - 1) * interval + (samples.endsWith(".") ? timeout : 0);
  });
  return Math.max(0, ...spans) / 1_000;
}
