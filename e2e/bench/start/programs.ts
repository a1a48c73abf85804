import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../process/command.ts";

export type ProgramName = "operator" | "runner";
/** The paths of both programs, as the image has them. */
export type Programs = Readonly<Record<ProgramName, string>>;

/** Builds the programs of a checkout as its Dockerfile does. Its node_modules must be there. */
export async function buildPrograms(root: string): Promise<Programs> {
  const path = (file: string) => join(root, file);
  const build = async (bin: string, ...args: readonly string[]) =>
    run(path(`node_modules/.bin/${bin}`), args, { cwd: root, seconds: 600 });
  if (await exists(path("rolldown.config.ts"))) {
    await build("rolldown", "--config", "rolldown.config.ts");
    return { operator: path("dist/operator.mjs"), runner: path("dist/runner.mjs") };
  }
  // Before decision 31: one file for each module, and the packages beside them.
  await build("tsc", "--project", "tsconfig.build.json");
  const perl = "probes/tools/tcp.pl";
  if (await exists(path(perl))) await copyFile(path(perl), path(`dist/${perl}`));
  return { operator: path("dist/operator/main.js"), runner: path("dist/probes/runner/main.js") };
}

const exists = async (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
