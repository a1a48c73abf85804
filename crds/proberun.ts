import { z } from "zod";
import { MAX_PATHS, probingSchema } from "./connectivitytest.ts";
import { metadataSchema, timeSchema } from "./object.ts";
import { reasonSchema } from "./reasons.ts";
import { expectSchema, familySchema, triggerSchema } from "./words.ts";

/** At most this many checks run in one probe pod: their results must fit into a termination message of 4,096 bytes. */
export const MAX_CHECKS_PER_POD = 24;

/**
 * What one probe pod does for one path, as the runner reads it. http and tcp dial `address`; a `host` is resolved by
 * the twin itself first, in the family named; dns asks the pod's own resolver for `host`.
 */
export const checkSchema = z.object({
  path: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .meta({ description: "The path's id in the plan." }),
  tool: z.enum(["http", "tcp", "icmp", "dns"]),
  family: familySchema,
  address: z.string().max(45).optional(),
  host: z.string().max(253).optional(),
  port: z.int().min(1).max(65_535).optional(),
  urlPath: z.string().max(1024).optional(),
  status: z.array(z.string().max(3)).max(16).optional(),
  signOfLife: z
    .boolean()
    .default(false)
    .meta({ description: "An answer shows that the probe pod's own network is up." }),
});
export type Check = z.infer<typeof checkSchema>;

/** A pod behind an address, as it was when the run was planned. */
export const backendSchema = z.object({
  name: z.string().max(253),
  uid: z.string().max(64),
  node: z.string().max(253),
  hostNetwork: z.boolean().default(false),
  readinessOnPort: z
    .boolean()
    .default(false)
    .meta({ description: "The pod is Ready by a readiness probe on the very port." }),
});
export type Backend = z.infer<typeof backendSchema>;

/** One source workload to one concrete address, port, protocol and family. */
export const plannedPathSchema = z.object({
  id: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1),
  expectation: z.string().max(63),
  expect: expectSchema,
  from: z.string().max(320).meta({ description: "Kind/name of the source workload." }),
  to: z
    .string()
    .max(320)
    .meta({ description: "What the author named: Service/catalog, Pod/x, a host or an address." }),
  kind: z.enum(["ClusterAddress", "Endpoint", "Pod", "Host", "Address", "Resolver"]),
  pod: z.string().max(63).meta({ description: "The probe pod that tries it." }),
  check: checkSchema,
  backends: z.array(backendSchema).max(8).default([]),
  backendCount: z
    .int()
    .min(0)
    .default(0)
    .meta({ description: "Ready backends in all; at most 8 are probed." }),
});
export type PlannedPath = z.infer<typeof plannedPathSchema>;

/** What the probe pod takes over from a running pod of the source: the twin's identity for the network. */
export const twinSchema = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
  serviceAccountName: z.string().max(253),
  nodeName: z.string().max(253).optional().meta({ description: "Preferred, not required." }),
  imagePullSecrets: z.array(z.string().max(253)).max(16).default([]),
  runtimeClassName: z.string().max(253).optional(),
  tolerations: z.array(z.looseObject({})).max(32).default([]),
  dnsPolicy: z.string().max(32).optional(),
  dnsConfig: z.looseObject({}).optional(),
  hostAliases: z.array(z.looseObject({})).max(64).default([]),
});
export type Twin = z.infer<typeof twinSchema>;

export const plannedPodSchema = z.object({
  name: z.string().max(63),
  source: z.string().max(320),
  sourcePod: z.object({ name: z.string().max(253), uid: z.string().max(64) }),
  sourceNodes: z.int().min(1).default(1).meta({ description: "On how many nodes the source runs." }),
  twin: twinSchema,
});
export type PlannedPod = z.infer<typeof plannedPodSchema>;

/** Why an expectation, or one of its sources or targets, has no path. */
export const findingSchema = z.object({
  expectation: z.string().max(63),
  reason: reasonSchema,
  message: z.string().max(512),
});
export type Finding = z.infer<typeof findingSchema>;

export const probeRunSpecSchema = z.object({
  replicas: z
    .int()
    .min(0)
    .max(0)
    .default(0)
    .meta({ description: "Always 0: for the scale subresource that PodDisruptionBudgets ask." }),
  test: z.object({ kind: z.string().max(63), name: z.string().max(253), uid: z.string().max(64) }),
  run: z.object({
    id: z.string().max(32),
    trigger: triggerSchema,
    generation: z.int().min(0),
    request: z.string().max(256).optional(),
  }),
  probing: probingSchema,
  expectations: z
    .array(z.object({ name: z.string().max(63), expect: expectSchema }))
    .max(128)
    .meta({ description: "In the order of the test." }),
  pods: z.array(plannedPodSchema).max(MAX_PATHS).default([]),
  paths: z.array(plannedPathSchema).max(MAX_PATHS).default([]),
  findings: z.array(findingSchema).max(512).default([]),
});
export type ProbeRunSpec = z.infer<typeof probeRunSpecSchema>;

/** What the rounds of one check saw: the same schema in the runner's report, the operator and the ProbeRun. */
export const resultSchema = z.object({
  path: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1),
  samples: z
    .string()
    .max(60)
    .regex(/^[A-Za-z.]*$/)
    .meta({ description: "One letter a round; `probes/samples.ts` has the alphabet." }),
  latencyMs: z
    .number()
    .min(0)
    .max(600_000)
    .optional()
    .meta({ description: "Of the last attempt that got through." }),
  httpStatus: z.int().min(0).max(999).optional().meta({ description: "Of the last answer." }),
  address: z.string().max(45).optional().meta({ description: "What the host resolved to." }),
  hint: z.string().max(64).optional().meta({ description: "The tool's own words about the last failure." }),
});
export type Result = z.infer<typeof resultSchema>;

/** How one probe pod fared. */
export const podStatusSchema = z.object({
  name: z.string().max(63),
  phase: z.enum(["Pending", "Running", "Finished", "NotRun"]),
  uid: z.string().max(64).optional(),
  node: z.string().max(253).optional(),
  roundsStartedAt: timeSchema
    .optional()
    .meta({ description: "Start of the first round, by the node's clock." }),
  finishedAt: timeSchema.optional(),
  message: z
    .string()
    .max(512)
    .optional()
    .meta({ description: "Why it did not run, in the cluster's own words." }),
});
export type PodStatus = z.infer<typeof podStatusSchema>;

export const probeRunStatusSchema = z.object({
  phase: z.enum(["Pending", "Running", "Finished"]).default("Pending"),
  finishedAt: timeSchema.optional(),
  pods: z
    .array(podStatusSchema)
    .max(MAX_PATHS)
    .default([])
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] }),
  results: z.array(resultSchema).max(MAX_PATHS).default([]),
});
export type ProbeRunStatus = z.infer<typeof probeRunStatusSchema>;

export const probeRunSchema = z.object({
  metadata: metadataSchema,
  spec: probeRunSpecSchema,
  status: probeRunStatusSchema.prefault({}),
});
/** The plan of one run in one namespace (spec) and its raw results (status). Made by the operator alone. */
export type ProbeRun = z.infer<typeof probeRunSchema>;
