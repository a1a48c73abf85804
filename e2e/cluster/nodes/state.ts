import { mkdir, readFile, writeFile } from "node:fs/promises";

import { z } from "zod";

import { dataFolder, pathsOf } from "./spec.ts";

const stateFile = z.object({
  name: z.string(),
  index: z.number(),
  nodes: z.number(),
  engine: z.enum(["calico", "cilium", "kube-network-policies"]),
  /** Of recipe.ts. */
  recipe: z.string(),
});

/** What is written down of a cluster before its first process starts: enough to find, judge and end it. */
export type State = z.infer<typeof stateFile>;

export async function writeState(state: State): Promise<void> {
  await mkdir(dataFolder(state.name), { recursive: true });
  await writeFile(pathsOf(state.name).state, JSON.stringify(state));
}

/** Undefined if there is no such cluster; a file that cannot be read counts as none, so that `up` replaces it. */
export async function readState(name: string): Promise<State | undefined> {
  const text = await readFile(pathsOf(name).state, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return stateFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** True if a cluster is what is wanted now: same size, engine and recipe. */
export function isAsWanted(state: State, wanted: Omit<State, "name" | "index">): boolean {
  const { nodes, engine, recipe } = wanted;
  return state.nodes === nodes && state.engine === engine && state.recipe === recipe;
}
