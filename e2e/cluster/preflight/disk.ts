import { stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";

import { cacheRoot } from "../build/cache.ts";
import { dataFolder } from "../nodes/spec.ts";
import type { GoFolders } from "./goFacts.ts";
import type { Problem } from "./problem.ts";
import { inGib } from "./size.ts";

/** What writes to the disk. */
export type Writer = keyof GoFolders | "cache" | "cluster";

/** Bytes that each is going to write. */
export type Bytes = Readonly<Record<Writer, number>>;

/** A folder that is written to, and what is free there. */
export interface Room {
  readonly writer: Writer;
  readonly folder: string;
  /** Folders with the same one share what is free. */
  readonly fileSystem: number;
  /** In bytes, as df shows it. */
  readonly free: number;
}

/** How the user moves what is written to another disk; a cluster's data has its fixed place. */
const VARIABLES: Readonly<Partial<Record<Writer, string>>> = {
  cache: "XDG_CACHE_HOME",
  modules: "GOMODCACHE",
  objects: "GOCACHE",
  temporary: "TMPDIR",
};

/** @param go undefined where Go does not write */
export async function readRooms(go: GoFolders | undefined): Promise<readonly Room[]> {
  return Promise.all([
    roomOf("cache", cacheRoot()),
    roomOf("cluster", dirname(dataFolder("any"))),
    roomOf("temporary", go?.temporary ?? tmpdir()),
    ...(go === undefined ? [] : [roomOf("modules", go.modules), roomOf("objects", go.objects)]),
  ]);
}

/** Of the folder above, where the folder is not made yet. */
async function roomOf(writer: Writer, folder: string): Promise<Room> {
  for (let there = folder; ; there = dirname(there)) {
    const entry = await stat(there).catch(() => undefined);
    if (entry === undefined) continue;
    const { bavail, bsize } = await statfs(there);
    return { writer, folder, fileSystem: entry.dev, free: bavail * bsize };
  }
}

/** One problem for each file system on which less is free than all that is going to be written there. */
export function diskProblems(rooms: readonly Room[], bytes: Bytes): readonly Problem[] {
  const written = rooms.filter(({ writer }) => bytes[writer] > 0);
  const shared = Map.groupBy(written, ({ fileSystem }) => fileSystem);
  return [...shared.values()].flatMap((folders) => {
    const needed = folders.reduce((sum, { writer }) => sum + bytes[writer], 0);
    const free = Math.min(...folders.map((room) => room.free));
    return free < needed ? [tooFull(folders, needed, free)] : [];
  });
}

function tooFull(rooms: readonly Room[], needed: number, free: number): Problem {
  const folders = [...new Set(rooms.map(({ folder }) => folder))].join(", ");
  const variables = rooms.flatMap(({ writer }) => VARIABLES[writer] ?? []);
  const move = variables.length === 0 ? "" : `, or name folders on another disk (${variables.join(", ")})`;
  return {
    subject: "disk",
    observation: `${inGib(free)} are free for ${folders}, and ${inGib(needed)} are going to be written there`,
    action: `Free ${inGib(needed - free)}${move}`,
  };
}
