import { z } from "zod";
import { dnsProbeSchema } from "./dnsprobe.ts";
import { httpProbeSchema } from "./httpprobe.ts";
import { portSchema, type Port } from "./port.ts";
import { exactlyOne, withRules } from "./rules.ts";
import { labelSelectorSchema } from "./selector.ts";
import { nameSchema, targetSchema } from "./target.ts";
import { expectSchema } from "./words.ts";

export { portSchema, type Port } from "./port.ts";
export { targetSchema, type Target } from "./target.ts";

const numberedPort = (port: Port | undefined) => port === undefined || typeof port === "number";

export const expectationSchema = withRules(
  z
    .object({
      name: nameSchema.describe("Unique in the test; the status carries it."),
      from: z
        .object({
          podSelector: labelSelectorSchema.describe(
            "Pods of the test's own namespace; each workload they belong to is one source. An empty selector means all pods.",
          ),
        })
        .describe("The source workloads, whose labels and service account the probe pods carry."),
      to: targetSchema
        .optional()
        .describe("The target: exactly one of service, podSelector, host, ip, node. Left out with dns."),
      http: httpProbeSchema
        .optional()
        .describe(
          "An HTTP request by curl. A connection is what Denied forbids; with Allowed the response is checked as well.",
        ),
      tcp: z.object({ port: portSchema }).optional().describe("A TCP connection by curl."),
      icmp: z
        .object({})
        .optional()
        .describe("An echo request by ping; written as {}. Not to a service, whose address answers no echo."),
      dns: dnsProbeSchema
        .optional()
        .describe(
          "A name looked up by nslookup, with the pod's own resolver or a named server. Denied means that no server answered.",
        ),
      expect: expectSchema.describe("What ought to be: Allowed or Denied."),
    })
    .describe("What one source ought to reach, or ought not to. Exactly one of http, tcp, icmp, dns is set."),
  [
    exactlyOne(["http", "tcp", "icmp", "dns"]),
    {
      cel: "has(self.to) != has(self.dns)",
      message:
        "`to` must be set with http, tcp and icmp, and left out with dns, which asks the pod's own resolver or dns.server",
      holds: ({ to, dns }) => (to !== undefined) !== (dns !== undefined),
    },
    {
      cel: "!(has(self.icmp) && has(self.to) && has(self.to.service))",
      message:
        "icmp cannot go to a service, whose cluster address is not an interface: select its pods by podSelector",
      holds: ({ icmp, to }) => !(icmp && to?.service),
    },
    {
      cel: "!has(self.to) || has(self.to.service) || has(self.to.podSelector) || ((!has(self.http) || type(self.http.port) == int) && (!has(self.tcp) || type(self.tcp.port) == int))",
      message: "a port name needs a service or pods that carry it: give host, ip and node a port number",
      holds: ({ to, http, tcp }) =>
        !(to?.host ?? to?.ip ?? to?.node) || (numberedPort(http?.port) && numberedPort(tcp?.port)),
    },
  ],
);
export type Expectation = z.infer<typeof expectationSchema>;
