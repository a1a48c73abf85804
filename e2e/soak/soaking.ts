import type { Cluster } from "../cluster/cluster.ts";
import type { Kubectl } from "../kube/kubectl.ts";
import type { Read } from "../kube/read.ts";
import type { Report } from "../process/report.ts";
import type { Site } from "./scene.ts";
import type { Truth } from "./truth.ts";

/** The running soak test. */
export interface Soaking {
  readonly cluster: Cluster;
  readonly kubectl: Kubectl;
  readonly read: Read;
  readonly site: Site;
  readonly truth: Truth;
  readonly report: Report;
  /** Aborted when no further fault, change or request is to begin. */
  readonly ended: AbortSignal;
  /** Aborted when nothing is to go on: the soak test has failed, or the user has interrupted it. */
  readonly stopped: AbortSignal;
}
