import { z } from "zod";
import { metadataSchema } from "./object.ts";
import { plannedPathSchema } from "./plannedpath.ts";
import { plannedPodSchema } from "./plannedpod.ts";
import { premisesSchema } from "./premises.ts";
import { probeRunStatusSchema } from "./proberunstatus.ts";
import { probingSchema } from "./probing.ts";
import { reasonSchema } from "./reasons.ts";
import { MAX_PATHS } from "./teststatus.ts";
import { expectSchema, triggerSchema } from "./words.ts";

export * from "./backend.ts";
export * from "./plannedpath.ts";
export * from "./plannedpod.ts";
export * from "./premises.ts";
export * from "./proberunstatus.ts";

/** Why an expectation, or one of its sources or targets, has no path. */
export const findingSchema = z.object({
  expectation: z.string().max(63).describe("The expectation's name."),
  reason: reasonSchema,
  message: z.string().max(512).describe("Why, in a sentence."),
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
    .describe("Always 0: for the scale subresource that PodDisruptionBudgets ask."),
  test: z
    .object({
      kind: z.string().max(63).describe("Its kind."),
      name: z.string().max(253).describe("Its name."),
      uid: z.string().max(64).describe("Its UID."),
      namespace: z.string().max(63).optional().describe("Its namespace, where the run is in another."),
    })
    .describe("The test that this run belongs to."),
  home: z
    .object({
      namespace: z.string().max(63).describe("Its namespace."),
      name: z.string().max(253).describe("Its name."),
      uid: z.string().max(64).describe("Its UID."),
    })
    .optional()
    .describe(
      "The ProbeRun that holds the whole plan and collects the results, where this one is a branch of it: the pods of one foreign namespace. Left out: this one does.",
    ),
  grants: z
    .array(
      z
        .object({
          namespace: z.string().max(63).describe("Its namespace."),
          name: z.string().max(253).describe("Its name."),
          uid: z.string().max(64).describe("Its UID."),
          generation: z.int().min(0).describe("The generation of its spec: a changed grant is another one."),
        })
        .describe("One ProbeGrant."),
    )
    .max(MAX_PATHS)
    .default([])
    .describe("The ProbeGrants that this run rests on."),
  run: z
    .object({
      id: z.string().max(32).describe("The run's id."),
      trigger: triggerSchema,
      generation: z.int().min(0).describe("The generation of the test's spec that runs."),
      again: z
        .boolean()
        .optional()
        .describe("Whether this is the run's second look, at what its first one left unproven."),
      request: z
        .string()
        .max(256)
        .optional()
        .describe("The token of the annotation netverdict.dev/run-requested that this run answers."),
    })
    .describe("Which run this is, and why."),
  premises: premisesSchema
    .optional()
    .describe("What the run rests on, where the test asks for another run when that changes."),
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
    .describe("Everything that is tried."),
  findings: z
    .array(findingSchema.describe("Why something has no path."))
    .max(512)
    .default([])
    .describe("Sources and targets that could not be planned."),
});
export type ProbeRunSpec = z.infer<typeof probeRunSpecSchema>;

export const probeRunSchema = z.object({
  metadata: metadataSchema,
  spec: probeRunSpecSchema.describe("The plan of one run."),
  status: probeRunStatusSchema.prefault({}).describe("Its raw results."),
});
/** The plan of one run in one namespace (spec) and its raw results (status). Made by the operator alone. */
export type ProbeRun = z.infer<typeof probeRunSchema>;
