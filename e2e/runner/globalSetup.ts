import type { TestProject } from "vitest/node";

import { type Cluster, clusterUp } from "../cluster/cluster.ts";
import type { EngineName } from "../cluster/build/groups.ts";
import { timedReport } from "../process/report.ts";
import { installOperator } from "../install/installOperator.ts";
import { TEST_SETTINGS } from "../install/testSettings.ts";
import { type Kubectl, kubectlOf } from "../kube/kubectl.ts";
import { buildOperatorImage } from "../install/operatorImage.ts";
import { giveSecondNodeBack, keepSecondNode, NODES } from "../harness/secondNode.ts";

/** What every e2e test may know of its cluster. */
export interface Provided {
  readonly name: string;
  readonly kubeconfig: string;
  /** Path of the program. */
  readonly kubectl: string;
  readonly nodes: readonly string[];
  readonly engine: EngineName;
  /** The image of operator and probes: it has node, curl and sh, so that scenarios use it for their own pods too. */
  readonly image: string;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly cluster: Provided;
  }
}

const report = timedReport();

/**
 * The embedded cluster with netverdict installed. One that ran before is used as it is, and left running. vitest ends at
 * once when the user interrupts it: then a cluster started here stays, and the next `up` finds or replaces it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await clusterUp({ report, nodes: NODES });
  const kubectl = kubectlOf(cluster.kubectl, { kubeconfig: cluster.kubeconfig });
  try {
    await keepSecondNode(kubectl, cluster.nodes);
    const image = await buildOperatorImage(report);
    await cluster.load(image.reference);
    await installOperator({ kubectl, image: image.reference, environment: TEST_SETTINGS });
    report(`netverdict runs in cluster ${cluster.name}`);
    provide(project, cluster, image.reference);
  } catch (error) {
    await end(cluster, kubectl);
    throw error;
  }
  return async () => end(cluster, kubectl);
}

function provide(project: TestProject, cluster: Cluster, image: string): void {
  const { name, kubeconfig, kubectl, nodes, engine } = cluster;
  process.env["KUBECONFIG"] = kubeconfig;
  process.env["NETVERDICT_KUBECTL"] = kubectl;
  project.provide("cluster", { name, kubeconfig, kubectl, nodes, engine, image });
}

async function end(cluster: Cluster, kubectl: Kubectl): Promise<void> {
  if (cluster.foundRunning) {
    await giveSecondNodeBack(kubectl, cluster);
    return;
  }
  await cluster.stop();
  report(`cluster ${cluster.name} is down again`);
}
