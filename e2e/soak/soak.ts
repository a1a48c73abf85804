import { setTimeout as sleep } from "node:timers/promises";

import * as fc from "fast-check";

import type { OperatorCluster } from "../install/withOperator.ts";
import { deploy } from "../kube/deploy.ts";
import { readerOf } from "../kube/read.ts";
import type { Report } from "../process/report.ts";
import { awaitConnection, awaitDns, type Pods, podsOf } from "./connections.ts";
import { cause, type Fault, FAULTS, mayEndLeadership } from "./faults.ts";
import { leftoversOf } from "./leftovers.ts";
import type { SoakOptions } from "./options.ts";
import { changePolicies, restorePolicies } from "./policyChanges.ts";
import { judge, requestRuns, runOnce } from "./requests.ts";
import type { Soaked } from "./rows.ts";
import { firstStates, sceneOf, SOURCES, TARGETS } from "./scene.ts";
import type { Soaking } from "./soaking.ts";
import { truthOf } from "./truth.ts";
import { watchOperator, type Watched } from "./watch.ts";

interface Place extends OperatorCluster {
  readonly report: Report;
  /** Ends the soak test before its time. */
  readonly interrupted: AbortSignal;
}

/** Between the end of a fault and the next one. */
const PAUSE_MS = 20_000;

/**
 * Runs tests one after the other in a cluster where netverdict is installed, while components are killed and policies change at
 * random, and judges every verdict by what the connections really were.
 */
export async function soak(place: Place, { minutes, seed }: SoakOptions): Promise<Soaked> {
  const failure = new AbortController();
  const soaking = soakingAt(place, AbortSignal.any([failure.signal, place.interrupted]));
  await deploy(soaking.kubectl, sceneOf(soaking.site));
  const pods = await podsOf(soaking);
  await awaitScene(soaking, pods);
  const timed = {
    ...soaking,
    ended: AbortSignal.any([AbortSignal.timeout(minutes * 60_000), soaking.stopped]),
  };
  const disturbed = await disturb(timed, pods, { minutes, seed }).catch((error: unknown) => {
    failure.abort(error);
    throw error;
  });
  return { minutes, ...disturbed, ...(await end(soaking, pods)) };
}

function soakingAt({ cluster, kubectl, image, report }: Place, stopped: AbortSignal): Soaking {
  const site = { namespace: `soak-${Date.now().toString(36)}`, image };
  const read = readerOf(cluster.kubeconfig);
  return { cluster, kubectl, read, site, truth: truthOf(firstStates()), report, ended: stopped, stopped };
}

/** All runs, faults and changes, side by side. */
async function disturb(soaking: Soaking, pods: Pods, { minutes, seed }: SoakOptions) {
  const started = Date.now();
  const [faults, policyChanges, watched, ...requested] = await Promise.all([
    causeFaults(soaking, pods, { seed, half: started + minutes * 30_000 }),
    changePolicies(soaking, pods, seed),
    watchOperator(soaking, started),
    ...SOURCES.map(async (source) => requestRuns(soaking, source)),
  ]);
  return {
    faults,
    policyChanges,
    runs: requested.reduce((sum, { runs }) => sum + runs, 0),
    judged: requested.flatMap((one) => one.judged),
    unanswered: requested.flatMap((one) => one.unanswered),
    leaderChanges: watched.changes.length,
    unexplained: watched.changes.filter((at) => !isExplained(at, faults)).length,
    ...longestMemory(watched),
  };
}

/** Restores all policies, runs each test once more, and deletes the tests. */
async function end(soaking: Soaking, pods: Pods): Promise<Pick<Soaked, "last" | "leftovers">> {
  await restorePolicies(soaking, pods, firstStates());
  // The start of a run has whole seconds, and the last change must be before it.
  await sleep(1_000);
  const last = await Promise.all(
    SOURCES.map(async (source) => judge(soaking, source, await runOnce(soaking, source, "last"))),
  );
  const leftovers = await leftoversOf(soaking);
  await soaking.kubectl(["delete", "namespace", soaking.site.namespace, "--wait=false"]);
  return { last: last.flat(), leftovers };
}

async function awaitScene(soaking: Soaking, pods: Pods): Promise<void> {
  for (const source of SOURCES)
    for (const target of TARGETS) await awaitConnection(soaking, pods, [source, target]);
  await awaitDns(soaking, pods);
}

type Caused = Soaked["faults"][number];

/** Causes one fault after the other. In the second half the leader lives, so that its memory can be followed. */
async function causeFaults(
  soaking: Soaking,
  pods: Pods,
  { seed, half }: { readonly seed: number; readonly half: number },
): Promise<readonly Caused[]> {
  const caused: Caused[] = [];
  for (const fault of fc.sample(fc.constantFrom(...FAULTS), { seed, numRuns: 1_000 })) {
    if (Date.now() > half && mayEndLeadership(fault)) continue;
    await sleep(PAUSE_MS, undefined, { signal: soaking.ended }).catch(() => undefined);
    if (soaking.ended.aborted) break;
    const began = Date.now();
    await cause(soaking, pods, fault);
    caused.push({ fault, began, ended: Date.now() });
    soaking.report(`${fault}: over after ${((Date.now() - began) / 1_000).toFixed(0)} s`);
  }
  return caused;
}

/** A Lease runs out 15 s after the last renewal, and the standby looks every 2 s. */
const TAKEOVER_MS = 30_000;

function isExplained(at: number, faults: readonly Caused[]): boolean {
  return faults.some(
    ({ fault, began, ended }) => mayEndLeadership(fault) && began <= at && at <= ended + TAKEOVER_MS,
  );
}

/** After its first minute, in which caches fill and code is compiled. */
function longestMemory({ memory }: Watched): Pick<Soaked, "resident" | "heap"> {
  const [longest] = [...memory.values()].toSorted((one, other) => other.heap.length - one.heap.length);
  const start = (longest?.heap[0]?.[0] ?? 0) + 60;
  const late = (points: Soaked["heap"] = []) => points.filter(([seconds]) => seconds >= start);
  return { resident: late(longest?.resident), heap: late(longest?.heap) };
}

/** The names of all faults, with how often each was caused. */
export function faultCounts(faults: readonly { readonly fault: Fault }[]): readonly string[] {
  return FAULTS.map((name) => `${name}: ${faults.filter(({ fault }) => fault === name).length}`);
}
