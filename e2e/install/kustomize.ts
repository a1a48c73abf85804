import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import type { Kubectl } from "./kubectl.ts";

/** References for the image names that a kustomization uses: name to `repository:tag`. */
export type Images = Readonly<Record<string, string>>;

/** What `kubectl kustomize` makes of a folder, with its images replaced by the given ones. Changes no file of the folder. */
export async function kustomize(kubectl: Kubectl, folder: string, images: Images): Promise<string> {
  const overlay = await mkdtemp(join(tmpdir(), "netverdict-overlay-"));
  try {
    // kustomize takes only relative paths, from the overlay's real place.
    const kustomization = {
      resources: [relative(overlay, folder)],
      images: Object.entries(images).map(newImage),
    };
    await writeFile(join(overlay, "kustomization.yaml"), JSON.stringify(kustomization));
    return await kubectl(["kustomize", overlay]);
  } finally {
    await rm(overlay, { recursive: true, force: true });
  }
}

/** The parts of a reference as kustomize wants them; a colon before the last slash belongs to a registry's port. */
export function newImage([name, reference]: readonly [string, string]) {
  const colon = reference.lastIndexOf(":");
  if (colon <= reference.lastIndexOf("/")) return { name, newName: reference };
  return { name, newName: reference.slice(0, colon), newTag: reference.slice(colon + 1) };
}
