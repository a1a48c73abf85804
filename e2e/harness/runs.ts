import { z } from "zod";

import { PROBE_RUN, WITNESS_NAMESPACE } from "../../crds/group.ts";
import { controllerOf, metadataSchema } from "../../crds/metadata.ts";
import { type ProbeRun, probeRunSchema } from "../../crds/proberun/proberun.ts";
import { podsPath, probeRunsPath } from "../../operator/runtime/resourcePaths.ts";
import { read } from "./scenario.ts";
import type { TestName } from "../kube/connectivityTests.ts";

const runListSchema = z.object({ items: z.array(probeRunSchema) });
const named = z.array(z.looseObject({ name: z.string() })).default([]);
const amounts = z.record(z.string(), z.string()).default({});
const containerSchema = z.object({
  env: named,
  envFrom: z.array(z.unknown()).default([]),
  volumeMounts: named,
  resources: z.object({ requests: amounts, limits: amounts }).prefault({}),
});
const podSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    serviceAccountName: z.string().default(""),
    automountServiceAccountToken: z.boolean().optional(),
    volumes: named,
    containers: z.array(containerSchema),
  }),
  status: z.object({ phase: z.string() }).default({ phase: "Pending" }),
});
const podListSchema = z.object({ items: z.array(podSchema) });
/** A pod as the API server has it. */
export type Pod = z.infer<typeof podSchema>;

/** The ProbeRuns of a test, in its own namespace. */
export async function probeRunsOf({ namespace, name }: TestName): Promise<ProbeRun[]> {
  return (await probeRunsAt(probeRunsPath(namespace))).filter(({ spec }) => spec.test.name === name);
}

/** Every ProbeRun of the tests of a name, wherever it is. */
export async function allRunsOf(name: string): Promise<ProbeRun[]> {
  return (await probeRunsAt(probeRunsPath())).filter(({ spec }) => spec.test.name === name);
}

/** The runs of witnesses for the tests of a namespace. */
export async function witnessRunsFor(namespace: string): Promise<ProbeRun[]> {
  const runs = await probeRunsAt(probeRunsPath(WITNESS_NAMESPACE));
  return runs.filter(({ spec }) => spec.test.namespace === namespace);
}

async function probeRunsAt(path: string): Promise<ProbeRun[]> {
  return runListSchema.parse(JSON.parse(await read(path))).items;
}

/** The witnesses of one run; they are still found when the run itself is gone. */
export async function witnessPodsOf({ metadata: run }: ProbeRun): Promise<Pod[]> {
  const pods = await probePodsIn(WITNESS_NAMESPACE);
  return pods.filter(({ metadata }) => controllerOf(metadata)?.uid === run.uid);
}

/** The probe pods in a namespace: those that a ProbeRun controls. */
export async function probePodsIn(namespace: string): Promise<Pod[]> {
  const { items } = podListSchema.parse(JSON.parse(await read(podsPath(namespace))));
  return items.filter(({ metadata }) => controllerOf(metadata)?.kind === PROBE_RUN.kind);
}

/** How many attempts of `tcp` connected in each run, by its UID. */
export function connectionsIn(runs: readonly ProbeRun[]): (readonly [uid: string, connections: number])[] {
  return runs.map(({ metadata, status }) => {
    const samples = status.results.map((result) => result.samples).join("");
    return [metadata.uid, samples.split("C").length - 1];
  });
}

/** Whether its containers have started and not ended. */
export const isRunning = ({ status }: Pod) => status.phase === "Running";
