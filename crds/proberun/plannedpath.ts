import { z } from "zod";
import { dnsProtocolSchema, recordTypeSchema } from "../dnsprobe.ts";
import { methodSchema, plannedHeadersSchema, schemeSchema } from "../httpprobe.ts";
import { MAX_PATHS } from "../teststatus.ts";
import { expectSchema, familySchema } from "../vocabulary.ts";
import { backendSchema } from "./backend.ts";

/**
 * The maximum number of checks in one probe pod: their results must fit into a termination message of 4,096 bytes.
 */
export const MAX_CHECKS_PER_POD = 24;

/** The maximum number of endpoints of a Service, or of pods of each workload behind a selector, that are probed. */
export const MAX_BACKENDS = 8;

/** The maximum number of sources of one workload, which policies distinguish. */
export const MAX_SOURCES_PER_WORKLOAD = 8;

/** A label selector that netverdict has derived from those of policies, so it needs no rules in the CRD. */
export const sourceSelectorSchema = z.object({
  matchExpressions: z
    .array(
      z
        .object({
          key: z.string().max(317).describe("The label's key."),
          operator: z
            .enum(["In", "NotIn", "Exists", "DoesNotExist"])
            .describe("The relation of the label's value to values."),
          values: z
            .array(z.string().max(63).describe("A value."))
            .max(32)
            .optional()
            .describe("The values to compare with."),
        })
        .describe("One requirement."),
    )
    .max(8)
    .describe("The requirements, all of which must match."),
});
export type SourceSelector = z.infer<typeof sourceSelectorSchema>;

/** Replaces a probe pod's name in a follow-up run that tests a path by its witness alone. */
export const NO_POD = "";

/** The expectation of a path that belongs to none: netverdict's own proof of the source. */
export const NO_EXPECTATION = "";

const portNumber = z.int().min(1).max(65_535);

/**
 * What one probe pod does for one path, as the runner reads it. http and tcp dial `address`. The twin itself first
 * resolves a `host`, in the named family. dns looks up `host` at the pod's own resolver, or at the name server at
 * `address`.
 */
export const checkSchema = z.object({
  path: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .describe("The path's id in the plan."),
  tool: z.enum(["http", "tcp", "icmp", "dns"]).describe("The tool."),
  family: familySchema,
  address: z
    .string()
    .max(45)
    .optional()
    .describe(
      "The address to dial. If omitted: the host is resolved first, or the pod's own resolver is queried; or it is the address of a witness, which is known when that runs.",
    ),
  host: z.string().max(253).optional().describe("The host of the request, or the name to look up."),
  port: portNumber.optional().describe("The port to dial."),
  urlPath: z.string().max(1024).optional().describe("Path and query of the HTTP request."),
  method: methodSchema.optional().describe("The method of the HTTP request. Default GET."),
  scheme: schemeSchema.optional().describe("HTTPS, or omitted."),
  requestHost: z
    .string()
    .max(253)
    .optional()
    .describe("The name in the Host header of the HTTP request. If omitted: the host, with the port."),
  headers: plannedHeadersSchema.optional().describe("More headers of the HTTP request."),
  insecureSkipTLSVerify: z.boolean().optional().describe("Accept any certificate."),
  recordType: recordTypeSchema
    .optional()
    .describe("The DNS record to look up. If omitted: A or AAAA, by the family."),
  protocol: dnsProtocolSchema.optional().describe("The protocol of the query. Default UDP."),
  status: z
    .array(z.string().max(3).describe("A status or a class."))
    .max(16)
    .optional()
    .describe("The expected statuses, such as 200 or 2xx."),
  control: z
    .boolean()
    .optional()
    .describe(
      "Set for netverdict's own proof of the source, which no expectation asks for: the probe pod does not wait for its result.",
    ),
  provesSource: z
    .boolean()
    .default(false)
    .describe(
      "Whether its answers prove that the probe pod's own network was up: every deciding round must lie between two of them.",
    ),
});
export type Check = z.infer<typeof checkSchema>;

