import { z } from "zod";
import { dnsProbeSchema } from "./dnsprobe.ts";
import { httpProbeSchema } from "./httpprobe.ts";
import { portSchema, type Port } from "./port.ts";
import { clusterSourceSchema, sourceSchema, type ExpectationSource } from "./source.ts";
import { isPods, nameSchema, targetSchema } from "./target.ts";
import { exactlyOne, type ValidationRule, withRules } from "./validationRules.ts";
import { expectSchema } from "./vocabulary.ts";

export { portSchema, type Port } from "./port.ts";
export { type ExpectationSource } from "./source.ts";
export { isPods, targetSchema, type Target } from "./target.ts";

const name = nameSchema.describe("Unique in the test; the status repeats it.");
const expect = expectSchema.describe("The expected state: Allowed or Denied.");

/** The target, and exactly one tool. */
const requestFields = {
  to: targetSchema
    .optional()
    .describe(
      "The target: exactly one of service, podSelector with or without namespaceSelector, host, ip, node. Omitted with dns.",
    ),
  http: httpProbeSchema
    .optional()
    .describe(
      "An HTTP request by curl. Denied expects that no connection is established; with Allowed the response is checked as well.",
    ),
  tcp: z
    .object({ port: portSchema })
    .optional()
    .describe(
      "Whether a TCP connection opens. The probe resets it before it is established, so the server's process never has it.",
    ),
  icmp: z
    .object({})
    .optional()
    .describe(
      "An echo request by ping; written as {}. Not to a service, because a cluster address does not answer echo requests.",
    ),
  dns: dnsProbeSchema
    .optional()
    .describe(
      "A lookup by nslookup, with the pod's own resolver or a given server. Denied expects that no server answers.",
    ),
};
const requestSchema = z.object(requestFields);
type ExpectationRequest = z.infer<typeof requestSchema>;

const numberedPort = (port: Port | undefined) => port === undefined || typeof port === "number";

const requestRules: readonly ValidationRule<ExpectationRequest>[] = [
  exactlyOne(["http", "tcp", "icmp", "dns"]),
  {
    cel: "has(self.to) != has(self.dns)",
    message:
      "`to` must be set with http, tcp and icmp, and omitted with dns, which queries the pod's own resolver or dns.server",
    holds: ({ to, dns }) => (to !== undefined) !== (dns !== undefined),
  },
  {
    cel: "!(has(self.icmp) && has(self.to) && has(self.to.service))",
    message:
      "icmp cannot have a service as its target, because a cluster address is not an interface: select its pods by podSelector",
    holds: ({ icmp, to }) => !(icmp && to?.service),
  },
  {
    cel: "!has(self.to) || !(has(self.to.host) || has(self.to.ip) || has(self.to.node)) || ((!has(self.http) || type(self.http.port) == int) && (!has(self.tcp) || type(self.tcp.port) == int))",
    message: "a port name needs a service or pods that define it: give host, ip and node a port number",
    holds: ({ to, http, tcp }) =>
      !(to?.host ?? to?.ip ?? to?.node) || (numberedPort(http?.port) && numberedPort(tcp?.port)),
  },
];

/** A ClusterConnectivityTest has no namespace of its own as a default. */
const clusterRules: readonly ValidationRule<ExpectationRequest>[] = [
  {
    cel: "!has(self.to) || !has(self.to.service) || has(self.to.service.namespace)",
    message: "to.service.namespace must be set: a ClusterConnectivityTest has no namespace of its own",
    holds: ({ to }) => !to?.service || to.service.namespace !== undefined,
  },
  {
    cel: "!has(self.to) || !has(self.to.podSelector) || has(self.to.namespaceSelector)",
    message:
      "to.podSelector needs to.namespaceSelector: a ClusterConnectivityTest has no namespace of its own; {} selects all",
    holds: ({ to }) => !to || !isPods(to) || to.namespaceSelector !== undefined,
  },
];

export const expectationSchema = withRules(
  z
    .object({
      name,
      from: sourceSchema.describe(
        "The source workloads, whose labels and service account the probe pods carry.",
      ),
      ...requestFields,
      expect,
    })
    .describe("What the sources may or may not reach. Exactly one of http, tcp, icmp, dns is set."),
  requestRules,
);

export const clusterExpectationSchema = withRules(
  z
    .object({
      name,
      from: clusterSourceSchema.describe(
        "The source workloads, whose labels and service account the probe pods carry.",
      ),
      ...requestFields,
      expect,
    })
    .describe("What the sources may or may not reach. Exactly one of http, tcp, icmp, dns is set."),
  [...requestRules, ...clusterRules],
);

const TOOLS = ["http", "tcp", "icmp", "dns"] as const;

/** The tool that an expectation asks with: the one that is set. */
export function toolOf(expectation: ExpectationRequest): (typeof TOOLS)[number] {
  return TOOLS.find((tool) => expectation[tool] !== undefined) ?? "dns";
}

/** An expectation of a test of either kind. */
export type Expectation = Omit<z.infer<typeof expectationSchema>, "from"> & {
  readonly from: ExpectationSource;
};
