import { z } from "zod";
import { exactlyOne, withRules } from "../validationRules.ts";

/** Labels or annotations, with values of a maximum length. */
const texts = (longest: number) => z.record(z.string(), z.string().max(longest)).meta({ maxProperties: 256 });

/** The network identity of the twin, taken over from a pod of the source. */
export const twinSchema = z.object({
  labels: texts(63).describe("The pod's labels, without those of its controller."),
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
    .describe("The namespace that it runs in, if that is not the one of this ProbeRun."),
  grant: z
    .string()
    .max(317)
    .optional()
    .describe("The namespace/name of the ProbeGrant that lets the test use its source."),
  source: z.string().max(320).describe("The source, as in the paths; for a witness its node."),
  sourcePod: z
    .object({
      name: z.string().max(253).describe("The pod's name."),
      uid: z.string().max(64).describe("The pod's UID."),
    })
    .optional()
    .describe("The pod of the source that it is the twin of."),
  sourceNodes: z.int().min(1).default(1).describe("The number of nodes that the source runs on."),
  twin: twinSchema.optional().describe("The network identity that it takes over from that pod."),
  awayFrom: z
    .array(z.string().max(253).describe("The name of a node."))
    .max(256)
    .optional()
    .describe(
      "Nodes that it must not run on, because policies may not apply to traffic from a pod to its own node.",
    ),
  resources: resourcesSchema
    .optional()
    .describe(
      "The resources that the LimitRanges and ResourceQuotas of the namespace allow. If omitted: those that its checks need.",
    ),
  witness: z
    .object({
      node: z.string().max(253).describe("The node that it runs on."),
      podNetwork: z
        .boolean()
        .optional()
        .describe(
          "Whether it runs on the pod network, to prove the link between two nodes. If omitted: on the host network.",
        ),
      alone: z
        .boolean()
        .optional()
        .describe(
          "Whether it ends when its checks have settled, because the run has no probe. If omitted: it goes on until the probes have ended, and the operator ends it.",
        ),
    })
    .optional()
    .describe("Set for a witness, which is not a twin: a pod on one node, mostly on the host network."),
  node: z
    .string()
    .max(253)
    .optional()
    .describe("The node that is the source itself: the pod runs on its host network."),
});

export const plannedPodSchema = withRules(podFields, [exactlyOne(["twin", "witness", "node"])]);
export type PlannedPod = z.infer<typeof plannedPodSchema>;
