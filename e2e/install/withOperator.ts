import { type Cluster, clusterUp } from "../cluster/cluster.ts";
import { type Kubectl, kubectlOf } from "../kube/kubectl.ts";
import type { Report } from "../process/report.ts";
import { installOperator } from "./installOperator.ts";
import { buildOperatorImage } from "./operatorImage.ts";

/** A cluster in which netverdict runs. */
export interface OperatorCluster {
  readonly cluster: Cluster;
  readonly kubectl: Kubectl;
  /** The image of operator and probes, which the nodes have. */
  readonly image: string;
}

/**
 * Does something in the embedded cluster with netverdict as manifests/ install it. A cluster that was started for it is stopped
 * after it.
 */
export async function withOperator<Result>(
  wanted: Parameters<typeof clusterUp>[0] & { readonly report: Report },
  work: (place: OperatorCluster) => Promise<Result>,
): Promise<Result> {
  const cluster = await clusterUp(wanted);
  try {
    const { reference: image } = await buildOperatorImage(wanted.report);
    await cluster.load(image);
    const kubectl = kubectlOf(cluster.kubectl, { kubeconfig: cluster.kubeconfig });
    await installOperator({ kubectl, image });
    return await work({ cluster, kubectl, image });
  } finally {
    if (!cluster.foundRunning) await cluster.stop();
  }
}
