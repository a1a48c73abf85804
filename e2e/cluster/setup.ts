import { binarySteps } from "./build/binaries.ts";
import { packageStep } from "./build/debianPackages.ts";
import type { Engine } from "./cni/engine.ts";
import { Failure } from "../process/failure.ts";
import { type ImageRequest, imageSteps } from "./build/images.ts";
import { checkInstalled, preflight } from "./preflight/preflight.ts";
import { lineOf } from "./preflight/problem.ts";
import { notRoot } from "./preflight/system.ts";
import type { Step } from "./build/prepare.ts";
import type { Report } from "../process/report.ts";

interface Wanted {
  /** Of the cluster. */
  readonly name: string;
  /** To be built before it starts. */
  readonly images: readonly ImageRequest[];
  readonly report: Report;
  readonly interrupted: AbortSignal;
}

/**
 * Looks at the machine, and gives all that takes long where it was never done. Fails with everything that the machine
 * lacks, at once. Repeating it is cheap (0.1 s).
 */
export async function stepsTo(engine: Engine, wanted: Wanted): Promise<readonly Step[]> {
  const { name, images, report, interrupted } = wanted;
  const { packages } = await preflight(engine, { name, images: images.length > 0 });
  const installing = packageStep(packages, report);
  const run: Step["run"] = async (tick) => {
    await installing.run(tick);
    await checkInstalled(engine, packages);
  };
  return [
    { ...installing, run },
    ...(await binarySteps(engine.programs, interrupted)),
    ...(await imageSteps(images, report)),
  ];
}

/** Fails unless this process is root. */
export function requireRoot(): void {
  const userId = process.getuid?.();
  if (userId !== 0) throw new Failure(lineOf(notRoot(userId)));
}
