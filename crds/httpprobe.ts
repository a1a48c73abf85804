import { z } from "zod";
import { portSchema } from "./port.ts";
import { hostRule } from "./target.ts";
import { celPattern, matching, noneOf, withRules } from "./validationRules.ts";

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
    "must be a URL path that begins with /, without spaces, and with other characters percent-encoded",
  ),
]);

/** The safe methods (RFC 9110 §9.2.1) that servers support: a probe sends many requests, and must change nothing. */
export const methodSchema = z.enum(["GET", "HEAD", "OPTIONS"]);
/** As in the probes of a pod. */
export const schemeSchema = z.enum(["HTTP", "HTTPS"]);

/** A name whose last label is a number. curl, like every URL parser, reads it as an IPv4 address. */
const READS_AS_ADDRESS = /(^|\.)([0-9]+|0[xX][0-9a-fA-F]*)\.?$/;

/**
 * Reports whether a URL parser reads this name as an address (https://url.spec.whatwg.org/#ends-in-a-number-checker).
 */
export function readsAsAddress(name: string): boolean {
  return READS_AS_ADDRESS.test(name);
}

const requestHostSchema = withRules(z.string().max(253), [
  hostRule,
  {
    cel: `!self.matches(${celPattern(READS_AS_ADDRESS)})`,
    message: "must not end in a number, since it would be read as an IPv4 address",
    holds: (name) => !readsAsAddress(name),
  },
]);

/** Headers with credentials, which must not be in a spec or in the command of a probe. */
const CREDENTIALS = ["authorization", "proxy-authorization", "cookie"] as const;
/** Headers that frame a request or belong to the connection (RFC 9110 §7.6.1, RFC 9112 §6). */
const FRAMING = [
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
] as const;

/** A token (RFC 9110 §5.6.2); the apostrophe by its number, because a rule contains no quote. */
const TOKEN = /^[!#$%&\x27*+.^_`|~0-9A-Za-z-]+$/;
/** A field value (RFC 9110 §5.5) of printable ASCII, not empty: with an empty one, curl omits the header. */
const FIELD_VALUE = /^[!-~]([ -~]*[!-~])?$/;

/** With these limits the checks of a full probe pod fit into one environment variable (128 KiB on Linux). */
const MAX_HEADERS = 6;
const LONGEST_HEADER_NAME = 64;
const LONGEST_HEADER_VALUE = 128;

const headerSchema = z.object({
  name: withRules(z.string().max(LONGEST_HEADER_NAME), [
    matching(TOKEN, "must be a header name, such as X-Tenant"),
    noneOf(
      CREDENTIALS,
      "must not be Authorization, Proxy-Authorization or Cookie: a spec must not contain secrets",
    ),
    noneOf(["host"], "must not be Host: write http.host instead"),
    noneOf(FRAMING, "must not be a header that frames the request or belongs to the connection"),
  ]).describe("The header's name; case does not matter."),
  value: withRules(z.string().max(LONGEST_HEADER_VALUE), [
    matching(FIELD_VALUE, "must be printable ASCII without spaces at its ends, and not empty"),
  ]).describe(
    "The header's value, at most 128 characters. All users who may view the object can read it: no secrets.",
  ),
});

const distinct = (names: readonly string[]) =>
  new Set(names.map((name) => name.toLowerCase())).size === names.length;

export const headersSchema = withRules(
  z
    .array(headerSchema.describe("One header."))
    .max(MAX_HEADERS)
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    }),
  [
    {
      cel: "self.all(one, self.exists_one(other, other.name.lowerAscii() == one.name.lowerAscii()))",
      message: "header names must be unique, without regard to case",
      holds: (headers) => distinct(headers.map(({ name }) => name)),
    },
  ],
);

export const httpProbeSchema = withRules(
  z.object({
    port: portSchema,
    path: pathSchema.default("/").describe("Path and query of the request."),
    method: methodSchema
      .default("GET")
      .describe("GET, HEAD or OPTIONS: methods that change nothing. Default GET."),
    scheme: schemeSchema.default("HTTP").describe("HTTP or HTTPS. Default HTTP."),
    host: requestHostSchema
      .optional()
      .describe(
        "The name in the Host header, without a port. With HTTPS also the server name (SNI), and the name that the certificate must have. If omitted: the name of the Service, or the host, with the port; otherwise the address. It does not change the address of the connection.",
      ),
    headers: headersSchema.optional().describe("More headers of the request, at most 6. No secrets."),
    insecureSkipTLSVerify: z
      .boolean()
      .default(false)
      .describe(
        "Accept any certificate. Only with HTTPS. If omitted: a public authority must have issued the certificate, for that name.",
      ),
    status: z
      .array(statusPattern)
      .min(1)
      .max(16)
      .optional()
      .describe(
        "The expected statuses: 200, or 2xx. If omitted: every status below 400. Redirects are not followed.",
      ),
  }),
  [
    {
      cel: "!self.insecureSkipTLSVerify || self.scheme == 'HTTPS'",
      message: "insecureSkipTLSVerify needs scheme HTTPS",
      holds: ({ insecureSkipTLSVerify, scheme }) => !insecureSkipTLSVerify || scheme === "HTTPS",
    },
  ],
);
export type HttpProbe = z.infer<typeof httpProbeSchema>;
