import { setTimeout as sleep } from "node:timers/promises";

import * as fc from "fast-check";

import { messageOf } from "../process/failure.ts";
import { until } from "../process/until.ts";
import { apply } from "../kube/deploy.ts";
import { awaitConnection, type Pods } from "./connections.ts";
import { connectionOf, policyFor, SOURCES, TARGETS } from "./scene.ts";
import type { Soaking } from "./soaking.ts";

/** Between two changes, after the first is in force: a third of the runs see a change, and the others see none. */
const PAUSE_MS = 15_000;

/** Opens and closes connections at random until the soak test ends. Resolves to how many it has changed. */
export async function changePolicies(soaking: Soaking, pods: Pods, seed: number): Promise<number> {
  const pairs = fc.sample(fc.tuple(fc.constantFrom(...SOURCES), fc.constantFrom(...TARGETS)), {
    seed,
    numRuns: 10_000,
  });
  let changes = 0;
  for (const [source, target] of pairs) {
    await sleep(PAUSE_MS, undefined, { signal: soaking.ended }).catch(() => undefined);
    if (soaking.ended.aborted) return changes;
    await changeOne(soaking, pods, [source, target]);
    changes++;
  }
  return changes;
}

async function changeOne(
  soaking: Soaking,
  pods: Pods,
  [source, target]: readonly [string, string],
): Promise<void> {
  const { truth, kubectl, site, report } = soaking;
  const connection = connectionOf(source, target);
  truth.change(connection, !truth.isOpen(connection), Date.now());
  const policy = JSON.stringify(policyFor(site, target, truth.isOpen));
  // The API server may be away.
  await until(
    `the policy of ${target} is written`,
    async () => apply(kubectl, policy).then(() => true as const),
    {
      seconds: 240,
      everyMs: 500,
      signal: soaking.stopped,
    },
  );
  await awaitConnection(soaking, pods, [source, target]);
  truth.confirm(connection, Date.now());
  report(`${connection} is ${truth.isOpen(connection) ? "open" : "closed"}`);
}

/** Opens and closes what the tests expect, and waits until all of it is in force. */
export async function restorePolicies(
  soaking: Soaking,
  pods: Pods,
  first: ReadonlyMap<string, boolean>,
): Promise<void> {
  for (const source of SOURCES)
    for (const target of TARGETS) {
      const connection = connectionOf(source, target);
      if (soaking.truth.isOpen(connection) === first.get(connection)) continue;
      await changeOne(soaking, pods, [source, target]).catch((error: unknown) => {
        throw new Error(`${connection} cannot be restored: ${messageOf(error)}`, { cause: error });
      });
    }
}
