import { access } from "node:fs/promises";

import { binaries, searchPath } from "./binaries.ts";
import { Failure } from "./failure.ts";
import { exec, must } from "./exec.ts";
import { archiveOf } from "./images.ts";
import { marked } from "./marker.ts";
import { nodeName, nodeNumbers, type Spec } from "./spec.ts";
import { until } from "./until.ts";

/** Imports an image, given as the path of an oci-archive or as the reference that buildImage gave, into every node. */
export async function loadImage(spec: Spec, image: string): Promise<void> {
  const archive = image.startsWith("localhost/") ? archiveOf(image) : image;
  await access(archive).catch(() => {
    throw new Failure(
      `no image ${image}: there is no ${archive}. Remedy: give an oci-archive or build the image first`,
    );
  });
  await Promise.all(nodeNumbers(spec).map((i) => importImage(spec.name, i, archive)));
}

/** Imports an oci-archive into one node; waits for its containerd if that has just been started. */
export async function importImage(name: string, i: number, archive: string): Promise<void> {
  const ctr = ["ctr", "-n", "k8s.io"];
  const env = marked(name, { ...process.env, PATH: searchPath(await binaries()) });
  const isUp = async (): Promise<true | undefined> =>
    (await exec(name, nodeName(i), { argv: [...ctr, "version"], env })).code === 0 ? true : undefined;
  await until(`containerd on ${nodeName(i)} answers`, isUp, { seconds: 30 });
  await must(name, nodeName(i), { argv: [...ctr, "images", "import", archive], env, seconds: 180 });
}
