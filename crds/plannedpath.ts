import { z } from "zod";
import { backendSchema } from "./backend.ts";
import { dnsProtocolSchema, recordTypeSchema } from "./dnsprobe.ts";
import { headersSchema, methodSchema, schemeSchema } from "./httpprobe.ts";
import { MAX_PATHS } from "./teststatus.ts";
import { expectSchema, familySchema } from "./words.ts";

/** At most this many checks run in one probe pod: their results must fit into a termination message of 4,096 bytes. */
export const MAX_CHECKS_PER_POD = 24;

/** At most this many endpoints of a Service, or pods of each workload behind a selector, are probed. */
export const MAX_BACKENDS = 8;

/** Instead of a probe pod's name, where a second look asks for the witness of a path alone. */
export const NO_POD = "";

/**
 * What one probe pod does for one path, as the runner reads it. http and tcp dial `address`; a `host` is resolved by
 * the twin itself first, in the family named; dns asks the pod's own resolver for `host`, or the name server at `address`.
 */
export const checkSchema = z.object({
  path: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .describe("The path's id in the plan."),
  tool: z.enum(["http", "tcp", "icmp", "dns"]).describe("Which tool asks."),
  family: familySchema,
  address: z
    .string()
    .max(45)
    .optional()
    .describe(
      "The address to dial; left out: the host is resolved first, or the pod's own resolver asked; or that of a witness, which is known once it runs.",
    ),
  host: z.string().max(253).optional().describe("The host of the request, or the name to look up."),
  port: z.int().min(1).max(65_535).optional().describe("The port to dial."),
  urlPath: z.string().max(1024).optional().describe("Path and query of the HTTP request."),
  method: methodSchema.optional().describe("The method of the HTTP request; left out: GET."),
  scheme: schemeSchema.optional().describe("HTTPS, or left out."),
  requestHost: z
    .string()
    .max(253)
    .optional()
    .describe("The name that the HTTP request asks for; left out: the host, with the port."),
  headers: headersSchema.optional().describe("More headers of the HTTP request."),
  insecureSkipTLSVerify: z.boolean().optional().describe("Take any certificate."),
  recordType: recordTypeSchema
    .optional()
    .describe("The DNS record to look up; left out: A or AAAA, by the family."),
  protocol: dnsProtocolSchema.optional().describe("How the name server is asked; left out: UDP."),
  status: z
    .array(z.string().max(3).describe("A status or a class."))
    .max(16)
    .optional()
    .describe("The statuses asked for, such as 200 or 2xx."),
  signOfLife: z.boolean().default(false).describe("An answer shows that the probe pod's own network is up."),
});
export type Check = z.infer<typeof checkSchema>;

/** One source workload to one concrete address, port, protocol and family. */
export const plannedPathSchema = z.object({
  id: z
    .int()
    .min(0)
    .max(MAX_PATHS - 1)
    .describe("Counts the paths of the run."),
  expectation: z.string().max(63).describe("The expectation's name."),
  expect: expectSchema,
  from: z
    .string()
    .max(320)
    .describe("Kind/name of the source workload, with its namespace where that is not the test's own."),
  grants: z
    .array(z.string().max(317).describe("Its namespace/name."))
    .max(2)
    .optional()
    .describe("The ProbeGrants that let the test use its source and name its target."),
  to: z.string().max(320).describe("What the author named: Service/catalog, Pod/x, a host or an address."),
  kind: z
    .enum(["ClusterAddress", "Endpoint", "Pod", "Host", "Address", "Node", "Resolver"])
    .describe("What the address is."),
  familyAsked: z.boolean().optional().describe("Whether `ipFamilies` names the family of this path."),
  pod: z
    .string()
    .max(63)
    .describe("The probe pod that tries it; empty in a second look that asks for its witness alone."),
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
    .describe("The node whose witness tries the same address, if one may go there."),
  local: z
    .boolean()
    .optional()
    .describe(
      "Whether only those pods answer that are on the probe's own node (internalTrafficPolicy: Local).",
    ),
  fabric: z
    .string()
    .max(253)
    .optional()
    .describe(
      "The node whose witness on the pod network tries one on each node behind the address, to show that the wire is up.",
    ),
  backendCount: z.int().min(0).default(0).describe("Ready backends in all; at most 8 are probed."),
});
export type PlannedPath = z.infer<typeof plannedPathSchema>;
