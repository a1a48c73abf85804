import { setTimeout as sleep } from "node:timers/promises";

import { clusterUp, type Cluster } from "../cluster/cluster.ts";
import { installOperator, OPERATOR } from "../install/installOperator.ts";
import { deploy } from "../kube/deploy.ts";
import { type Kubectl, kubectlOf } from "../kube/kubectl.ts";
import { timedReport } from "../process/report.ts";
import { until } from "../process/until.ts";
import { apiAt } from "./cluster/apiAt.ts";
import { type Build, withBuilds } from "./builds.ts";
import { busyCores } from "./busyCores.ts";
import { requireCommit } from "./cpu/commit.ts";
import { median } from "./cpu/median.ts";
import { matrixTable, type SceneRow } from "./matrixTable.ts";
import { measureScene, type SceneBench, type SceneMeasured } from "./measureScene.ts";
import { operatorCost } from "./cluster/operatorCost.ts";
import { type Hindrance, PEERS, type Scene, SCENES } from "./scenes.ts";
import { slowNetwork } from "./slowNetwork.ts";
import { workloads } from "./cluster/workloads.ts";

const report = timedReport();

/**
 * From the creation of tests to their last verdict in a real cluster, by this build and by that of another commit, which
 * take turns in the same cluster. Prints a table of medians after each turn, the last one of all, so that a failure loses
 * one turn.
 */
export async function matrixBench(against: string | undefined, repeats = 5): Promise<void> {
  if (against !== undefined) requireCommit(against);
  const cluster = await clusterUp({ report });
  try {
    await withBuilds({ cluster, report, against }, async (builds) => {
      const bench = await benchIn(cluster, builds);
      await measureAll(bench, builds, repeats);
      await bench.kubectl(["delete", "namespace", bench.site.namespace, "--wait=false"]);
    });
  } finally {
    if (!cluster.foundRunning) await cluster.stop();
  }
}

/** The workloads have the image of the first build under all builds. */
async function benchIn(cluster: Cluster, [first]: readonly Build[]): Promise<SceneBench> {
  const kubectl = kubectlOf(cluster.kubectl, { kubeconfig: cluster.kubeconfig });
  const site = { namespace: `bench-${Date.now().toString(36)}`, image: first?.image ?? "" };
  report(`deploying ${PEERS.sources} sources and ${PEERS.targets} targets`);
  await deploy(kubectl, workloads(site, PEERS), 300);
  return { cluster, api: apiAt(cluster.kubeconfig), kubectl, site };
}

async function measureAll(bench: SceneBench, builds: readonly Build[], repeats: number): Promise<void> {
  const measured = new Map<Scene, Map<string, SceneMeasured[]>>(SCENES.map((scene) => [scene, new Map()]));
  const atRest = new Map<string, number[]>();
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const build of builds) {
      await installAlone(bench.kubectl, build);
      atRest.set(build.label, [...(atRest.get(build.label) ?? []), await residentAtRest(bench.kubectl)]);
      for (const scene of SCENES) {
        const one = await hindered(bench.cluster, scene.hindrance, async () => measureScene(bench, scene));
        const ofBuild = measured.get(scene);
        ofBuild?.set(build.label, [...(ofBuild.get(build.label) ?? []), one]);
        report(`${repeat} of ${repeats}, ${build.label}, ${scene.title}: ${one.verdict.toFixed(1)} s`);
      }
    }
    const rows: SceneRow[] = [...measured].map(([{ title }, byBuild]) => ({ title, byBuild }));
    process.stdout.write(`${matrixTable(rows)}\n\n${restLines(atRest)}\n`);
  }
}

const REST_SECONDS = 20;

/** The resident memory in MiB of an operator that has started, and has no tests. */
async function residentAtRest(kubectl: Kubectl): Promise<number> {
  await sleep(REST_SECONDS * 1000);
  return (await operatorCost(kubectl)).residentBytes / 2 ** 20;
}

const restLines = (atRest: ReadonlyMap<string, readonly number[]>) =>
  [...atRest]
    .map(([label, all]) => `operator at rest, ${label}: ${median(all).toFixed(0)} MiB (of ${all.length})`)
    .join("\n");

const podImages = "jsonpath={.items[*].spec.containers[*].image}";

/**
 * Installs a build, and waits until the operator has no pods of another one. The policies of the build before permit no other
 * image, and an older build has none that would replace them.
 */
async function installAlone(kubectl: Kubectl, build: Build): Promise<void> {
  await kubectl(["delete", "validatingadmissionpolicybindings", OPERATOR[1]]);
  await installOperator({ kubectl, ...build });
  const isAlone = async () => {
    const images = (await kubectl(["get", "pods", ...OPERATOR, "-o", podImages])).split(" ");
    return images.every((image) => image === build.image) || undefined;
  };
  await until(`the operator runs only ${build.image}`, isAlone, { seconds: 60, everyMs: 500 });
}

async function hindered<Result>(
  cluster: Cluster,
  hindrance: Hindrance | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  switch (hindrance) {
    case undefined:
      return work();
    case "slow network": {
      const restore = await slowNetwork(cluster);
      try {
        return await work();
      } finally {
        await restore();
      }
    }
    case "busy cores": {
      const stop = busyCores();
      return work().finally(stop);
    }
  }
}
