import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { z } from "zod";

import { cacheRoot } from "./cache.ts";

const noteSchema = z.object({
  pid: z.int(),
  /** The current step. */
  title: z.string(),
  /** Which part of it was done, 0 to 1. */
  fraction: z.number().min(0).max(1),
});

/** What an interrupted preparation leaves behind. */
export type Note = z.infer<typeof noteSchema>;

const file = () => join(cacheRoot(), "preparing.json");

/** The note of a preparation that did not end by itself; undefined if there is none, or if it is still at work. */
export async function readInterruption(): Promise<Note | undefined> {
  const text = await readFile(file(), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { data } = noteSchema.safeParse(parsed(text));
  return data === undefined || isAlive(data.pid) ? undefined : data;
}

/** Notes how far this process is, in place of the note before. */
export async function noteProgress(note: Omit<Note, "pid">): Promise<void> {
  await mkdir(dirname(file()), { recursive: true });
  await writeFile(file(), JSON.stringify({ pid: process.pid, ...note }));
}

/** Takes the note away: nothing is left to be done. */
export async function clearNote(): Promise<void> {
  await rm(file(), { force: true });
}

/** A note that was cut off while it was written is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
