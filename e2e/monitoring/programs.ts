import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { cached, keyOf } from "../cluster/build/cache.ts";
import { BUILD_FLAGS, findGo, goEnvironment } from "../cluster/build/go.ts";
import { attempt, run, type Outcome } from "../process/command.ts";

/** A Go program, and the folder of the module that pins what it is built from. */
export interface GoProgram {
  readonly folder: string;
  readonly package: string;
  readonly tags?: string;
}

export const PROMTOOL: GoProgram = {
  folder: "promtool",
  package: "github.com/prometheus/prometheus/cmd/promtool",
  // Without the clients of all clouds, by which Prometheus finds its targets.
  tags: "remove_all_sd",
};

/** Compares a dashboard with the schema that Grafana publishes as Go code. */
export const DASHBOARD_CHECK: GoProgram = { folder: "grafana", package: "." };

/** Compares an object with the types from which the CRDs of the Prometheus operator are generated. */
export const OBJECT_CHECK: GoProgram = { folder: "prometheus-operator", package: "." };

/** Runs a program and returns its result, also if it fails. */
export type Program = (args: readonly string[], input?: string) => Promise<Outcome>;

/** Builds a program, unless the cache of builds has it. */
export async function findProgram({ folder, package: source, tags = "" }: GoProgram): Promise<Program> {
  const go = await findGo();
  const module = join(import.meta.dirname, folder);
  const files = (await readdir(module)).toSorted();
  const inputs = await Promise.all(files.map((file) => readFile(join(module, file))));
  const flags = [...BUILD_FLAGS, "-tags", tags];
  const key = keyOf(await run(go, ["env", "GOVERSION"]), source, ...flags, ...inputs);
  const program = await cached({ kind: "bin", name: folder, key }, async (path) => {
    const options = { cwd: module, env: goEnvironment(), seconds: 3_600 };
    await run(go, ["build", ...flags, "-o", path, source], options);
  });
  return (args, input = "") => attempt(program, args, { input });
}
