import { podsPath } from "../../operator/runtime/resourcePaths.ts";
import { Failure } from "../process/failure.ts";
import { until } from "../process/until.ts";
import { isRunning, probePodsIn } from "./runs.ts";
import { read } from "./scenario.ts";

/** How long the rounds may take, in seconds. */
const LIMIT = 90;

/**
 * Waits until the only probe pod that runs in a namespace has logged so many rounds; those that a busy node left out do
 * not count.
 */
export async function roundsBegun(namespace: string, rounds: number): Promise<void> {
  const reported = async () => {
    const name = (await probePodsIn(namespace)).find(isRunning)?.metadata.name;
    if (name === undefined) throw new Failure("no probe pod runs");
    const log = await read(`${podsPath(namespace, name)}/log?container=probe`);
    const begun = new Set([...log.matchAll(/^round \d+/gm)].map(([round]) => round)).size;
    return begun >= rounds ? begun : undefined;
  };
  await until(`${rounds} rounds of the probe in ${namespace}`, reported, { seconds: LIMIT, everyMs: 200 });
}
