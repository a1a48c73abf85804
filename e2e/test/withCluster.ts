import { clusterUp } from "../cluster/cluster.ts";
import { engineNamed } from "../cluster/engines.ts";
import { messageOf } from "../cluster/failure.ts";
import type { EngineName } from "../cluster/groups.ts";
import { preflight } from "../cluster/preflight/preflight.ts";
import type { Report } from "../cluster/report.ts";
import { nameFromPath } from "../cluster/spec.ts";
import { operatorImage } from "../install/operatorImage.ts";
import { imageRequests } from "../shop/images.ts";
import type { Check } from "./checks.ts";
import { sampleRecipes } from "./sampleImages.ts";
import { NODES } from "./secondNode.ts";

interface Surroundings {
  readonly report: Report;
  readonly interrupted: AbortSignal;
  /** What is to connect the pods. */
  readonly engine: EngineName;
}

/** The check that comes before all others: a machine that cannot run the cluster is known before the first minute is spent. */
export function machineCheck({ report, engine }: Omit<Surroundings, "interrupted">): Check {
  return {
    title: "the machine can run the embedded cluster",
    async run() {
      try {
        await preflight(engineNamed(engine), { name: nameFromPath(), images: true });
        return { passed: 1, failed: 0 };
      } catch (error) {
        sayWhyNot(error, report);
        return { passed: 0, failed: 1 };
      }
    },
  };
}

/**
 * The check with the embedded cluster around it: one that was started for it is stopped after it, also when somebody
 * interrupts. A machine that cannot run the cluster fails with the reason and the remedy: nothing is skipped silently.
 */
export function withCluster({ title, run }: Check, { report, interrupted, engine }: Surroundings): Check {
  return {
    title,
    async run() {
      const images = [operatorImage, ...imageRequests(sampleRecipes)];
      const wanted = { report, interrupted, engine, nodes: NODES, images };
      const cluster = await clusterUp(wanted).catch((error: unknown) => sayWhyNot(error, report));
      if (cluster === undefined) return { passed: 0, failed: 1 };
      try {
        return await run();
      } finally {
        if (!cluster.foundRunning) await cluster.stop();
      }
    },
  };
}

function sayWhyNot(error: unknown, report: Report): void {
  report(`the e2e tests have no cluster: ${messageOf(error)}`);
  report("to leave the e2e tests out: NETVERDICT_E2E=off npm test");
}
