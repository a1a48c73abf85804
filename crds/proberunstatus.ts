import { z } from "zod";
import { timeSchema } from "./object.ts";
import { MAX_PATHS } from "./teststatus.ts";

/** What the rounds of one check saw: the same schema in the runner's report, the operator and the ProbeRun. */
export const resultSchema = z.object({
  path: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .describe("The path's id in the plan."),
  samples: z
    .string()
    .max(60)
    .regex(/^[A-Za-z.-]*$/)
    .describe("One letter a round; `probes/samples.ts` has the alphabet."),
  latencyMs: z.number().min(0).max(600_000).optional().describe("Of the last attempt that got through."),
  httpStatus: z.int().min(0).max(999).optional().describe("Of the last answer."),
  address: z
    .string()
    .max(45)
    .optional()
    .describe("What the host resolved to; for dns the name server of the pod, where it has but one."),
  hint: z.string().max(64).optional().describe("The tool's own words about the last failure."),
});
export type Result = z.infer<typeof resultSchema>;

/** How a probe pod's own node reached it, without a gap of two contacts. */
const contactSchema = z
  .object({
    address: z.string().max(45).describe("The node's address."),
    first: timeSchema.describe("The first contact."),
    last: timeSchema.describe("The last one."),
  })
  .describe("When its own node reached it, once a second, by the node's clock; not there: never.");

/** How one probe pod fared. */
export const podStatusSchema = z.object({
  name: z.string().max(63).describe("The probe pod's name."),
  phase: z.enum(["Pending", "Running", "Finished", "NotRun"]).describe("How far it has come."),
  uid: z.string().max(64).optional().describe("The probe pod's UID."),
  node: z.string().max(253).optional().describe("Where it ran."),
  roundsStartedAt: timeSchema.optional().describe("Start of the first round, by the node's clock."),
  contact: contactSchema.optional(),
  finishedAt: timeSchema.optional().describe("When its container ended."),
  injected: z
    .array(z.string().max(63).describe("A container's name."))
    .max(16)
    .optional()
    .describe("Containers that admission added to it and that run beside the probe."),
  message: z.string().max(512).optional().describe("Why it did not run, in the cluster's own words."),
  refused: z
    .boolean()
    .optional()
    .describe("Whether these are the API server's, which would not have the pod."),
});
export type PodStatus = z.infer<typeof podStatusSchema>;

/** How what a path was planned to meet differed at the end of the run. */
const targetChangeSchema = z.object({
  expectation: z.string().max(63).describe("The expectation's name."),
  path: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .optional()
    .describe("The path that this is about; left out: something that no path went to."),
  change: z
    .enum(["Gone", "Moved", "Left", "Appeared"])
    .describe(
      "Gone: the pod of that UID no longer runs, or is on its way out. Moved: it runs, at another address or port; or the Service has. Left: it runs, and is no longer ready or selected. Appeared: it was not there when the run was planned.",
    ),
  name: z.string().max(320).describe("The pod, the address where there is no pod, or the Service."),
  more: z.int().min(0).default(0).describe("How many others changed with it."),
});
export type TargetChange = z.infer<typeof targetChangeSchema>;

const targetsStatusSchema = z.object({
  lookedAt: timeSchema.describe("When."),
  changes: z
    .array(targetChangeSchema.describe("One path, or what no path of an expectation went to."))
    .max(MAX_PATHS + 128)
    .default([])
    .describe("What was no longer as planned."),
});

export const probeRunStatusSchema = z.object({
  phase: z
    .enum(["Pending", "Running", "Finished"])
    .default("Pending")
    .describe("How far the run has come in this namespace."),
  finishedAt: timeSchema.optional().describe("When the last probe pod had ended."),
  pods: z
    .array(podStatusSchema.describe("One probe pod."))
    .max(MAX_PATHS)
    .default([])
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      description: "How the probe pods fared.",
    }),
  results: z
    .array(resultSchema.describe("The rounds of one path."))
    .max(MAX_PATHS)
    .default([])
    .describe("What the rounds of every path saw."),
  revoked: z
    .array(z.string().max(317).describe("Its namespace/name."))
    .max(MAX_PATHS)
    .optional()
    .describe(
      "ProbeGrants that were taken away, or changed, before the run had ended: what rested on them counts for nothing.",
    ),
  targets: targetsStatusSchema
    .optional()
    .describe(
      "A look back, once, when probes and witnesses had ended: whether the same pods stood behind the addresses. Not there where no path to a pod or Service was denied.",
    ),
});
export type ProbeRunStatus = z.infer<typeof probeRunStatusSchema>;
