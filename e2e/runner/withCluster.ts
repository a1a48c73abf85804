import { clusterUp } from "../cluster/cluster.ts";
import { engineNamed } from "../cluster/cni/registry.ts";
import { messageOf } from "../process/failure.ts";
import type { EngineName } from "../cluster/build/groups.ts";
import { preflight } from "../cluster/preflight/preflight.ts";
import type { Report } from "../process/report.ts";
import { nameFromPath } from "../cluster/nodes/spec.ts";
import { operatorImage } from "../install/operatorImage.ts";
import { imageRequests } from "../shop/images.ts";
import type { Check } from "./checks.ts";
import { sampleRecipes } from "../harness/sampleImages.ts";
import { NODES } from "../harness/secondNode.ts";

interface Telling {
  readonly report: Report;
  /** What else may be done where there can be no cluster. */
  readonly otherwise?: string;
}

interface Surroundings extends Telling {
  readonly interrupted: AbortSignal;
  /** What is to connect the pods. */
  readonly engine: EngineName;
}

/**
 * The check that comes before all others: a machine that cannot run the cluster, with any of these engines, is known before
 * the first minute is spent.
 */
export function machineCheck(names: readonly EngineName[], telling: Telling): Check {
  return {
    title: `the machine can run the embedded cluster with ${names.join(" and with ")}`,
    async run() {
      const reasons = new Set<string>();
      for (const name of names) {
        const tried = preflight(engineNamed(name), { name: nameFromPath(), images: true });
        await tried.catch((error: unknown) => reasons.add(messageOf(error)));
      }
      if (reasons.size === 0) return { passed: 1, failed: 0 };
      sayWhyNot([...reasons], telling);
      return { passed: 0, failed: 1 };
    },
  };
}

/**
 * The check with the embedded cluster around it: one that was started for it is stopped after it, also when the user
 * interrupts it. A machine that cannot run the cluster fails with the reason and the remedy: nothing is skipped silently.
 */
export function withCluster({ title, run }: Check, { interrupted, engine, ...telling }: Surroundings): Check {
  return {
    title,
    async run() {
      const images = [operatorImage, ...imageRequests(sampleRecipes)];
      const wanted = { report: telling.report, interrupted, engine, nodes: NODES, images };
      const cluster = await clusterUp(wanted).catch((error: unknown) =>
        sayWhyNot([messageOf(error)], telling),
      );
      if (cluster === undefined) return { passed: 0, failed: 1 };
      try {
        return await run();
      } finally {
        if (!cluster.foundRunning) await cluster.stop();
      }
    },
  };
}

function sayWhyNot(reasons: readonly string[], { report, otherwise }: Telling): void {
  for (const reason of reasons) report(`the e2e tests have no cluster: ${reason}`);
  if (otherwise !== undefined) report(otherwise);
}
