import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { z } from "zod";

import { cacheRoot } from "../build/cache.ts";
import { run } from "../../process/command.ts";
import { GO_REMEDY, goEnvironment, lackOf, lookForGo } from "../build/go.ts";
import type { Program } from "./needs.ts";
import type { Problem } from "./problem.ts";
import { type Answer, askModuleProxy, LIMIT_SECONDS } from "./registries.ts";

const SOURCES = join(import.meta.dirname, "../go");

/** Where Go writes. */
export interface GoFolders {
  readonly modules: string;
  readonly objects: string;
  readonly temporary: string;
}

/** What the machine has to build Go programs with. */
export interface GoFacts {
  /** Versions that are too old, where there is none that builds. */
  readonly tooOld: readonly string[] | undefined;
  readonly folders: GoFolders;
  /** Of the module proxy; undefined where nothing is needed of it, or Go is not there to ask. */
  readonly proxy: Answer | undefined;
}

/** Looks for Go, and asks its module proxy; what is in the module cache needs none. */
export async function readGo(programs: readonly Program[]): Promise<GoFacts> {
  const started = Date.now();
  const found = await lookForGo();
  if (!("command" in found)) return { tooOld: found.tooOld, folders: foldersOf({}), proxy: undefined };
  const { command } = found;
  const [folders, proxy] = await Promise.all([readFolders(command), askModuleProxy(command)]);
  const seconds = LIMIT_SECONDS + 0.8 - (Date.now() - started) / 1000;
  const needsProxy = proxy.answered || !(await hasModules(command, programs, seconds));
  return { tooOld: undefined, folders, proxy: needsProxy ? proxy : undefined };
}

export function goProblems({ tooOld }: GoFacts): readonly Problem[] {
  if (tooOld === undefined) return [];
  return [{ subject: "Go", observation: lackOf(tooOld), action: GO_REMEDY }];
}

const foldersSchema = z.object({ GOMODCACHE: z.string(), GOCACHE: z.string(), GOTMPDIR: z.string() });

async function readFolders(go: string): Promise<GoFolders> {
  const said = await run(go, ["env", "-json", ...Object.keys(foldersSchema.shape)], { env: goEnvironment() });
  return foldersOf(foldersSchema.parse(JSON.parse(said)));
}

/** With Go's defaults for what is not set. */
function foldersOf({ GOMODCACHE, GOCACHE, GOTMPDIR }: Partial<z.infer<typeof foldersSchema>>): GoFolders {
  return {
    modules: GOMODCACHE || join(homedir(), "go/pkg/mod"),
    objects: GOCACHE || join(dirname(cacheRoot()), "go-build"),
    temporary: GOTMPDIR || tmpdir(),
  };
}

/**
 * True if all modules that the builds depend on are in the module cache. Which they are only Go can list; that takes 3 s
 * for Kubernetes, which does not always fit into the limit.
 */
async function hasModules(go: string, programs: readonly Program[], seconds: number): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  const env = { ...goEnvironment(), GOPROXY: "off" };
  try {
    for (const { name, packages } of programs) {
      const left = Math.max(0.1, (end - Date.now()) / 1000);
      // Nice, so that what is asked meanwhile has its answer in time.
      await run("nice", [go, "list", "-deps", ...packages], { cwd: join(SOURCES, name), env, seconds: left });
    }
    return true;
  } catch {
    return false;
  }
}
