import type { Cluster } from "../cluster/cluster.ts";
import { buildOperatorImage } from "../install/operatorImage.ts";
import type { Report } from "../process/report.ts";
import { withCommit } from "./cpu/commit.ts";

/** A build of netverdict that can be installed. */
export interface Build {
  readonly label: string;
  readonly image: string;
  /** Its checkout; this one if left out. */
  readonly root?: string;
}

interface Wanted {
  readonly cluster: Cluster;
  readonly report: Report;
  /** The commit of the other build; undefined: there is none. */
  readonly against: string | undefined;
}

/** Calls `use` with the build of another commit, if one is wanted, and with this one. The cluster has both images. */
export async function withBuilds(
  { cluster, report, against }: Wanted,
  use: (builds: readonly Build[]) => Promise<void>,
): Promise<void> {
  const imageFrom = async (root?: string) => {
    const { reference } = await buildOperatorImage(report, root);
    await cluster.load(reference);
    return reference;
  };
  const now = { label: "now", image: await imageFrom() };
  if (against === undefined) {
    await use([now]);
    return;
  }
  await withCommit(against, [], async (root) => {
    await use([{ label: `at ${against}`, image: await imageFrom(root), root }, now]);
  });
}
