import { z } from "zod";
import { celPattern, exactlyOne, matching, withRules } from "./rules.ts";
import { labelSelectorSchema } from "./selector.ts";
import { hostSchema, nameSchema, targetSchema } from "./target.ts";
import { expectSchema } from "./words.ts";

export { targetSchema, type Target } from "./target.ts";

/**
 * A port name (RFC 6335 §5.1), as Kubernetes takes it for container ports: a letter somewhere, no two hyphens in a row.
 */
const PORT_NAME = /^([0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Also for CEL's cost estimate, which heeds the length of an int-or-string since Kubernetes 1.34. */
const LONGEST_PORT_NAME = 15;

/** A port by number, or by the name that the target's Service or pods give it. */
export const portSchema = withRules(
  z.union([z.int(), z.string().max(LONGEST_PORT_NAME)]).meta({
    description: "A number from 1 to 65535, or the name of a port of the Service or of the pods.",
    "x-kubernetes-int-or-string": true,
    maxLength: LONGEST_PORT_NAME,
  }),
  [
    {
      cel: `type(self) == int ? self >= 1 && self <= 65535 : string(self).matches(${celPattern(PORT_NAME)})`,
      message:
        "must be a number from 1 to 65535 or a port name (at most 15 of a-z, 0-9 and -, with a letter)",
      holds: (port) => (typeof port === "number" ? port >= 1 && port <= 65_535 : PORT_NAME.test(port)),
    },
  ],
);
export type Port = z.infer<typeof portSchema>;

const STATUS_CLASS = /^[1-5]xx$/;
const statusPattern = withRules(
  z.union([z.int(), z.string().max(3)]).meta({
    description: "A status such as 200, or a class such as 2xx.",
    "x-kubernetes-int-or-string": true,
    maxLength: 3,
  }),
  [
    {
      cel: `type(self) == int ? self >= 100 && self <= 599 : string(self).matches(${celPattern(STATUS_CLASS)})`,
      message: "must be an HTTP status from 100 to 599, or a class such as 2xx",
      holds: (status) =>
        typeof status === "number" ? status >= 100 && status <= 599 : STATUS_CLASS.test(status),
    },
  ],
);

const pathSchema = withRules(z.string().max(1024), [
  matching(
    /^\/[!-~]*$/,
    "must be a URL path that begins with /, without spaces, and with other letters percent-encoded",
  ),
]);

export const httpProbeSchema = z.object({
  port: portSchema,
  path: pathSchema.default("/").describe("Path and query of the request."),
  status: z
    .array(statusPattern)
    .min(1)
    .max(16)
    .optional()
    .describe(
      "The statuses that count as the answer asked for: 200, or 2xx. Left out: every status below 400. Redirects are not followed.",
    ),
});

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
        .describe(
          "The target: exactly one of service, podSelector, host, ip. Left out with dns: the pod's own resolver.",
        ),
      http: httpProbeSchema
        .optional()
        .describe(
          "An HTTP GET by curl. A connection is what Denied forbids; with Allowed the response is checked as well.",
        ),
      tcp: z.object({ port: portSchema }).optional().describe("A TCP connection by curl."),
      icmp: z
        .object({})
        .optional()
        .describe("An echo request by ping; written as {}. Not to a service, whose address answers no echo."),
      dns: z
        .object({ name: hostSchema.describe("The name to look up.") })
        .optional()
        .describe(
          "A name looked up by nslookup with the pod's own resolver. Denied means that no server answered.",
        ),
      expect: expectSchema.describe("What ought to be: Allowed or Denied."),
    })
    .describe("What one source ought to reach, or ought not to. Exactly one of http, tcp, icmp, dns is set."),
  [
    exactlyOne(["http", "tcp", "icmp", "dns"]),
    {
      cel: "has(self.to) != has(self.dns)",
      message:
        "`to` must be set with http, tcp and icmp, and left out with dns, which asks the pod's own resolver",
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
      message: "a port name needs a service or pods that carry it: give host and ip a port number",
      holds: ({ to, http, tcp }) =>
        !(to?.host ?? to?.ip) || (numberedPort(http?.port) && numberedPort(tcp?.port)),
    },
  ],
);
export type Expectation = z.infer<typeof expectationSchema>;
