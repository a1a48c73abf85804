import type { Bytes } from "./disk.ts";
import type { Needs, Program } from "./needs.ts";
import type { Problem } from "./problem.ts";
import { GIB, inGib } from "./size.ts";

/**
 * Bytes that building all programs of a cluster writes. Measured with `du` after a build from nothing: 1.4 GiB of
 * modules, 3.7 GiB in the build cache and 0.45 GiB of programs.
 */
const BUILD = {
  /** To Go's module cache: archives, and what is unpacked from them. */
  modules: 1.5 * GIB,
  /** To Go's build cache. */
  objects: 4 * GIB,
  /** To the project's cache. */
  programs: 0.5 * GIB,
  /** To Go's temporary folder, at once: what the linker writes, 0.85 GiB. */
  temporary: 1 * GIB,
} as const;

/** Bytes that building the images of the operator and of the shop with their bases writes, measured in the same way. */
const IMAGES = {
  /** To the project's cache: layers 1.3 GiB, archives 0.35 GiB. */
  cache: 1.7 * GIB,
  /** To the temporary folder, at once. */
  temporary: 1.1 * GIB,
} as const;

/** Bytes of a cluster's data while tests run in it: 0.65 GiB for each of two nodes, 0.15 GiB for etcd and logs. */
const CLUSTER = 1.5 * GIB;

/**
 * Bytes of memory that a build may take: two compilers at a time, which collect no garbage before they hold 1500 MiB each
 * (goEnvironment), and Go itself; with more processors more of them run at once.
 */
const BUILD_MEMORY = 4 * GIB;
/** What builds in less time than this has nothing large to link. */
const LARGE_SECONDS = 30;

/**
 * Bytes that making everything writes that is still to be made. Of a few programs it is their share of the time that all
 * take, so that a change in a small one never asks for gigabytes.
 */
export function bytesToWrite({ share, images, cluster }: Needs): Bytes {
  return {
    cache: share * BUILD.programs + (images ? IMAGES.cache : 0),
    modules: share * BUILD.modules,
    objects: share * BUILD.objects,
    temporary: Math.max(share * BUILD.temporary, images ? IMAGES.temporary : 0),
    cluster: cluster ? CLUSTER : 0,
  };
}

/** @param available bytes that new processes can have */
export function memoryProblems(available: number, programs: readonly Program[]): readonly Problem[] {
  const large = programs.filter(({ coldSeconds }) => coldSeconds >= LARGE_SECONDS);
  if (large.length === 0 || available >= BUILD_MEMORY) return [];
  const names = large.map(({ name }) => name).join(", ");
  return [
    {
      subject: "memory",
      observation: `${inGib(available)} are available, and building ${names} takes up to ${inGib(BUILD_MEMORY)}`,
      action: "End other programs, or allow this machine or container more memory",
    },
  ];
}
