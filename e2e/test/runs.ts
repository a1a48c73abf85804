import { z } from "zod";

import { GROUP, PROBE_RUN, WITNESS_NAMESPACE } from "../../crds/group.ts";
import { controllerOf, metadataSchema } from "../../crds/object.ts";
import { type ProbeRun, probeRunSchema } from "../../crds/proberun.ts";
import type { Kubectl } from "../install/kubectl.ts";
import type { TestName } from "./verdict.ts";

const RUNS = `${PROBE_RUN.plural}.${GROUP}`;

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
export async function probeRunsOf(kubectl: Kubectl, { namespace, name }: TestName): Promise<ProbeRun[]> {
  const answer: unknown = JSON.parse(await kubectl(["get", RUNS, `--namespace=${namespace}`, "-o", "json"]));
  return runListSchema.parse(answer).items.filter(({ spec }) => spec.test.name === name);
}

/** Every ProbeRun of the tests of a name, wherever it is. */
export async function allRunsOf(kubectl: Kubectl, name: string): Promise<ProbeRun[]> {
  const answer: unknown = JSON.parse(await kubectl(["get", RUNS, "--all-namespaces", "-o", "json"]));
  return runListSchema.parse(answer).items.filter(({ spec }) => spec.test.name === name);
}

/** The runs of witnesses for the tests of a namespace. */
export async function witnessRunsFor(kubectl: Kubectl, namespace: string): Promise<ProbeRun[]> {
  const answer: unknown = JSON.parse(
    await kubectl(["get", RUNS, `--namespace=${WITNESS_NAMESPACE}`, "-o", "json"]),
  );
  return runListSchema.parse(answer).items.filter(({ spec }) => spec.test.namespace === namespace);
}

/** The witnesses of one run; they are still found when the run itself is gone. */
export async function witnessPodsOf(kubectl: Kubectl, { metadata: run }: ProbeRun): Promise<Pod[]> {
  const pods = await probePodsIn(kubectl, WITNESS_NAMESPACE);
  return pods.filter(({ metadata }) => controllerOf(metadata)?.uid === run.uid);
}

/** The probe pods in a namespace: those that a ProbeRun controls. */
export async function probePodsIn(kubectl: Kubectl, namespace: string): Promise<Pod[]> {
  const answer: unknown = JSON.parse(
    await kubectl(["get", "pods", `--namespace=${namespace}`, "-o", "json"]),
  );
  return podListSchema
    .parse(answer)
    .items.filter(({ metadata }) => controllerOf(metadata)?.kind === PROBE_RUN.kind);
}
