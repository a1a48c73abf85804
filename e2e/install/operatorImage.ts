import { join } from "node:path";

import { type BuiltImage, buildImage, type ImageRequest } from "../cluster/build/images.ts";
import type { Report } from "../process/report.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The image of operator and probes, from this checkout. */
export const operatorImage: ImageRequest = {
  name: "netverdict",
  dockerfile: join(ROOT, "Dockerfile"),
  context: ROOT,
  base: "node",
};

/** Builds it, or finds it. */
export async function buildOperatorImage(report: Report): Promise<BuiltImage> {
  return buildImage(operatorImage, report);
}
