import { z } from "zod";
import { portSchema } from "./port.ts";
import { hostRule, READS_AS_ADDRESS, readsAsAddress } from "./target.ts";
import { celPattern, matching, noneOf, notMatching, withRules } from "./validationRules.ts";

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

const requestHostSchema = withRules(z.string().max(253), [
  hostRule,
  {
    cel: `!self.matches(${celPattern(READS_AS_ADDRESS)})`,
    message: "must not end in a number, since it would be read as an IPv4 address",
    holds: (name) => !readsAsAddress(name),
  },
]);

// Servers read every character of a name that is neither a letter nor a digit as the same one (CGI, RFC 3875 §4.1.18), and
// many read none at all. So any of them, or none, may be between two words of a name.

/**
 * The ends of the names of headers with credentials, as browsers, gateways, clouds and secret stores use them: Authorization,
 * Cookie, X-Api-Key, X-Vault-Token, PRIVATE-TOKEN, X-Amz-Security-Token, Ocp-Apim-Subscription-Key, X-Session-Id. A number may
 * follow. A key needs the word before it, because Idempotency-Key and Surrogate-Key are no credentials.
 */
const CREDENTIALS =
  /(auth|authorization|authentication|bearer|cookie|tokens?|jwt|secrets?|passw(or)?d|passphrase|credentials?|signature|session([^a-z0-9]?id)?|(api|app|application|access|account|admin|auth|client|consumer|customer|functions|license|master|private|secret|service|session|shared|signing|subscription|user)[^a-z0-9]?key)([^a-z0-9]?v?[0-9]+)?$/;
/**
 * Headers by which a metadata service of a cloud accepts a request: Metadata (Azure), Metadata-Flavor and
 * X-Google-Metadata-Request (Google, IBM), X-aws-ec2-metadata-token-ttl-seconds, Metadata-Token (Linode), X-IDENTITY-HEADER (Azure
 * App Service). The credentials of the node are behind it.
 */
const CLOUD_METADATA = /((^|[^a-z0-9])metadata([^a-z0-9]|$)|^x?[^a-z0-9]?identity[^a-z0-9]?header$)/;
/** Headers that replace the method, by which GET becomes DELETE: X-HTTP-Method-Override, X-HTTP-Method, X-Method-Override, _method. */
const METHOD_OVERRIDE =
  /^[^a-z0-9]*(x[^a-z0-9]?)?(http[^a-z0-9]?)?(method([^a-z0-9]?override)?|override[^a-z0-9]?method)$/;

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

/** One header as a ProbeRun has it: a run that an earlier version planned can be read, with any header. */
export const plannedHeadersSchema = z
  .array(
    z
      .object({
        name: z.string().max(LONGEST_HEADER_NAME).describe("The header's name."),
        value: z.string().max(LONGEST_HEADER_VALUE).describe("The header's value."),
      })
      .describe("One header."),
  )
  .max(MAX_HEADERS);

const headerSchema = z.object({
  name: withRules(z.string().max(LONGEST_HEADER_NAME), [
    matching(TOKEN, "must be a header name, such as X-Tenant"),
    notMatching(
      CREDENTIALS,
      "must not be a header with credentials, such as Authorization, Cookie or X-Api-Key: all users who may view the test can read it; omit it, and let http.status list the answer without it, such as 401",
    ),
    notMatching(
      METHOD_OVERRIDE,
      "must not replace the method, as X-HTTP-Method-Override does: a probe must not change its target; write http.method instead",
    ),
    notMatching(
      CLOUD_METADATA,
      "must not be a header for a metadata service, such as Metadata-Flavor: the service returns credentials of the node; omit it, or test the path by tcp",
    ),
    noneOf(["host"], "must not be Host: write http.host instead"),
    noneOf(
      FRAMING,
      "must not be a header that frames the request or belongs to the connection: the probe sets it itself; omit it",
    ),
  ]).describe("The header's name; case does not matter."),
  value: withRules(z.string().max(LONGEST_HEADER_VALUE), [
    matching(FIELD_VALUE, "must be printable ASCII without spaces at its ends, and not empty"),
  ]).describe(
    "The header's value, at most 128 characters. All users who may view the object can read it: no secrets.",
  ),
});

const distinct = (names: readonly string[]) =>
  new Set(names.map((name) => name.toLowerCase())).size === names.length;

const headersSchema = withRules(
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
