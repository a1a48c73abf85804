import { z } from "zod";

import { connectivityTestSchema, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Api } from "../../operator/runtime/api.ts";
import {
  connectivityTestPath,
  connectivityTestsPath,
  probeRunsPath,
} from "../../operator/runtime/resourcePaths.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { isDecided } from "../kube/connectivityTests.ts";
import type { Kubectl } from "../kube/kubectl.ts";
import { until } from "../process/until.ts";
import { floorOf } from "./floor.ts";
import { operatorCost } from "./cluster/operatorCost.ts";
import type { Scene } from "./scenes.ts";
import { watchUntil } from "./cluster/watchUntil.ts";
import type { Site } from "./cluster/workloads.ts";

/** One measurement of a scene; times in seconds. */
export interface SceneMeasured {
  /** From the first request to the verdict of the last test. */
  readonly verdict: number;
  /** From the first request to the end of as many plain pods that run `true`. */
  readonly floor: number;
  /** CPU of all pods but the operator's, from the first request until no ProbeRun is left that has not ended. */
  readonly podCpu: number;
  /** Only from the last restart on, if there were restarts. */
  readonly operatorCpu: number;
  readonly operatorRestarts: number;
  readonly operatorResident: number;
  readonly expectations: number;
  readonly inconclusive: number;
  readonly failed: number;
  /** Runs that had more than one attempt. */
  readonly repeated: number;
}

export interface SceneBench {
  readonly cluster: Cluster;
  readonly api: Api;
  readonly kubectl: Kubectl;
  readonly site: Site;
}

/** The longest time that a scene may take: four attempts with their pauses on a busy machine. */
const LIMIT_SECONDS = 600;

/** Creates the tests of a scene, waits for their verdicts, and deletes them. */
export async function measureScene(bench: SceneBench, { tests, pods }: Scene): Promise<SceneMeasured> {
  const { cluster, api, kubectl, site } = bench;
  const path = connectivityTestsPath(site.namespace);
  const created = tests(site);
  const [operatorBefore, podsBefore] = [await operatorCost(kubectl), await cluster.podCpuSeconds()];
  const decided = new Map<string, ConnectivityTest>();
  const verdict = await watchUntil(api, {
    path,
    limit: LIMIT_SECONDS,
    begin: async () => {
      await Promise.all(created.map(async ({ object }) => api.create(path, object)));
    },
    done: (object) => {
      const test = connectivityTestSchema.parse(object);
      if (isDecided(test)) decided.set(test.metadata.name, test);
      return created.every(({ name }) => decided.has(name));
    },
  });
  const [operatorAfter, podsAfter] = [await operatorCost(kubectl), await cluster.podCpuSeconds()];
  const operatorRestarts = operatorAfter.restarts - operatorBefore.restarts;
  const operatorCpu = operatorAfter.cpuSeconds - (operatorRestarts > 0 ? 0 : operatorBefore.cpuSeconds);
  await Promise.all(created.map(async ({ name }) => api.delete(connectivityTestPath(site.namespace, name))));
  await until("the ProbeRuns are gone", async () => (await noRunIsLeft(api, site)) || undefined, {
    seconds: 120,
    everyMs: 500,
  });
  const statuses = [...decided.values()].flatMap(({ status }) => status.expectations ?? []);
  const count = (wanted: string) => statuses.filter((status) => status.verdict === wanted).length;
  return {
    verdict,
    floor: await floorOf(api, site, pods),
    podCpu: podsAfter - podsBefore - operatorCpu,
    operatorCpu,
    operatorRestarts,
    operatorResident: operatorAfter.residentBytes,
    expectations: statuses.length,
    inconclusive: count("Inconclusive"),
    failed: count("Failed"),
    repeated: [...decided.values()].filter(({ status }) => (status.run?.attempts ?? 1) > 1).length,
  };
}

async function noRunIsLeft(api: Api, { namespace }: Site): Promise<boolean> {
  const runs = await api.list(probeRunsPath(namespace), (raw) => z.looseObject({}).parse(raw));
  return runs.length === 0;
}
