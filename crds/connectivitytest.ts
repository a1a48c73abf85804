import { z } from "zod";
import { durationBetween } from "./duration.ts";
import { clusterExpectationSchema, expectationSchema, type Expectation } from "./expectation.ts";
import { CLUSTER_CONNECTIVITY_TEST, CONNECTIVITY_TEST, type KindNames } from "./group.ts";
import { metadataSchema, type Metadata } from "./metadata.ts";
import { probingSchema } from "./probing.ts";
import { connectivityTestStatusSchema, MAX_ATTEMPTS } from "./teststatus.ts";
import { exactlyOne, matching, withRules } from "./validationRules.ts";
import { familySchema } from "./vocabulary.ts";

export * from "./probing.ts";
export * from "./teststatus.ts";

const cronSchema = withRules(z.string().max(128), [
  matching(
    /^[^ @]+( +[^ ]+){4}$/,
    "must have five fields: minute, hour, day of month, month, day of week, such as */10 * * * *",
  ),
]);

/** The operator checks at run time whether the zone exists, with its own time zone data. */
const timeZoneSchema = withRules(z.string().max(64), [
  matching(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, "must be the name of a time zone, such as Europe/Berlin"),
]);

const scheduleSchema = withRules(
  z.object({
    every: durationBetween("1m", "720h")
      .optional()
      .describe(
        "From the start of one run to the next, 1m to 720h. Up to a tenth less, by the UID of the test.",
      ),
    cron: cronSchema.optional().describe("Five fields, as in a CronJob."),
    timeZone: timeZoneSchema
      .optional()
      .describe("IANA time zone for cron, such as Europe/Berlin. Default UTC."),
  }),
  [
    exactlyOne(["every", "cron"]),
    {
      cel: "!has(self.timeZone) || has(self.cron)",
      message: "timeZone needs cron",
      holds: ({ timeZone, cron }) => timeZone === undefined || cron !== undefined,
    },
  ],
);
export type Schedule = z.infer<typeof scheduleSchema>;

const rerunOnSchema = z.enum(["PolicyChange", "WorkloadChange"]);
export type RerunOn = z.infer<typeof rerunOnSchema>;

/** The API server rejects duplicates itself, by the list types `set` and `map`. */
const allDifferent = (values: readonly string[]) => new Set(values).size === values.length;

const expectationsOf = <Schema extends z.ZodType<{ readonly name: string }>>(schema: Schema) =>
  z
    .array(schema)
    .min(1)
    .max(128)
    .superRefine((all, context) => {
      const names = all.map(({ name }) => name);
      const again = names.flatMap((name, index) => (names.indexOf(name) === index ? [] : [index]));
      for (const index of again)
        context.addIssue({ code: "custom", path: [index, "name"], message: "names must be unique" });
    })
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      description: "The expected connectivity; 1 to 128 expectations.",
    });

/** The fields of a spec besides its expectations. */
const runFields = {
  schedule: scheduleSchema
    .optional()
    .describe(
      "When to run again: exactly one of every, cron. If omitted: one run for each change of the spec.",
    ),
  rerunOn: z
    .array(rerunOnSchema)
    .max(2)
    .refine(allDifferent, { message: "changes must be different" })
    .optional()
    .meta({
      "x-kubernetes-list-type": "set",
      description:
        "Changes in the cluster that start another run. PolicyChange: of a policy of any installed kind, in the namespace of a source or a target or cluster-wide; of the labels of such a namespace; of the selector of a Service there; of the labels of running pods of a source or a target. WorkloadChange: of the pod template of a source or a target, when its rollout has ended. Both: of the workloads and addresses behind a Service that the spec names.",
    }),
  probing: probingSchema.prefault({}).describe("How often and how long a path is tried until it settles."),
  ipFamilies: z
    .array(familySchema)
    .min(1)
    .max(2)
    .refine(allDifferent, { message: "families must be different" })
    .optional()
    .meta({
      "x-kubernetes-list-type": "set",
      description:
        "The IP families to try: IPv4, IPv6 or both. If omitted: the target's own. A family that the target lacks is Inconclusive.",
    }),
  keepProbePods: z
    .enum(["Never", "OnFailure"])
    .default("Never")
    .describe("OnFailure keeps the probe pods of a run that did not pass for an hour. Default Never."),
  maxAttempts: z
    .int()
    .min(1)
    .max(MAX_ATTEMPTS)
    .default(MAX_ATTEMPTS)
    .describe(
      "How often a run is attempted at most. The operator repeats a run 5, 20 and 60 s after its end if it is Inconclusive only for transient reasons: a probe that did not run, pods that are not there yet, a source or a target that changed, a witness that came too late. Default 4.",
    ),
  progressDeadline: durationBetween("0s", "1h")
    .default("5m")
    .describe(
      "How long after its creation a test waits for its workloads. Until then the operator repeats a run, however often, whose sources or targets have no pods yet or are down, and the test is in progress. 0s to 1h. Default 5m.",
    ),
  suspend: z
    .boolean()
    .default(false)
    .describe("While true, no run starts; a run in progress continues to its end."),
};

// In the schema, so that a gate never mistakes an object that the operator has not read yet for a healthy one
// (kstatus).
const status = connectivityTestStatusSchema
  .prefault({ observedGeneration: -1, verdict: "Pending" })
  .describe("The results. Written by the operator alone.");

export const connectivityTestSpecSchema = z.object({
  expectations: expectationsOf(expectationSchema),
  ...runFields,
});

export const connectivityTestSchema = z.object({
  metadata: metadataSchema,
  spec: connectivityTestSpecSchema.describe("The expected connectivity, and how to test it."),
  status,
});

export const clusterConnectivityTestSpecSchema = z.object({
  expectations: expectationsOf(clusterExpectationSchema),
  ...runFields,
});

export const clusterConnectivityTestSchema = z.object({
  metadata: metadataSchema,
  spec: clusterConnectivityTestSpecSchema.describe(
    "The expected connectivity in the whole cluster, and how to test it.",
  ),
  status,
});

/** The spec of a test of either kind. */
export type ConnectivityTestSpec = Omit<z.infer<typeof connectivityTestSpecSchema>, "expectations"> & {
  readonly expectations: readonly Expectation[];
};

/**
 * A test of either kind as read from the API server, which has pruned and defaulted it. The namespace of a
 * ClusterConnectivityTest is "", so no object is in its own namespace.
 */
export type ConnectivityTest = Omit<z.infer<typeof connectivityTestSchema>, "spec"> & {
  readonly spec: ConnectivityTestSpec;
  /** Set where this version cannot read the stored spec; `spec` then asks for nothing. */
  readonly unreadable?: Unreadable;
};

/** A spec that this version of the operator cannot read, and the error. */
export interface Unreadable {
  readonly spec: unknown;
  readonly error: z.ZodError;
}

/** Returns the kind of a test. */
export function kindOf({ metadata }: { readonly metadata: Pick<Metadata, "namespace"> }): KindNames {
  return metadata.namespace === "" ? CLUSTER_CONNECTIVITY_TEST : CONNECTIVITY_TEST;
}
