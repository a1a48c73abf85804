import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { ConnectivityTest } from "../../../crds/connectivitytest.ts";
import type { PlanInput } from "../../../operator/planning/plan.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The functions of another build, called with today's objects; both builds must read the same fields of them. */
export interface BuildBefore {
  /** What the operator does with the caches at each reconcile. `runs` and `pods` are those of the whole cluster. */
  see(
    test: ConnectivityTest,
    caches: { readonly runs: Iterable<unknown>; readonly pods: Iterable<unknown> },
  ): unknown;
  planRun(input: PlanInput): unknown;
}

/** Where the functions have been, newest first. */
const SEE = ["operator/runs/testRuns.ts", "operator/seen.ts"];
const PLAN = ["operator/planning/plan.ts", "operator/plan.ts"];

const isFunction = (value: unknown): value is (...given: readonly unknown[]) => unknown =>
  typeof value === "function";
const callable = z.custom<(...given: readonly unknown[]) => unknown>(isFunction);

/** Whether this repository has the commit: a shallow clone has not. */
export function hasCommit(revision: string): boolean {
  try {
    execFileSync("git", ["cat-file", "-e", `${revision}^{commit}`], { cwd: ROOT, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Loads the build of a commit from a folder of its own, with today's packages, and removes the folder after `use`. */
export async function withBuildBefore<Result>(
  revision: string,
  use: (build: BuildBefore) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "netverdict-before-"));
  try {
    const tar = execFileSync("git", ["archive", revision, "crds", "probes", "operator", "package.json"], {
      cwd: ROOT,
      maxBuffer: 2 ** 28,
    });
    execFileSync("tar", ["-x", "-C", folder], { input: tar });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const { see } = await load(folder, SEE, z.object({ see: callable }));
    const { planRun } = await load(folder, PLAN, z.object({ planRun: callable }));
    return await use({
      see: (test, caches) => see(test, caches),
      // Before a81c458 the id stood beside a `due`, and now both are in `run`.
      planRun: (input) => planRun({ ...input, id: input.run.id, due: { ...input.run, key: "" } }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function load<Schema extends z.ZodType>(
  folder: string,
  paths: readonly string[],
  schema: Schema,
): Promise<z.output<Schema>> {
  const path = paths.find((one) => existsSync(join(folder, one)));
  if (path === undefined) throw new Error(`the build before has none of ${paths.join(", ")}`);
  const module: unknown = await import(pathToFileURL(join(folder, path)).href);
  return schema.parse({ ...z.looseObject({}).parse(module) });
}
