import { join } from "node:path";

import type { BaseName } from "../cluster/baseImages.ts";
import { buildImage } from "../cluster/images.ts";
import type { Report } from "../cluster/report.ts";
import type { Images } from "../install/kustomize.ts";

/** The shop's images by the names that its kustomization uses, with the base that each Dockerfile asks for. */
export const shopImages: Readonly<Record<string, { readonly folder: string; readonly base: BaseName }>> = {
  "shop-service": { folder: join(import.meta.dirname, "service"), base: "node" },
  "shop-mysql": { folder: join(import.meta.dirname, "mysql"), base: "debian" },
};

/** Builds all of them, and gives each to `load`; their references by the same names. */
export async function buildShopImages(
  report: Report,
  load: (archive: string) => Promise<void>,
): Promise<Images> {
  const references: Record<string, string> = {};
  for (const [name, { folder, base }] of Object.entries(shopImages)) {
    const dockerfile = join(folder, "Dockerfile");
    const image = await buildImage({ name, dockerfile, context: folder, base }, report);
    await load(image.archive);
    references[name] = image.reference;
  }
  return references;
}
