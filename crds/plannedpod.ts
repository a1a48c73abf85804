import { z } from "zod";
import { exactlyOne, withRules } from "./rules.ts";

/** Labels or annotations, with values of at most so many letters. */
const texts = (longest: number) => z.record(z.string(), z.string().max(longest)).meta({ maxProperties: 256 });

/** What the probe pod takes over from a running pod of the source: the twin's identity for the network. */
export const twinSchema = z.object({
  labels: texts(63).describe("The pod's labels, less those of its controller."),
  annotations: texts(16_384).default({}).describe("Network annotations that the administrator allows."),
  serviceAccountName: z.string().max(253).describe("Its service account; the token is not mounted."),
  nodeName: z.string().max(253).optional().describe("Preferred, not required."),
  imagePullSecrets: z
    .array(z.string().max(253).describe("The name of a Secret."))
    .max(16)
    .default([])
    .describe("Left empty: admission adds those of the service account."),
  runtimeClassName: z.string().max(253).optional().describe("As in a pod."),
  tolerations: z
    .array(z.looseObject({}).describe("As in a pod."))
    .max(32)
    .default([])
    .describe("As in a pod."),
  dnsPolicy: z.string().max(32).optional().describe("As in a pod."),
  dnsConfig: z.looseObject({}).optional().describe("As in a pod."),
  hostAliases: z
    .array(z.looseObject({}).describe("As in a pod."))
    .max(64)
    .default([])
    .describe("As in a pod."),
});
export type Twin = z.infer<typeof twinSchema>;

const amountsSchema = z
  .record(z.string(), z.string().max(32))
  .meta({ maxProperties: 4 })
  .describe("As in a container.");
const resourcesSchema = z.object({ requests: amountsSchema, limits: amountsSchema });
export type Resources = z.infer<typeof resourcesSchema>;

const podFields = z.object({
  name: z.string().max(63).describe("The probe pod's name."),
  namespace: z
    .string()
    .max(63)
    .optional()
    .describe("The namespace that it runs in, where that is not the one of this ProbeRun."),
  grant: z
    .string()
    .max(317)
    .optional()
    .describe("The namespace/name of the ProbeGrant that lets the test use its source."),
  source: z
    .string()
    .max(320)
    .describe(
      "Kind/name of the source workload, with its namespace where that is not the test's own; for a witness its node.",
    ),
  sourcePod: z
    .object({
      name: z.string().max(253).describe("The pod's name."),
      uid: z.string().max(64).describe("The pod's UID."),
    })
    .optional()
    .describe("The running pod of the source that it imitates."),
  sourceNodes: z.int().min(1).default(1).describe("On how many nodes the source runs."),
  twin: twinSchema.optional().describe("What it takes over from that pod."),
  awayFrom: z
    .array(z.string().max(253).describe("The name of a node."))
    .max(256)
    .optional()
    .describe("Nodes that it must not run on: a pod may always reach its own, whatever the policies say."),
  resources: resourcesSchema
    .optional()
    .describe(
      "What the LimitRanges and ResourceQuotas of the namespace leave it; left out: what its checks take.",
    ),
  witness: z
    .object({
      node: z.string().max(253).describe("The node that it runs on."),
      podNetwork: z
        .boolean()
        .optional()
        .describe(
          "On the pod network, to show that a wire between two nodes is up; left out: on its node's.",
        ),
    })
    .optional()
    .describe("A witness is nobody's twin: a pod on one node, mostly on that node's network."),
  node: z
    .string()
    .max(253)
    .optional()
    .describe("The node that is the source itself: the pod runs on that node's network."),
});

export const plannedPodSchema = withRules(podFields, [exactlyOne(["twin", "witness", "node"])]);
export type PlannedPod = z.infer<typeof plannedPodSchema>;
