import type { Check, UnfinishedBody } from "../../../crds/proberun/proberun.ts";
import type { Outcome } from "../../../crds/vocabulary.ts";

/** What must be made of a recording. */
interface Expected {
  readonly outcome: Outcome;
  readonly matchesRequest?: boolean;
  readonly httpStatus?: number;
  readonly hint?: string;
  readonly wentSilent?: boolean;
  readonly unfinished?: UnfinishedBody;
}

const answered = (httpStatus: number, matchesRequest: boolean) =>
  ({ outcome: "Answered", matchesRequest, httpStatus }) as const;
const [KIBIBYTE, PROMISED] = [1_024, 100_000];
const cutShort = (unfinished: UnfinishedBody) => ({ ...answered(200, false), unfinished });
const stalled = (unfinished: UnfinishedBody) => ({ ...cutShort(unfinished), wentSilent: true });
const openWithout = (hint: string) => ({ outcome: "Connected", hint }) as const;
const NO_TRUST = "the certificate could not be verified";
const NO_TLS = "the TLS handshake failed";
const connected = { outcome: "Connected", matchesRequest: true } as const;
const replied = { outcome: "Replied", matchesRequest: true } as const;
const resolved = { outcome: "Resolved", matchesRequest: true } as const;
const noReply = { outcome: "NoReply" } as const;
const refused = { outcome: "Refused", hint: "Connection refused" } as const;
const unreachable = (hint: string) => ({ outcome: "Unreachable", hint }) as const;

