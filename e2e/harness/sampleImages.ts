import { join } from "node:path";

import type { Report } from "../process/report.ts";
import { buildFrom, type Recipe, shopImages } from "../shop/images.ts";

/** The images of the scenarios' workloads, by the names that their folders use. */
export const sampleRecipes: Readonly<Record<string, Recipe>> = {
  ...shopImages,
  "web-server": { folder: join(import.meta.dirname, "../scenarios/server"), base: "node" },
};

interface Building {
  readonly report: Report;
  readonly load: (reference: string) => Promise<void>;
}

/** Builds the images that the objects name, and gives each to `load`; their references by the same names. */
export async function sampleImages(
  objects: readonly unknown[],
  { report, load }: Building,
): Promise<Readonly<Record<string, string>>> {
  const named = new Set(objects.flatMap(imagesIn));
  const references: Record<string, string> = {};
  for (const [name, recipe] of Object.entries(sampleRecipes)) {
    if (!named.has(name)) continue;
    const image = await buildFrom({ name, ...recipe }, report);
    await load(image.reference);
    references[name] = image.reference;
  }
  return references;
}

/** Every `image` in an object, wherever it stands. */
function imagesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
    key === "image" && typeof child === "string" ? [child] : imagesIn(child),
  );
}
