import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { z } from "zod";

/** A position in a bundle, as a stack trace has it. Lines and columns count from one. */
const POSITION = /(file:\/\/[^\s()]+\.mjs):(\d+):(\d+)/g;

/**
 * Returns an error as Node prints it, with the file and the line of its source in the place of each position in a bundle. Reads
 * the source map beside the bundle, which costs too much to read at each start (docs/decisions/0031-bundles.md). A position
 * without a map stays as it is.
 */
export function sourceTrace(error: unknown): string {
  const maps = new Map<string, SourceMap | undefined>();
  return inspect(error).replace(POSITION, (position, ...[bundle = "", line, column]: string[]) => {
    if (!maps.has(bundle)) maps.set(bundle, mapOf(bundle));
    const origin = maps.get(bundle)?.findOrigin(Number(line), Number(column));
    return origin && "fileName" in origin
      ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`
      : position;
  });
}

function mapOf(bundle: string): SourceMap | undefined {
  try {
    return new SourceMap(
      sourceMapSchema().parse(JSON.parse(readFileSync(`${fileURLToPath(bundle)}.map`, "utf8"))),
    );
  } catch {
    return undefined;
  }
}

/** Created only when it is needed, as the map is read. */
const sourceMapSchema = () =>
  z.object({
    version: z.int(),
    file: z.string().default(""),
    sources: z.array(z.string()),
    sourcesContent: z.array(z.string()).default([]),
    names: z.array(z.string()),
    mappings: z.string(),
    sourceRoot: z.string().default(""),
  });
