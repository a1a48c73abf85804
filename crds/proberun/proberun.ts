import { z } from "zod";
import { metadataSchema } from "../metadata.ts";
import { probingSchema } from "../probing.ts";
import { reasonSchema } from "../reasons.ts";
import { MAX_PROGRESS_ATTEMPTS, MAX_EXPECTATION_MESSAGE, MAX_PATHS, MAX_REQUESTS } from "../teststatus.ts";
import { expectSchema, triggerSchema } from "../vocabulary.ts";
import { dependenciesSchema } from "./dependencies.ts";
import { plannedPathSchema } from "./plannedpath.ts";
import { plannedPodSchema } from "./plannedpod.ts";
import { probeRunStatusSchema } from "./proberunstatus.ts";

export * from "./backend.ts";
export * from "./plannedpath.ts";
export * from "./plannedpod.ts";
export * from "./dependencies.ts";
export * from "./proberunstatus.ts";

/** Why an expectation, or one of its sources or targets, has no path. */
export const findingSchema = z.object({
  expectation: z.string().max(63).describe("The expectation's name."),
  reason: reasonSchema,
  message: z.string().max(MAX_EXPECTATION_MESSAGE).describe("Why, in a sentence."),
  transient: z.boolean().optional().describe("Whether another attempt may find what this one did not."),
});
/** A ProbeGrant as a run was planned with it. */
export type GrantReference = z.infer<typeof probeRunSpecSchema>["grants"][number];
export type Finding = z.infer<typeof findingSchema>;

export const probeRunSpecSchema = z.object({
  replicas: z
    .int()
    .min(0)
    .max(0)
    .default(0)
    .describe("Always 0: for the scale subresource that PodDisruptionBudgets read."),
  test: z
    .object({
      kind: z.string().max(63).describe("Its kind."),
      name: z.string().max(253).describe("Its name."),
      uid: z.string().max(64).describe("Its UID."),
      namespace: z.string().max(63).optional().describe("Its namespace, if the run is in another one."),
    })
    .describe("The test that this run belongs to."),
  parent: z
    .object({
      namespace: z.string().max(63).describe("Its namespace."),
      name: z.string().max(253).describe("Its name."),
      uid: z.string().max(64).describe("Its UID."),
    })
    .optional()
    .describe(
      "The parent ProbeRun, which has the whole plan and collects the results. Set if this one is its child run, with the pods of another namespace.",
    ),
  grants: z
    .array(
      z
        .object({
          namespace: z.string().max(63).describe("Its namespace."),
          name: z.string().max(253).describe("Its name."),
          uid: z.string().max(64).describe("Its UID."),
          generation: z
            .int()
            .min(0)
            .describe("The generation of its spec: a changed grant counts as a different one."),
        })
        .describe("One ProbeGrant."),
    )
    .max(MAX_PATHS)
    .default([])
    .describe("The ProbeGrants that this run depends on."),
  run: z
    .object({
      id: z.string().max(32).describe("The run's id."),
      trigger: triggerSchema,
      generation: z.int().min(0).describe("The generation of the test's spec that this run tests."),
      followUp: z
        .boolean()
        .optional()
        .describe(
          "Whether this is the follow-up run, which tests what the first one left unproven. Always set: the operator deletes a ProbeRun without it, which an earlier version created.",
        ),
      attempt: z
        .int()
        .min(1)
        .max(MAX_PROGRESS_ATTEMPTS)
        .optional()
        .describe("Which attempt of the run it is. If omitted: the first."),
      queuedSeconds: z
        .int()
        .min(0)
        .optional()
        .describe("How long this attempt and those before were queued. If omitted: not at all."),
      specDigest: z
        .string()
        .max(64)
        .optional()
        .describe("A digest of the spec that it tests, without suspend."),
      requests: z
        .array(z.string().max(256))
        .max(MAX_REQUESTS)
        .optional()
        .describe("The tokens of the annotation netverdict.dev/run-requested that this run handles."),
    })
    .describe("The run that this ProbeRun belongs to, and its trigger."),
  dependencies: dependenciesSchema
    .optional()
    .describe("The dependencies of the run, set if the test requests another run when they change."),
  probing: probingSchema.describe("How often and how long a path is tried; from the test."),
  expectations: z
    .array(
      z
        .object({ name: z.string().max(63).describe("The expectation's name."), expect: expectSchema })
        .describe("One expectation."),
    )
    .max(128)
    .describe("In the order of the test."),
  pods: z
    .array(plannedPodSchema.describe("One probe pod."))
    .max(MAX_PATHS)
    .default([])
    .describe("The probe pods of this run."),
  paths: z
    .array(plannedPathSchema.describe("One source workload to one address, port and family."))
    .max(MAX_PATHS)
    .default([])
    .describe("All paths that are tried."),
  findings: z
    .array(findingSchema.describe("Why a source or target has no path."))
    .max(512)
    .default([])
    .describe("Sources and targets that could not be planned."),
});
export type ProbeRunSpec = z.infer<typeof probeRunSpecSchema>;

export const probeRunSchema = z.object({
  metadata: metadataSchema,
  spec: probeRunSpecSchema.describe("The plan of one run."),
  status: probeRunStatusSchema.prefault({}).describe("The raw results."),
});
/** The plan of one run in one namespace (spec) and its raw results (status). Only the operator creates it. */
export type ProbeRun = z.infer<typeof probeRunSchema>;

/**
 * Whether an earlier version created the run, whose fields had other names (`home`, `again`, `premises`). The API server
 * prunes unknown fields, so a follow-up run or a child run of that version looks like a run of its own.
 */
export function isOutdated({ spec }: Pick<ProbeRun, "spec">): boolean {
  return spec.run.followUp === undefined;
}

/** Which attempt of its run it is; the first is 1. */
export const attemptOf = ({ spec }: Pick<ProbeRun, "spec">) => spec.run.attempt ?? 1;
