import { join } from "node:path";

import { type BuiltImage, buildImage, type ImageRequest } from "../cluster/build/images.ts";
import type { Report } from "../process/report.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The image of operator and probes, from a checkout. */
const imageFrom = (root: string): ImageRequest => ({
  name: "netverdict",
  dockerfile: join(root, "Dockerfile"),
  context: root,
  base: "node",
});

/** From this checkout. */
export const operatorImage: ImageRequest = imageFrom(ROOT);

/** Builds it from a checkout (this one if left out), or finds it. */
export async function buildOperatorImage(report: Report, root: string = ROOT): Promise<BuiltImage> {
  return buildImage(imageFrom(root), report);
}
