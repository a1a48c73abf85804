import { Failure } from "../cluster/failure.ts";
import { until } from "../cluster/until.ts";
import { probePodsIn } from "./runs.ts";
import { kubectl } from "./scenario.ts";

/** How long the rounds may take, in seconds. */
const LIMIT = 90;

/**
 * Waits until a probe pod has told, in its log, of so many rounds; those that a busy node left out do not count. Left out
 * which: the namespace's only one.
 */
export async function roundsBegun(namespace: string, rounds: number, of?: string): Promise<void> {
  const told = async () => {
    const name = of ?? (await probePodsIn(kubectl, namespace))[0]?.metadata.name;
    if (name === undefined) throw new Failure("there is no probe pod");
    const log = await kubectl(["logs", name, `--namespace=${namespace}`, "--container=probe"]);
    const begun = new Set([...log.matchAll(/^round \d+/gm)].map(([round]) => round)).size;
    return begun >= rounds ? begun : undefined;
  };
  await until(`${rounds} rounds of the probe in ${namespace}`, told, { seconds: LIMIT, everyMs: 200 });
}
