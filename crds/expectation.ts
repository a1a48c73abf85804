import { z } from "zod";
import { withRules } from "./rules.ts";
import { labelSelectorSchema } from "./selector.ts";
import { expectSchema } from "./words.ts";

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const HOST = /^[a-zA-Z0-9_]([-a-zA-Z0-9_]*[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([-a-zA-Z0-9_]*[a-zA-Z0-9_])?)*\.?$/;
/** A port name (RFC 6335 §5.1), as Kubernetes takes it for container ports. */
const PORT_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

const isPortName = (text: string) =>
  PORT_NAME.test(text) && text.length <= 15 && /[a-z]/.test(text) && !text.includes("--");

/** A port by number, or by the name that the target's Service or pods give it. */
export const portSchema = withRules(
  z.union([z.int(), z.string()]).meta({
    description: "A number from 1 to 65535, or the name of a port of the Service or of the pods.",
    "x-kubernetes-int-or-string": true,
  }),
  [
    {
      cel: "type(self) == int ? self >= 1 && self <= 65535 : size(string(self)) <= 15 && string(self).matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$') && string(self).matches('[a-z]') && !string(self).contains('--')",
      message:
        "must be a number from 1 to 65535 or a port name (at most 15 of a-z, 0-9 and -, with a letter)",
      holds: (port) => (typeof port === "number" ? port >= 1 && port <= 65_535 : isPortName(port)),
    },
  ],
);
export type Port = z.infer<typeof portSchema>;

const statusPattern = withRules(z.union([z.int(), z.string()]).meta({ "x-kubernetes-int-or-string": true }), [
  {
    cel: "type(self) == int ? self >= 100 && self <= 599 : string(self).matches('^[1-5]xx$')",
    message: "must be an HTTP status from 100 to 599, or a class such as 2xx",
    holds: (status) =>
      typeof status === "number" ? status >= 100 && status <= 599 : /^[1-5]xx$/.test(status),
  },
]);

export const httpProbeSchema = z.object({
  port: portSchema,
  path: z
    .string()
    .max(1024)
    .regex(/^\/[!-~]*$/)
    .default("/")
    .meta({ description: "Path and query of the request." }),
  status: z
    .array(statusPattern)
    .min(1)
    .max(16)
    .optional()
    .meta({
      description:
        "The statuses that count as the answer asked for: 200, or 2xx. Left out: every status below 400.",
    }),
});

const serviceSchema = z.object({
  name: z.string().max(63).regex(NAME),
  namespace: z
    .string()
    .max(63)
    .regex(NAME)
    .optional()
    .meta({ description: "Left out: the test's own namespace." }),
});

const oneOf = (fields: readonly string[]) =>
  `[${fields.map((field) => `has(self.${field})`).join(", ")}].filter(set, set).size() == 1`;
const countOf = (values: readonly unknown[]) => values.filter((value) => value !== undefined).length;

export const targetSchema = withRules(
  z.object({
    service: serviceSchema
      .optional()
      .meta({ description: "A Service: its cluster address and every endpoint behind it." }),
    podSelector: labelSelectorSchema.optional().meta({ description: "Pods of the test's own namespace." }),
    host: z
      .string()
      .max(253)
      .regex(HOST)
      .optional()
      .meta({ description: "A name that the source resolves itself." }),
    ip: withRules(z.string().max(45), [
      {
        cel: "isIP(self)",
        message: "must be an IPv4 or IPv6 address, such as 203.0.113.10",
        holds: (text) => z.ipv4().safeParse(text).success || z.ipv6().safeParse(text).success,
      },
    ]).optional(),
  }),
  [
    {
      cel: oneOf(["service", "podSelector", "host", "ip"]),
      message: "exactly one of service, podSelector, host, ip must be set",
      holds: ({ service, podSelector, host, ip }) => countOf([service, podSelector, host, ip]) === 1,
    },
  ],
);

const numberedPort = (port: Port | undefined) => port === undefined || typeof port === "number";

export const expectationSchema = withRules(
  z.object({
    name: z.string().max(63).regex(NAME).meta({ description: "Unique in the test; the status carries it." }),
    from: z
      .object({ podSelector: labelSelectorSchema })
      .meta({ description: "The source workloads: pods of the test's own namespace." }),
    to: targetSchema.optional().meta({ description: "Left out with dns: the pod's own resolver." }),
    http: httpProbeSchema.optional().meta({ description: "An HTTP GET by curl." }),
    tcp: z.object({ port: portSchema }).optional().meta({ description: "A TCP connection by curl." }),
    icmp: z.object({}).optional().meta({ description: "An echo request by ping." }),
    dns: z
      .object({ name: z.string().max(253).regex(HOST) })
      .optional()
      .meta({ description: "A name looked up by nslookup with the pod's own resolver." }),
    expect: expectSchema.meta({ description: "What ought to be: Allowed or Denied." }),
  }),
  [
    {
      cel: oneOf(["http", "tcp", "icmp", "dns"]),
      message: "exactly one of http, tcp, icmp, dns must be set",
      holds: ({ http, tcp, icmp, dns }) => countOf([http, tcp, icmp, dns]) === 1,
    },
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
export type Target = z.infer<typeof targetSchema>;
