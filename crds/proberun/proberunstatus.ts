import { z } from "zod";
import { timeSchema } from "../metadata.ts";
import { MAX_EXPECTATION_MESSAGE, MAX_PATHS } from "../teststatus.ts";

/** A report has room for this number of bytes. */
export const MAX_BODY_BYTES = 999_999_999_999;
const bytesSchema = z.int().min(0).max(MAX_BODY_BYTES);

const unfinishedSchema = z
  .object({
    received: bytesSchema.describe("The bytes that had come."),
    promised: bytesSchema.optional().describe("The bytes that the answer had declared."),
  })
  .describe("The body of the last answer, if it had not ended when the attempt did.");
export type UnfinishedBody = z.infer<typeof unfinishedSchema>;

const answeredInSchema = z
  .object({
    domain: z
      .string()
      .max(64)
      .regex(/^[!-~]+$/)
      .describe("The search domain that completed the name; `.` for the name as it is."),
    muslEnds: z
      .string()
      .max(64)
      .optional()
      .describe("Where musl's resolver ends before that domain; omitted if it does not."),
  })
  .describe("For a relative name that was resolved: how the pod's search list completed it.");
export type AnsweredIn = z.infer<typeof answeredInSchema>;

/** The results of the rounds of one check: the same schema in the runner's report, the operator and the ProbeRun. */
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
    .describe("One letter per round; `probes/samples.ts` has the alphabet."),
  latencyMs: z.number().min(0).max(600_000).optional().describe("Of the last successful attempt."),
  httpStatus: z.int().min(0).max(999).optional().describe("Of the last answer."),
  unfinished: unfinishedSchema.optional(),
  answeredIn: answeredInSchema.optional(),
  address: z
    .string()
    .max(45)
    .optional()
    .describe(
      "The address that the host resolved to; for dns the name server of the pod, if it has only one.",
    ),
  hint: z.string().max(64).optional().describe("The tool's error message of the last failure."),
});
export type Result = z.infer<typeof resultSchema>;

/** The contacts of a probe pod's own node, without a gap of two contacts. */
const contactSchema = z
  .object({
    address: z.string().max(45).describe("The node's address."),
    first: timeSchema.describe("The first contact."),
    last: timeSchema.describe("The last one."),
  })
  .describe("When its own node reached it, once a second, by the node's clock. If omitted: never.");

/** Ten years. */
const LARGEST_OFFSET = 315_360_000_000;
const offsetSchema = z.int().min(-LARGEST_OFFSET).max(LARGEST_OFFSET);

/** The bounds of the offset of a node's clock, from what the operator has observed of one pod. */
const clockSchema = z
  .object({
    observer: z
      .string()
      .max(63)
      .describe(
        "The process of the operator whose clock was used: offsets from two processes are not compared.",
      ),
    minOffset: offsetSchema.describe("The lower bound."),
    maxOffset: offsetSchema.describe("The upper bound."),
  })
  .describe(
    "How far the clock of its node was ahead of the operator's, in milliseconds; negative: behind. If omitted: not measured.",
  );
export type NodeClock = z.infer<typeof clockSchema>;

/** A field in which a probe pod, as it was created, differs from its plan, and so from its source. */
const podDifferenceSchema = z.object({
  field: z
    .enum([
      "label",
      "annotation",
      "serviceAccountName",
      "runtimeClassName",
      "nodeName",
      "hostNetwork",
      "dnsPolicy",
      "dnsConfig",
      "hostAliases",
    ])
    .describe("The field of the pod."),
  key: z.string().max(317).optional().describe("The key of the label or annotation."),
  planned: z
    .string()
    .max(253)
    .optional()
    .describe("The planned value, which is that of its source. If omitted: none, or too long to repeat."),
  actual: z
    .string()
    .max(253)
    .optional()
    .describe("The value of the created pod. If omitted: none, or too long to repeat."),
});
export type PodDifference = z.infer<typeof podDifferenceSchema>;

/** The maximum number of differences that the state of one probe pod lists. */
export const MAX_POD_DIFFERENCES = 16;

