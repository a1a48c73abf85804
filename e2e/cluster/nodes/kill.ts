import { readFile } from "node:fs/promises";

import { Failure } from "../../process/failure.ts";
import { until } from "../../process/until.ts";
import { pidOf } from "./exec.ts";
import { childrenOf, isOurs } from "./marker.ts";
import { launch } from "./supervision.ts";

/**
 * Kills a component of a cluster (`felix-1`, as `status` names it) by SIGKILL, and waits until it has ended. Resolves to a function that
 * starts it again, with the command line and the environment that it had. Fails if it does not run, or is not this cluster's.
 */
export async function killComponent(name: string, component: string): Promise<() => Promise<void>> {
  const pid = await pidOf(name, component);
  const argv = await wordsOf(pid, "cmdline");
  const env = Object.fromEntries((await wordsOf(pid, "environ")).map(assignment));
  const all = [...(await childrenOf(pid)), pid];
  // Of these the component is the last child: the nsenter above it ends with it, and may be gone before its own signal.
  for (const one of all) if (await isOurs(name, one)) kill(one);
  const gone = async () =>
    (await Promise.all(all.map((one) => isOurs(name, one)))).some(Boolean) ? undefined : true;
  await until(`${component} has ended`, gone, { seconds: 10 });
  return async () => {
    const child = await launch(name, { name: component, argv, env });
    child.on("error", (error) => {
      throw new Failure(`${component} did not start again: ${error.message}`);
    });
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in between, which is what is wanted.
  }
}

async function wordsOf(pid: number, file: "cmdline" | "environ"): Promise<readonly string[]> {
  return (await readFile(`/proc/${pid}/${file}`, "utf8")).split("\0").filter(Boolean);
}

function assignment(text: string): readonly [string, string] {
  const [name = "", ...value] = text.split("=");
  return [name, value.join("=")];
}
