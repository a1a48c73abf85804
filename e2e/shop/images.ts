import { join } from "node:path";

import type { BaseName } from "../cluster/build/baseImages.ts";
import { buildImage, type BuiltImage, type ImageRequest } from "../cluster/build/images.ts";
import type { Report } from "../process/report.ts";
import type { Images } from "../kube/kustomize.ts";

/** Where the Dockerfile of an image lies, and the base that it asks for. */
export interface Recipe {
  readonly folder: string;
  readonly base: BaseName;
}

/** The shop's images by the names that its kustomization uses. */
export const shopImages: Readonly<Record<string, Recipe>> = {
  "shop-service": { folder: join(import.meta.dirname, "service"), base: "node" },
  "shop-mysql": { folder: join(import.meta.dirname, "mysql"), base: "debian" },
};

/** Builds all of them, and gives each to `load`; their references by the same names. */
export async function buildShopImages(
  report: Report,
  load: (reference: string) => Promise<void>,
): Promise<Images> {
  const references: Record<string, string> = {};
  for (const [name, recipe] of Object.entries(shopImages)) {
    const image = await buildFrom({ name, ...recipe }, report);
    await load(image.reference);
    references[name] = image.reference;
  }
  return references;
}

/** Builds one image from the folder of its Dockerfile, or finds it. */
export async function buildFrom(
  recipe: Recipe & { readonly name: string },
  report: Report,
): Promise<BuiltImage> {
  return buildImage(requestOf(recipe), report);
}

/** What has to be built for some of the images. */
export function imageRequests(recipes: Readonly<Record<string, Recipe>>): readonly ImageRequest[] {
  return Object.entries(recipes).map(([name, recipe]) => requestOf({ name, ...recipe }));
}

function requestOf({ name, folder, base }: Recipe & { readonly name: string }): ImageRequest {
  return { name, dockerfile: join(folder, "Dockerfile"), context: folder, base };
}
