import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join, matchesGlob } from "node:path";

import { keyOf } from "./cache.ts";

/** Never part of a build context, independent of the ignore file: large generated files. */
const ALWAYS_IGNORED = ["node_modules", ".git"];

/** What a Dockerfile may copy: exactly these files, so that nothing outside the key can change an image. */
export interface BuildContext {
  readonly folder: string;
  readonly files: readonly string[];
}

/** Reads a context the way docker does: `<Dockerfile>.dockerignore` if there is one, else the folder's .dockerignore. */
export async function readContext(folder: string, dockerfile: string): Promise<BuildContext> {
  const ignore = await readFirst([`${dockerfile}.dockerignore`, join(folder, ".dockerignore")]);
  const isIncluded = includedBy(parseIgnore(ignore));
  const files: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (ALWAYS_IGNORED.includes(entry.name)) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() && isIncluded(path)) files.push(path);
    }
  };
  await walk("");
  return { folder, files: files.toSorted() };
}

/** Differs whenever a file's path or content does. */
export async function keyOfContext({ folder, files }: BuildContext): Promise<string> {
  const contents = await Promise.all(files.map((file) => readFile(join(folder, file))));
  return keyOf(...files, ...contents);
}

/** Copies the context's files into an empty folder. */
export async function stageContext({ folder, files }: BuildContext, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const file of files) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await copyFile(join(folder, file), join(target, file));
  }
}

/** The lines of a .dockerignore without comments. */
export function parseIgnore(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** A .dockerignore as a question: the last pattern that matches a path, or a folder above it, decides; `!` takes back. */
export function includedBy(patterns: readonly string[]): (path: string) => boolean {
  return (path) => {
    const parts = path.split("/");
    const prefixes = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
    const last = patterns.findLast((pattern) => {
      const glob = pattern.replace(/^!/, "").replace(/^\/|\/$/g, "");
      return prefixes.some((prefix) => matchesGlob(prefix, glob));
    });
    return last === undefined || last.startsWith("!");
  };
}

async function readFirst(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  return "";
}
