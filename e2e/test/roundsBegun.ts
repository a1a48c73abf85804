import { Failure } from "../cluster/failure.ts";
import { until } from "../cluster/until.ts";
import { probePodsIn } from "./runs.ts";
import { kubectl } from "./scenario.ts";

/**
 * Waits until a namespace's one probe pod has told, in its log, of so many rounds; those that a busy node left out do not
 * count. Fails after `seconds` (90).
 */
export async function roundsBegun(namespace: string, rounds: number, seconds = 90): Promise<void> {
  const told = async () => {
    const [pod] = await probePodsIn(kubectl, namespace);
    if (pod === undefined) throw new Failure("there is no probe pod");
    const log = await kubectl(["logs", pod.metadata.name, `--namespace=${namespace}`, "--container=probe"]);
    const begun = new Set([...log.matchAll(/^round \d+/gm)].map(([round]) => round)).size;
    return begun >= rounds ? begun : undefined;
  };
  await until(`${rounds} rounds of the probe in ${namespace}`, told, { seconds, everyMs: 200 });
}
