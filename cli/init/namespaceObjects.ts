import { z } from "zod";
import { selectorSchema } from "../../operator/cluster/policies/selectorSchema.ts";

const namedSchema = z.object({ name: z.string() });

const containerPortSchema = z.object({
  name: z.string().optional(),
  containerPort: z.number(),
  protocol: z.string().default("TCP"),
});

/** A Deployment, StatefulSet or DaemonSet: what its pods are, as far as a policy or a Service can distinguish them. */
export const runningWorkloadSchema = z.object({
  metadata: namedSchema,
  spec: z.object({
    replicas: z.number().default(1),
    selector: selectorSchema,
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }).prefault({}),
      spec: z.object({
        hostNetwork: z.boolean().default(false),
        containers: z.array(z.object({ ports: z.array(containerPortSchema).default([]) })).default([]),
      }),
    }),
  }),
});
export type RunningWorkload = z.infer<typeof runningWorkloadSchema> & { readonly kind: string };

/** A Service, with the ports of its pods. */
export const namespaceServiceSchema = z.object({
  metadata: namedSchema,
  spec: z.object({
    selector: z.record(z.string(), z.string()).default({}),
    ports: z
      .array(
        z.object({
          port: z.number(),
          protocol: z.string().default("TCP"),
          targetPort: z.union([z.number(), z.string()]).optional(),
        }),
      )
      .default([]),
  }),
});
export type NamespaceService = z.infer<typeof namespaceServiceSchema>;

const peerRuleSchema = z.object({
  podSelector: selectorSchema.optional(),
  namespaceSelector: selectorSchema.optional(),
  ipBlock: z.looseObject({}).optional(),
});
const portRuleSchema = z.object({
  protocol: z.string().default("TCP"),
  port: z.union([z.number(), z.string()]).optional(),
  endPort: z.number().optional(),
});
export type PortRule = z.infer<typeof portRuleSchema>;
export type PeerRule = z.infer<typeof peerRuleSchema>;

/** A NetworkPolicy with all that its rules say of peers and ports. The API server has defaulted `policyTypes`. */
export const namespacePolicySchema = z.object({
  metadata: namedSchema,
  spec: z.object({
    podSelector: selectorSchema.prefault({}),
    policyTypes: z.array(z.string()).default([]),
    ingress: z
      .array(
        z.object({
          from: z.array(peerRuleSchema).default([]),
          ports: z.array(portRuleSchema).default([]),
        }),
      )
      .default([]),
    egress: z
      .array(
        z.object({ to: z.array(peerRuleSchema).default([]), ports: z.array(portRuleSchema).default([]) }),
      )
      .default([]),
  }),
});
export type NamespacePolicy = z.infer<typeof namespacePolicySchema>;

/** What runs in a namespace, and the policies there. */
export interface NamespaceObjects {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly workloads: readonly RunningWorkload[];
  readonly services: readonly NamespaceService[];
  readonly policies: readonly NamespacePolicy[];
}
