import { z } from "zod";
import { celPattern, withRules } from "./rules.ts";
import { hostRule, ipSchema } from "./target.ts";

/** RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 2782. */
export const recordTypeSchema = z.enum(["A", "AAAA", "CNAME", "SRV"]);
export type RecordType = z.infer<typeof recordTypeSchema>;
export const dnsProtocolSchema = z.enum(["UDP", "TCP"]);

/** nslookup would look for the name of such an address instead. */
const IPV4 = /^[0-9]+(\.[0-9]+){3}$/;
const lookedUpSchema = withRules(z.string().max(253), [
  hostRule,
  {
    cel: `!self.matches(${celPattern(IPV4)})`,
    message: "must be a name to look up, not an address",
    holds: (name) => !IPV4.test(name),
  },
]);

export const dnsProbeSchema = z.object({
  name: lookedUpSchema.describe(
    "The name to look up. With a dot at its end it is asked for as it stands; without one it goes through the search list of the pod, as an application's would.",
  ),
  type: recordTypeSchema
    .optional()
    .describe(
      "The record asked for: A, AAAA, CNAME or SRV. Left out: A on an IPv4 path, AAAA on an IPv6 one.",
    ),
  server: ipSchema
    .optional()
    .describe("The name server to ask, an address, at port 53. Left out: those of the pod's own resolver."),
  protocol: dnsProtocolSchema
    .default("UDP")
    .describe("UDP or TCP. A truncated answer by UDP is asked for again by TCP. Default UDP."),
});
export type DnsProbe = z.infer<typeof dnsProbeSchema>;
