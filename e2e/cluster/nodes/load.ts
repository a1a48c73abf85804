import { access } from "node:fs/promises";
import { join } from "node:path";

import { baseBinaries } from "../build/binaries.ts";
import { must } from "./exec.ts";
import { Failure } from "../../process/failure.ts";
import { archiveOf } from "../build/images.ts";
import { nodeName, nodeNumbers, type Spec } from "./spec.ts";
import { until } from "../../process/until.ts";

/**
 * Imports an image, given as the path of an oci-archive or as the reference that buildImage gave, into every node. A
 * reference has one content only, so a node that has it is skipped.
 */
export async function loadImage(spec: Spec, image: string): Promise<void> {
  const isReference = image.startsWith("localhost/");
  const archive = isReference ? archiveOf(image) : image;
  await access(archive).catch(() => {
    throw new Failure(
      `no image ${image}: there is no ${archive}. Remedy: give an oci-archive or build the image first`,
    );
  });
  const load = async (i: number) => {
    const isThere = isReference && (await hasImage(spec.name, i, image));
    if (!isThere) await importImage(spec.name, i, archive);
  };
  await Promise.all(nodeNumbers(spec).map(load));
}

async function hasImage(name: string, i: number, image: string): Promise<boolean> {
  return (await ctr(name, i, ["images", "list", "--quiet", `name==${image}`])).trim() === image;
}

/** Imports an oci-archive into one node, whose containerd must be up. */
export async function importImage(name: string, i: number, archive: string): Promise<void> {
  await ctr(name, i, ["images", "import", archive]);
}

/** Returns when a node's containerd, which has just been started, answers. */
export async function awaitContainerd(name: string, i: number, signal: AbortSignal): Promise<void> {
  const answers = async (): Promise<true> => {
    await ctr(name, i, ["version"]);
    return true;
  };
  await until(`containerd on ${nodeName(i)} answers`, answers, { seconds: 30, signal });
}

/** containerd's own client, in the part of its store that Kubernetes uses. */
async function ctr(name: string, i: number, args: readonly string[]): Promise<string> {
  const program = join(await baseBinaries(), "ctr");
  return must(name, nodeName(i), { argv: [program, "-n", "k8s.io", ...args], seconds: 180 });
}
