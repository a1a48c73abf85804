import { z } from "zod";
import { hostRule, ipSchema } from "./target.ts";
import { celPattern, withRules } from "./validationRules.ts";

/** RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 2782. */
export const recordTypeSchema = z.enum(["A", "AAAA", "CNAME", "SRV"]);
export type RecordType = z.infer<typeof recordTypeSchema>;
export const dnsProtocolSchema = z.enum(["UDP", "TCP"]);

/** For such an address, nslookup would look up its name instead. */
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
    "The name to look up. With a trailing dot it is looked up as it is; without one it uses the search list of the pod, as an application would.",
  ),
  type: recordTypeSchema
    .optional()
    .describe(
      "The requested record: A, AAAA, CNAME or SRV. If omitted: A on an IPv4 path, AAAA on an IPv6 one.",
    ),
  server: ipSchema
    .optional()
    .describe(
      "The address of the name server to query, at port 53. If omitted: those of the pod's own resolver.",
    ),
  protocol: dnsProtocolSchema
    .default("UDP")
    .describe("UDP or TCP. After a truncated answer over UDP the query is repeated over TCP. Default UDP."),
});
export type DnsProbe = z.infer<typeof dnsProbeSchema>;
