import type { Attacks } from "./attack.ts";

const by = "validation by the CRD";
const GROUP = "must not be a multicast or broadcast address";
const OWN = "must not be a loopback or unspecified address";
const MAPPED = "write it without a zone, and an IPv4 address not mapped into IPv6";
const NOTATION = "must not end in a number unless it is a whole IPv4 address";
const METHOD = "must not replace the method, as X-HTTP-Method-Override does";
const METADATA = "must not be a header for a metadata service, such as Metadata-Flavor";
const CREDENTIALS = "must not be a header with credentials, such as Authorization, Cookie or X-Api-Key";

/** What an author writes into a test. */
export const SPEC_ATTACKS = {
  who: "A user who may write a ConnectivityTest",
  test: "specs.test.ts",
  rows: {
    multicast: { attempt: "probes to a multicast address", by, result: GROUP },
    broadcast: { attempt: "probes to the broadcast address", by, result: GROUP },
    unspecified: { attempt: "probes to the unspecified address", by, result: OWN },
    mapped: { attempt: "a loopback address, mapped into IPv6", by, result: MAPPED },
    number: { attempt: "a loopback address as one number, for a host", by, result: NOTATION },
    octal: { attempt: "a loopback address in octal notation, for a host", by, result: NOTATION },
    network: { attempt: "a whole network as one address", by, result: "must be an IPv4 or IPv6 address" },
    method: { attempt: "the method DELETE", by, result: 'Unsupported value: "DELETE"' },
    override: { attempt: "a header that replaces the method", by, result: METHOD },
    underscores: { attempt: "the same header, written with underscores", by, result: METHOD },
    metadata: { attempt: "a header for the metadata service of a cloud", by, result: METADATA },
    vault: { attempt: "a header with a token", by, result: CREDENTIALS },
    cookie: { attempt: "the header Cookie", by, result: CREDENTIALS },
    smuggledName: {
      attempt: "a second header in the name of a header",
      by,
      result: "must be a header name, such as X-Tenant",
    },
    smuggledValue: {
      attempt: "a second header in the value of a header",
      by,
      result: "must be printable ASCII without spaces at its ends",
    },
    framing: {
      attempt: "the header Transfer-Encoding",
      by,
      result: "must not be a header that frames the request",
    },
    selector: {
      attempt: "another query in the value of a label",
      by,
      result: "must be a label value",
    },
    often: {
      attempt: "a run every second",
      by,
      result: "must be a duration between 1m and 720h",
    },
  },
} as const satisfies Attacks;
