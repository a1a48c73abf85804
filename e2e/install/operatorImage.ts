import { join } from "node:path";

import { type BuiltImage, buildImage } from "../cluster/images.ts";
import type { Report } from "../cluster/report.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Builds the image of operator and probes from this checkout. */
export async function buildOperatorImage(report: Report): Promise<BuiltImage> {
  const image = {
    name: "netverdict",
    dockerfile: join(ROOT, "Dockerfile"),
    context: ROOT,
    base: "node",
  } as const;
  return buildImage(image, report);
}