/** By the tool and the name of the case. */
export const EXPECTED: Readonly<Record<Check["tool"], Readonly<Record<string, Expected>>>> = {
  http: {
    "a response": answered(200, true),
    "a response over IPv6": answered(200, true),
    "a response to a request by name": answered(200, true),
    "a redirect, not followed": answered(302, true),
    "not found": answered(404, false),
    "a failing server": answered(503, false),
    "a response cut short": cutShort({ received: 9, promised: 1_000 }),
    "a length, and then silence after a part": stalled({ received: KIBIBYTE, promised: PROMISED }),
    "a length, and then silence": stalled({ received: 0, promised: PROMISED }),
    "a length, and a reset after a part": cutShort({ received: KIBIBYTE, promised: PROMISED }),
    "a length, asked for by HEAD": answered(200, true),
    "silence in the middle of the headers": stalled({ received: 0, promised: PROMISED }),
    "closed in the middle of the headers": cutShort({ received: 0 }),
    "a redirect with a length, and then silence": {
      ...stalled({ received: KIBIBYTE, promised: PROMISED }),
      httpStatus: 302,
    },
    "a failing server with a length, and then silence": {
      ...stalled({ received: KIBIBYTE, promised: PROMISED }),
      httpStatus: 503,
    },
    chunks: answered(200, true),
    "chunks, and a length that does not count": answered(200, true),
    "events without an end": { ...answered(200, true), unfinished: { received: KIBIBYTE } },
    "chunks cut short": cutShort({ received: KIBIBYTE }),
    "a response that ends with the connection": answered(200, true),
    "such a response without an end": { ...answered(200, true), unfinished: { received: KIBIBYTE } },
    "such a response, reset": cutShort({ received: KIBIBYTE }),
    "no content, in spite of a length": answered(204, true),
    "not modified, in spite of a length": answered(304, true),
    "early hints, and then a response": answered(200, true),
    "early hints, and then silence": { ...stalled({ received: 0 }), httpStatus: 103 },
    "early hints, and then closed": { ...cutShort({ received: 0 }), httpStatus: 103 },
    "a response over HTTP/2": answered(200, true),
    "over HTTP/2 a length, and then silence after a part": stalled({
      received: KIBIBYTE,
      promised: PROMISED,
    }),
    "over HTTP/2 a stream without an end": { ...answered(200, true), unfinished: { received: KIBIBYTE } },
    "over HTTP/2 a stream that is reset": cutShort({ received: KIBIBYTE }),
    "a greeting that is not HTTP": { outcome: "Connected", hint: "Received HTTP/0.9 when not allowed" },
    "silence after the connection": { outcome: "Connected", wentSilent: true },
    "closed at once": { outcome: "Connected" },
    "reset at once": { outcome: "Connected" },
    "closed after the request": { outcome: "Connected", hint: "Empty reply from server" },
    "a closed port": refused,
    dropped: noReply,
    "rejected with a reset": refused,
    "no route": unreachable("Network is unreachable"),
    "the method, the name and the header that the server wants": answered(200, true),
    "another such method, over IPv6": answered(200, true),
    "a name that the server does not want": answered(421, false),
    "a certificate that can be verified": answered(200, true),
    "a certificate that cannot be verified": openWithout(NO_TRUST),
    "a certificate for another name": openWithout(NO_TRUST),
    "a certificate that is not verified": answered(200, true),
    "TLS to who speaks without it": openWithout(NO_TLS),
    "silence instead of TLS": { outcome: "Connected", wentSilent: true },
    "closed instead of TLS": openWithout(NO_TLS),
    "a closed port instead of TLS": refused,
  },
  tcp: {
    "open, and the server speaks first": connected,
    "open, and the server is silent": connected,
    "open over IPv6": connected,
    "closed at once": connected,
    "reset at once": connected,
    "a closed port": refused,
    "a closed port over IPv6": refused,
    dropped: noReply,
    "dropped over IPv6": noReply,
    "rejected with a reset": refused,
    "rejected: port unreachable": refused,
    "rejected: prohibited": unreachable("No route to host"),
    "rejected over IPv6: prohibited": unreachable("Permission denied"),
    "rejected: host unreachable": unreachable("No route to host"),
    "no route": unreachable("Network is unreachable"),
    "no route over IPv6": unreachable("Network is unreachable"),
  },
  icmp: {
    "a reply": replied,
    "a reply over IPv6": replied,
    dropped: noReply,
    "rejected: prohibited": unreachable("Packet filtered"),
    "rejected: port unreachable": { outcome: "Refused", hint: "Destination Port Unreachable" },
    "rejected over IPv6: port unreachable": { outcome: "Refused" },
    "rejected over IPv6: prohibited": { outcome: "Unreachable" },
    "no such neighbour": noReply,
    "no route": unreachable("Network is unreachable"),
    "no right to open a socket": { outcome: "ProbeError" },
  },
  dns: {
    "a record": resolved,
    "an IPv6 record": resolved,
    "a record by the search list": resolved,
    "a record of a name that only the search list completes": resolved,
    "a name with a dot at its end, which no search list completes": {
      outcome: "NameNotFound",
      hint: "NXDOMAIN",
    },
    "a service record": resolved,
    "no such service record": { outcome: "NameNotFound", hint: "No answer" },
    "an alias": resolved,
    "a name that is no alias": { outcome: "NameNotFound", hint: "No answer" },
    "an alias instead of a service record": { outcome: "NameNotFound" },
    "a named server": resolved,
    "a named server over IPv6, with the pod's search list": resolved,
    "no named server": { outcome: "NoReply", hint: "timed out" },
    "a record over TCP": resolved,
    "no such name over TCP": { outcome: "NameNotFound", hint: "NXDOMAIN" },
    "connected over TCP, and then silence": {
      outcome: "ResolverFailed",
      hint: "timed out",
      wentSilent: true,
    },
    "connected over TCP, and closed": { outcome: "ResolverFailed", hint: "end of file" },
    "dropped over TCP": { outcome: "NoReply", hint: "timed out" },
    "rejected over TCP with a reset": { outcome: "Refused", hint: "connection refused" },
    "rejected over TCP: prohibited": unreachable("host unreachable"),
    "too long for UDP": resolved,
    "too long for UDP, and TCP dropped": { outcome: "ResolverFailed", hint: "truncated" },
    "too long for UDP, and TCP rejected": { outcome: "ResolverFailed", hint: "truncated" },
    "no such name": { outcome: "NameNotFound", hint: "NXDOMAIN" },
    "no such record": { outcome: "NameNotFound", hint: "No answer" },
    "an alias of a name without such a record": { outcome: "NameNotFound" },
    "the server fails": { outcome: "ResolverFailed", hint: "SERVFAIL" },
    "the server refuses to answer": { outcome: "ResolverFailed", hint: "REFUSED" },
    "no answer": { outcome: "NoReply", hint: "timed out" },
    "the second server answers": resolved,
    dropped: { outcome: "NoReply", hint: "timed out" },
    "rejected: port unreachable": { outcome: "Refused", hint: "connection refused" },
    "rejected: prohibited": unreachable("host unreachable"),
    "no route to the server": unreachable("network unreachable"),
  },
};
