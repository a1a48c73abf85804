import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { cached, keyOf } from "../cluster/build/cache.ts";
import { BUILD_FLAGS, findGo, goEnvironment } from "../cluster/build/go.ts";
import { run } from "../process/command.ts";

/** The versions of Helm that the chart is tested with, by the folder of each one's Go module. */
export const HELMS = ["helm3", "helm4"] as const;
export type HelmName = (typeof HELMS)[number];

const LINKER_FLAGS = "-s -w";

/** Returns the path of Helm's program. The first call builds it, which takes minutes. */
export async function helmProgram(name: HelmName): Promise<string> {
  const module = join(import.meta.dirname, name);
  const sources = ["go.mod", "go.sum"].map(async (file) => readFile(join(module, file)));
  const key = keyOf(
    process.arch,
    JSON.stringify([BUILD_FLAGS, LINKER_FLAGS]),
    ...(await Promise.all(sources)),
  );
  const folder = await cached({ kind: "bin", name, key }, async (unfinished) => {
    const args = ["build", ...BUILD_FLAGS, "-ldflags", LINKER_FLAGS, "-o", `${unfinished}/`, "tool"];
    const options = { cwd: module, env: goEnvironment(), seconds: 3_600 };
    await run("nice", [await findGo(), ...args], options);
  });
  return join(folder, "helm");
}
