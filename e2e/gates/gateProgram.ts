import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { cached, keyOf } from "../cluster/build/cache.ts";
import { BUILD_FLAGS, findGo, goEnvironment } from "../cluster/build/go.ts";
import { run } from "../process/command.ts";

/** The versions of Helm that the chart is tested with, by the folder of each one's Go module. */
export const HELMS = ["helm3", "helm4"] as const;
/** All command-line programs that are tested as gates, by that folder. */
export const GATE_PROGRAMS = [...HELMS, "chainsaw", "actionlint"] as const;
type GateProgram = (typeof GATE_PROGRAMS)[number];

/** It replaces an internal interface of Go's package testing, which has another method in Go 1.26. */
const TOOLCHAINS: Partial<Record<GateProgram, string>> = { chainsaw: "go1.24.13" };

const LINKER_FLAGS = "-s -w";

/** Returns the path of a program. The first call builds it, which takes minutes. */
export async function gateProgram(name: GateProgram): Promise<string> {
  const toolchain = TOOLCHAINS[name];
  const other = toolchain === undefined ? {} : { GOTOOLCHAIN: toolchain };
  const module = join(import.meta.dirname, name);
  const sources = ["go.mod", "go.sum"].map(async (file) => readFile(join(module, file)));
  const key = keyOf(
    process.arch,
    JSON.stringify([BUILD_FLAGS, LINKER_FLAGS, ...Object.values(other)]),
    ...(await Promise.all(sources)),
  );
  const folder = await cached({ kind: "bin", name, key }, async (unfinished) => {
    const args = ["build", ...BUILD_FLAGS, "-ldflags", LINKER_FLAGS, "-o", `${unfinished}/`, "tool"];
    const options = { cwd: module, env: { ...goEnvironment(), ...other }, seconds: 3_600 };
    await run("nice", [await findGo(), ...args], options);
  });
  return join(folder, name.replace(/^helm\d$/, "helm"));
}
