import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { missingBinaries } from "../build/binaries.ts";
import { cacheRoot } from "../build/cache.ts";
import { missingPackages } from "../build/debianPackages.ts";
import type { Engine } from "../cni/engine.ts";
import { base, type Group } from "../build/groups.ts";
import { readState } from "../nodes/state.ts";

/** Programs that are built together. */
export type Program = Pick<Group, "name" | "packages" | "coldSeconds">;

/** What is still to be made, which decides what the machine has to have. */
export interface Needs {
  /** What is to be built. */
  readonly programs: readonly Program[];
  /** Its share of the time that it takes to build everything from nothing, 0 to 1. */
  readonly share: number;
  /** Debian packages to install. */
  readonly packages: readonly string[];
  /** Whether images are to be built from Debian and npm packages. */
  readonly images: boolean;
  /** Whether a cluster is to write its data; false where one did already. */
  readonly cluster: boolean;
}

/** What the cluster is for which a machine is looked at. */
export interface Purpose {
  /** Its name. */
  readonly name: string;
  /** Whether the project's images are built for it. */
  readonly images: boolean;
}

/** The lists of Debian packages that a cluster with this engine needs. */
export function packageLists(engine: Engine): readonly string[] {
  return ["debian-packages.txt", ...engine.packageLists];
}

export async function needsOf(engine: Engine, { name, images }: Purpose): Promise<Needs> {
  const [programs, packages, hasImages, cluster] = await Promise.all([
    missingBinaries(engine.programs),
    missingPackages(packageLists(engine)),
    hasBuiltImages(),
    readState(name),
  ]);
  const share = secondsOf(programs) / secondsOf([base, engine.programs]);
  return { programs, share, packages, images: images && !hasImages, cluster: cluster === undefined };
}

/**
 * True once the operator's image was built from any state of the checkout: what comes from registries is mostly kept then,
 * and who works without a network is not to be stopped.
 */
async function hasBuiltImages(): Promise<boolean> {
  const images = await readdir(join(cacheRoot(), "image")).catch(() => []);
  return images.some((file) => file.startsWith("netverdict@") && !file.includes("."));
}

function secondsOf(programs: readonly Program[]): number {
  return programs.reduce((sum, { coldSeconds }) => sum + coldSeconds, 0);
}
