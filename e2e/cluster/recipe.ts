import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Binaries } from "./build/binaries.ts";
import { keyOf } from "./build/cache.ts";
import type { EngineName } from "./build/groups.ts";

/** The files below this folder that decide how a running cluster is, beside its programs and its engine. */
const FILES = [
  "nodes/controlPlane.ts",
  "nodes/links.ts",
  "nodes/node.sh",
  "nodes/nodeFiles.ts",
  "pki.ts",
  "nodes/spec.ts",
  "nodes/worker.ts",
];
const HERE = import.meta.dirname;

/** Differs when a cluster started now would differ from one started before, so that no checkout meets an old one. */
export async function recipeKey(engine: EngineName, folders: Binaries): Promise<string> {
  const manifests = (await readdir(join(HERE, "manifests"))).map((file) => join("manifests", file));
  const contents = [`cni/${engine}.ts`, ...FILES, ...manifests.toSorted()].map((file) =>
    readFile(join(HERE, file), "utf8"),
  );
  return keyOf(folders.base, folders.engine, ...(await Promise.all(contents)));
}