/** The ports of a headless Service, which translates none: what clients dial depends on how they look it up. */
const headlessPortsSchema = z.object({
  port: portNumber.describe("The Service's port, which clients of its name dial."),
  targetPort: portNumber.describe("The port of the endpoint, which its SRV records have."),
});
export type HeadlessPorts = z.infer<typeof headlessPortsSchema>;

/**
 * A port of a node that the node itself translates to that of a pod. From a pod on that node it is translated before
 * policies apply, so the same port may be open from there and closed from elsewhere, or the other way round.
 */
const translatedPortSchema = z.object({
  node: z.string().max(253).describe("The node."),
  by: z.enum(["NodePort", "HostPort"]).describe("Whether it is a port of a Service or of a pod."),
  from: z
    .enum(["OwnNode", "OtherNode"])
    .describe("Whether the path is that of the source's pods on this node, or of those on other nodes."),
});
export type TranslatedPort = z.infer<typeof translatedPortSchema>;

/** One source workload to one concrete address, port, protocol and family. */
export const plannedPathSchema = z.object({
  id: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .describe("The number of the path in the run."),
  expectation: z
    .string()
    .max(63)
    .describe("The expectation's name; empty for netverdict's own proof of the source."),
  expect: expectSchema,
  from: z
    .string()
    .max(320)
    .describe(
      "Kind/name of the source workload, with its namespace if that is not the test's own. If policies distinguish its pods: followed by the labels of those that this source is, such as (role=primary).",
    ),
  sourceSelector: sourceSelectorSchema
    .optional()
    .describe(
      "Selects the pods of this source among those of its workload. If omitted: policies do not distinguish them.",
    ),
  grants: z
    .array(z.string().max(317).describe("Its namespace/name."))
    .max(2)
    .optional()
    .describe("The ProbeGrants that let the test use its source and select its target."),
  to: z
    .string()
    .max(320)
    .describe("The target as the author named it: Service/catalog, Pod/x, a host or an address."),
  kind: z
    .enum(["ClusterAddress", "Endpoint", "Pod", "Host", "Address", "Node", "Resolver"])
    .describe("What the address is."),
  familyAsked: z.boolean().optional().describe("Whether `ipFamilies` lists the family of this path."),
  pod: z
    .string()
    .max(63)
    .describe("The probe pod that tries it; empty in a follow-up run that tests it by its witness alone."),
  check: checkSchema.describe("What the probe pod does."),
  backends: z
    .array(backendSchema.describe("A pod behind the address."))
    .max(MAX_BACKENDS)
    .default([])
    .describe("The pods behind the address, as they were when the run was planned."),
  witness: z
    .string()
    .max(253)
    .optional()
    .describe("The node whose witness tries the same address, if a witness may try it."),
  translated: translatedPortSchema
    .optional()
    .describe("Set for a node port or a host port: it is tried from each side that the source has pods on."),
  headless: headlessPortsSchema
    .optional()
    .describe(
      "Set for a headless Service whose port is not the port of its endpoint; `check` has the dialled one.",
    ),
  local: z
    .boolean()
    .optional()
    .describe("Whether only pods on the probe pod's own node answer (internalTrafficPolicy: Local)."),
  linkWitness: z
    .string()
    .max(253)
    .optional()
    .describe(
      "The node whose witness on the pod network connects to one on each node behind the address, to prove the link.",
    ),
  sourceComparison: z
    .string()
    .max(64)
    .optional()
    .describe(
      "Set if source and probe pod are compared when the run has ended, because only then the address of the probe pod or of the target is known: a digest of the policies that compare addresses, empty if there are none.",
    ),
  backendCount: z.int().min(0).default(0).describe("The number of ready backends; at most 8 are probed."),
});
export type PlannedPath = z.infer<typeof plannedPathSchema>;
