import { join } from "node:path";

import { type BuiltImage, buildImage } from "../cluster/images.ts";
import type { Report } from "../cluster/report.ts";

/** The shop's images by the names that its kustomization uses, with the base that each Dockerfile asks for. */
export const shopImages = {
  "shop-service": { folder: join(import.meta.dirname, "service"), base: "node" },
  "shop-mysql": { folder: join(import.meta.dirname, "mysql"), base: "debian" },
} as const;

/** Builds both of them. */
export async function buildShopImages(report: Report): Promise<readonly [name: string, image: BuiltImage][]> {
  const built: [string, BuiltImage][] = [];
  for (const [name, { folder, base }] of Object.entries(shopImages)) {
    const dockerfile = join(folder, "Dockerfile");
    built.push([name, await buildImage({ name, dockerfile, context: folder, base }, report)]);
  }
  return built;
}