/** The state of one probe pod. */
export const podStatusSchema = z.object({
  name: z.string().max(63).describe("The probe pod's name."),
  phase: z.enum(["Pending", "Running", "Finished", "NotRun"]).describe("The phase of the probe pod."),
  uid: z.string().max(64).optional().describe("The probe pod's UID."),
  node: z.string().max(253).optional().describe("Where it ran."),
  addresses: z
    .array(z.string().max(45).describe("An address."))
    .max(8)
    .optional()
    .describe(
      "The addresses of a twin on the pod network, which policies may compare: a path to one of them leads to the probe pod itself.",
    ),
  roundsStartedAt: timeSchema.optional().describe("Start of the first round, by the node's clock."),
  contact: contactSchema.optional(),
  clock: clockSchema.optional(),
  finishedAt: timeSchema.optional().describe("When its container ended."),
  injected: z
    .array(z.string().max(63).describe("A container's name."))
    .max(16)
    .optional()
    .describe("Containers that admission added to it and that run beside the probe."),
  differences: z
    .array(podDifferenceSchema.describe("One field."))
    .max(MAX_POD_DIFFERENCES)
    .optional()
    .describe(
      "What admission gave it, took from it or changed, so that it is not equivalent to its source. In another namespace with a ProbeGrant: the fields alone.",
    ),
  assignedNode: z
    .string()
    .max(253)
    .optional()
    .describe(
      "The node that the operator assigned to it, because other pods alone made the scheduler reject it. If omitted: the scheduler has chosen its node.",
    ),
  message: z
    .string()
    .max(MAX_EXPECTATION_MESSAGE)
    .optional()
    .describe("Why it did not run, as the API server or the kubelet reports it."),
  refused: z.boolean().optional().describe("Whether the API server rejected the pod with this message."),
});
export type PodStatus = z.infer<typeof podStatusSchema>;

/** A difference between the planned target of a path and the target at the end of the run. */
const targetChangeSchema = z.object({
  expectation: z.string().max(63).describe("The expectation's name."),
  path: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .optional()
    .describe("The path that this concerns. If omitted: an endpoint without a path."),
  change: z
    .enum(["Gone", "Moved", "Left", "Appeared"])
    .describe(
      "Gone: the pod of that UID no longer runs, or is terminating. Moved: it runs at another address or port, or the Service has another address or port. Left: it runs, but is no longer ready or selected. Appeared: it did not exist when the run was planned.",
    ),
  name: z.string().max(320).describe("The pod, the address where there is no pod, or the Service."),
  more: z.int().min(0).default(0).describe("The number of others that changed with it."),
});
export type TargetChange = z.infer<typeof targetChangeSchema>;

const targetsStatusSchema = z.object({
  recheckedAt: timeSchema
    .optional()
    .describe(
      "The time of the recheck. Omitted only in a ProbeRun of an earlier version, which the operator deletes.",
    ),
  changes: z
    .array(targetChangeSchema.describe("A change of one path, or an endpoint without a path."))
    .max(MAX_PATHS + 128)
    .default([])
    .describe("The differences from the plan."),
});

/** A path whose source a policy treats differently from the probe pod. */
const sourceDifferenceSchema = z.object({
  path: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .describe("The path's id in the plan."),
  message: z.string().max(MAX_EXPECTATION_MESSAGE).describe("Why, in a sentence."),
  transient: z
    .boolean()
    .optional()
    .describe("Whether the two could not be compared, so that another attempt may compare them."),
});
export type SourceDifference = z.infer<typeof sourceDifferenceSchema>;

const sourcesStatusSchema = z.object({
  comparedAt: timeSchema.describe("The time of the comparison."),
  differences: z
    .array(sourceDifferenceSchema.describe("A path of which the probe pod's results are not the source's."))
    .max(MAX_PATHS)
    .default([])
    .describe("The paths whose probe pod is not equivalent to the source."),
});

export const probeRunStatusSchema = z.object({
  phase: z
    .enum(["Pending", "Running", "Finished"])
    .default("Pending")
    .describe("The phase of the run in this namespace."),
  finishedAt: timeSchema.optional().describe("When the last probe pod ended."),
  pods: z
    .array(podStatusSchema.describe("One probe pod."))
    .max(MAX_PATHS)
    .default([])
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      description: "The states of the probe pods.",
    }),
  results: z
    .array(resultSchema.describe("The rounds of one path."))
    .max(MAX_PATHS)
    .default([])
    .describe("The results of the rounds of every path."),
  revoked: z
    .array(z.string().max(317).describe("Its namespace/name."))
    .max(MAX_PATHS)
    .optional()
    .describe(
      "ProbeGrants that were deleted or changed before the run had ended; results that depend on them do not count.",
    ),
  targets: targetsStatusSchema
    .optional()
    .describe(
      "The target recheck, once, when probes and witnesses had ended: whether the same pods were behind the addresses. Omitted if no path to a pod or Service was denied.",
    ),
  sources: sourcesStatusSchema
    .optional()
    .describe(
      "The comparison of sources and probe pods, once, when all of them had ended. Omitted if the plan could compare them, or if nothing was tried.",
    ),
});
export type ProbeRunStatus = z.infer<typeof probeRunStatusSchema>;
