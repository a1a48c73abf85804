import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseDocument } from "yaml";

import type { Kubectl } from "./kubectl.ts";

/** References for the image names that a kustomization uses: name to `repository:tag` or `repository@digest`. */
export type Images = Readonly<Record<string, string>>;

/**
 * What `kubectl kustomize` makes of a folder with its images set to the given ones, as `kustomize edit set image` does: in
 * the folder's own kustomization, so that its replacements see them too. An overlay's images would come after those. Works
 * on a copy; the folder must not refer to files outside of itself.
 */
export async function kustomize(kubectl: Kubectl, folder: string, images: Images): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "netverdict-kustomize-"));
  try {
    await cp(folder, copy, { recursive: true });
    const file = join(copy, "kustomization.yaml");
    const kustomization = parseDocument(await readFile(file, "utf8"));
    kustomization.set("images", Object.entries(images).map(newImage));
    await writeFile(file, kustomization.toString());
    return await kubectl(["kustomize", copy]);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The parts of a reference as kustomize wants them; a colon before the last slash belongs to a registry's port. */
export function newImage([name, reference]: readonly [string, string]) {
  const [repository = "", digest] = reference.split("@");
  if (digest !== undefined) return { name, newName: repository, digest };
  const colon = reference.lastIndexOf(":");
  if (colon <= reference.lastIndexOf("/")) return { name, newName: reference };
  return { name, newName: reference.slice(0, colon), newTag: reference.slice(colon + 1) };
}
