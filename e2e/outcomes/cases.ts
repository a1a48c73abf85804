import type { Check, Result } from "../../crds/proberun/proberun.ts";
import type { Letter } from "../../probes/samples.ts";
import { cluster } from "../harness/scenario.ts";
import type { Place } from "./network.ts";

interface Question extends Omit<Partial<Check>, "path" | "family" | "address" | "provesSource"> {
  readonly tool: Check["tool"];
  /** Left out: the host is resolved; for dns the pod's own resolver is asked. */
  readonly at?: Place;
}

/** What the deciding rounds may say. The kernel limits its "no route" errors, so silence is as good. */
type Letters = Letter | "U.";
type Row = readonly [
  name: string,
  letters: Letters,
  question: Question,
  result?: Partial<Pick<Result, "httpStatus" | "unfinished" | "answeredIn" | "address" | "hint">>,
];

const http = (at: Place, port: number) => ({ tool: "http", at, port }) as const;
/** Responses by their framing: servers.ts has the paths. */
const framed = (urlPath: string) => ({ ...http("open", 8086), urlPath });
const httpTo = (host: string) => ({ tool: "http", host, port: 80 }) as const;
const tcp = (at: Place, port: number) => ({ tool: "tcp", at, port }) as const;
const icmp = (at: Place) => ({ tool: "icmp", at }) as const;
const dns = (host: string) => ({ tool: "dns", host }) as const;

const KUBERNETES = "kubernetes.default.svc.cluster.local";
/** In the cluster's DNS the name of the outside host. */
const OUTSIDE = "outside.example.test";
const SILENT_ABOUT = "no answer about this name, but about others";
const REFUSED = { hint: "Connection refused" };
/** kube-proxy refuses what goes to a Service without endpoints. Cilium sees it first, and drops it where it is IPv4. */
const toNoEndpoint: Row =
  cluster.engine === "cilium"
    ? ["tcp to a Service without endpoints", ".", tcp("empty-service", 80)]
    : ["tcp to a Service without endpoints", "R", tcp("empty-service", 80), REFUSED];

/** May go everywhere. */
const client: readonly Row[] = [
  ["a web server answers", "A", http("open", 8080), { httpStatus: 200 }],
  ["a redirect is an answer", "A", http("open", 8081), { httpStatus: 302 }],
  ["a failing server", "a", http("open", 8083), { httpStatus: 503 }],
  ["a status that was asked for", "A", { ...http("open", 8082), status: ["4xx"] }, { httpStatus: 404 }],
  ["a web server behind a Service", "A", http("open-service", 80), { httpStatus: 200 }],
  ["the outside host", "A", http("outside", 80), { httpStatus: 200 }],
  ["http to who greets first", "c", http("open", 3306), { hint: "Received HTTP/0.9 when not allowed" }],
  ["http to who never answers", "c", http("open", 9000)],
  ["http to who closes at once", "c", http("open", 9001), { hint: "Empty reply from server" }],
  ["tcp to who greets first", "C", tcp("open", 3306)],
  ["tcp to who never answers", "C", tcp("open", 9000)],
  ["tcp to who closes at once", "C", tcp("open", 9001)],
  ["tcp to a closed port", "R", tcp("open", 9003), REFUSED],
  ["http to a closed port", "R", http("open", 9003), REFUSED],
  toNoEndpoint,
  ["http to a guarded server", ".", http("guarded", 8080)],
  ["ping of a guarded server", ".", icmp("guarded")],
  ["the one port that a policy leaves open", "A", http("web-only", 8080), { httpStatus: 200 }],
  ["ping where a policy leaves one TCP port open", ".", icmp("web-only")],
  ["an echo reply", "P", icmp("open")],
  ["tcp to where no route leads", "U.", tcp("nowhere", 80)],
  ["ping of where no route leads", "U.", icmp("nowhere")],
  ["a name", "N", dns(KUBERNETES)],
  ["a name that is not there", "X", dns("missing.default.svc.cluster.local"), { hint: "NXDOMAIN" }],
];

/** The same, but speaks IPv6. */
const six: readonly Row[] = [
  ["a web server answers", "A", http("open", 8080), { httpStatus: 200 }],
  ["a web server behind a Service", "A", http("open-service", 80), { httpStatus: 200 }],
  ["the outside host", "A", http("outside", 80), { httpStatus: 200 }],
  ["the outside host by its name", "A", httpTo(OUTSIDE), { address: "2001:db8:113::10" }],
  [
    "headers with a length, and then silence",
    "a",
    framed("/stalled"),
    { httpStatus: 200, unfinished: { received: 1_024, promised: 100_000 } },
  ],
  ["the same headers for HEAD", "A", { ...framed("/stalled"), method: "HEAD" }, { httpStatus: 200 }],
  ["no content, in spite of a length", "A", framed("/no-content"), { httpStatus: 204 }],
  ["chunks cut short", "a", framed("/chunks-cut-short"), { unfinished: { received: 1_024 } }],
  ["headers cut short", "a", framed("/half-head-closed"), { unfinished: { received: 0 } }],
  ["events without an end", "A", framed("/chunks-unending"), { unfinished: { received: 1_024 } }],
  ["an end by closing the connection", "A", framed("/until-closed"), { httpStatus: 200 }],
  ["tcp to a closed port", "R", tcp("open", 9003), REFUSED],
  ["tcp to a Service without endpoints", "R", tcp("empty-service", 80), REFUSED],
  ["tcp to a guarded server", ".", tcp("guarded", 8080)],
  ["ping where a policy leaves one TCP port open", ".", icmp("web-only")],
  ["an echo reply", "P", icmp("open")],
  // The kernel limits these too, but not below the one a second that a single check asks for.
  ["tcp to where no route leads", "U", tcp("nowhere", 80), { hint: "Network is unreachable" }],
  ["an IPv6 record of a name", "N", dns(OUTSIDE)],
  ["a name without an IPv6 record", "X", dns(KUBERNETES), { hint: "No answer" }],
];

/** Kept by a policy from everything but the web port of one server. */
const muted: readonly Row[] = [
  ["the one server that may be reached", "A", http("open", 8080), { httpStatus: 200 }],
  ["tcp to another port of that server", ".", tcp("open", 3306)],
  ["ping of that server", ".", icmp("open")],
  ["the outside host", ".", http("outside", 80)],
  ["a name", ".", dns(KUBERNETES), { hint: "timed out" }],
  ["a name over TCP", ".", { ...dns(KUBERNETES), protocol: "TCP" }, { hint: "timed out" }],
  ["the outside host by its name", "n", httpTo(OUTSIDE)],
];

const https = (at: Place, port: number) =>
  ({ ...http(at, port), scheme: "HTTPS", requestHost: "target.example" }) as const;
const wanted = {
  ...http("open", 8085),
  requestHost: "shop.example",
  headers: [{ name: "X-Tenant", value: "blue" }],
};
const srv = (host: string) => ({ ...dns(host), recordType: "SRV" }) as const;
const dnsAt = (at: Place, host: string) => ({ ...dns(host), at }) as const;
const overTcp = (question: Question) => ({ ...question, protocol: "TCP" }) as const;
const NO_TLS = { hint: "the TLS handshake failed" };

/** May go everywhere, and asks for more than the defaults. */
const choosy: readonly Row[] = [
  ["a web server answers", "A", http("open", 8080), { httpStatus: 200 }],
  [
    "TLS without verification",
    "A",
    { ...https("open", 8443), insecureSkipTLSVerify: true },
    { httpStatus: 200 },
  ],
  [
    "TLS that cannot be verified",
    "c",
    https("open", 8443),
    { hint: "the certificate could not be verified" },
  ],
  ["TLS to who speaks without it", "c", https("open", 8080), NO_TLS],
  ["TLS to who never answers", "c", https("open", 9000)],
  ["TLS to a closed port", "R", https("open", 9003), REFUSED],
  ["TLS to a guarded server", ".", https("guarded", 8443)],
  ["a name and a header with HEAD", "A", { ...wanted, method: "HEAD" }, { httpStatus: 200 }],
  ["a name and a header with OPTIONS", "A", { ...wanted, method: "OPTIONS" }, { httpStatus: 200 }],
  ["a method that the server does not want", "a", wanted, { httpStatus: 421 }],
  ["a service record", "N", srv(`_https._tcp.${KUBERNETES}.`)],
  ["a service record that is not there", "X", srv(`_ftp._tcp.${KUBERNETES}.`), { hint: "NXDOMAIN" }],
  ["a name that is no alias", "X", { ...dns(`${KUBERNETES}.`), recordType: "CNAME" }, { hint: "No answer" }],
  ["a name that the search list completes", "N", dns("kubernetes.default")],
  ["the same with a dot at its end", "X", dns("kubernetes.default."), { hint: "NXDOMAIN" }],
  ["a name over TCP", "N", overTcp(dns(KUBERNETES))],
  ["a named server", "N", dnsAt("open", "target.example.")],
  ["an alias at a named server", "N", { ...dnsAt("open", "alias.example."), recordType: "CNAME" }],
  ["a named server over TCP", "N", overTcp(dnsAt("open", "target.example."))],
  ["an answer too long for UDP", "N", dnsAt("open", "truncated.example.")],
  ["a named server that is guarded", ".", dnsAt("guarded", "target.example."), { hint: "timed out" }],
  ["the same over TCP", ".", overTcp(dnsAt("guarded", "target.example.")), { hint: "timed out" }],
];

/**
 * A denial takes several rounds. Where all else settles at once, the pod can end before the kubelet has ever written
 * that its container is ready.
 */
const SEEN_RUNNING: Row = ["tcp to a guarded server", ".", tcp("guarded", 8080)];

/** Asks a name server of its own. */
const foreign: readonly Row[] = [
  ["a web server answers", "A", http("open", 8080), { httpStatus: 200 }],
  ["a name", "N", dns("target.example.")],
  ["a name without an address", "X", dns("nodata.example."), { hint: "No answer" }],
  ["a name that the server fails on", "F", dns("servfail.example."), { hint: "SERVFAIL" }],
  ["a name that the server refuses to look up", "F", dns("refused.example."), { hint: "REFUSED" }],
  ["a name that the server is silent about", "F", dns("silent.example."), { hint: SILENT_ABOUT }],
  ["http to a host that is not there", "x", httpTo("nxdomain.example.")],
  ["http to a host that the server fails on", "f", httpTo("servfail.example."), { hint: "SERVFAIL" }],
  SEEN_RUNNING,
];

/** Asks the same name server, with the search list servfail.search nodata.search target.search and ndots:2. */
const searching: readonly Row[] = [
  ["a web server answers", "A", http("open", 8080), { httpStatus: 200 }],
  [
    "a name that the third domain has, after a failure and an empty answer",
    "N",
    dns("web"),
    { answeredIn: { domain: "target.search", muslEnds: "SERVFAIL in servfail.search" } },
  ],
  [
    "a name with enough dots to be tried first as it is",
    "N",
    dns("target.its.own"),
    { answeredIn: { domain: "." } },
  ],
  ["a name with a dot at its end", "X", dns("web."), { hint: "NXDOMAIN" }],
  SEEN_RUNNING,
];

/** The same with the search list refused.search target.search. */
const refusing: readonly Row[] = [
  ["a web server answers", "A", http("open", 8080), { httpStatus: 200 }],
  ["a name after whose first domain getaddrinfo leaves the list", "F", dns("refused"), { hint: "REFUSED" }],
  [
    "a name that is there as it is, after a refusal",
    "N",
    dns("target"),
    { answeredIn: { domain: ".", muslEnds: "REFUSED in refused.search" } },
  ],
  SEEN_RUNNING,
];

const ROWS = { client, six, choosy, muted, foreign, searching, refusing };
export type Source = keyof typeof ROWS;
const isSource = (name: string): name is Source => Object.hasOwn(ROWS, name);
export const SOURCES: readonly Source[] = Object.keys(ROWS).filter(isSource);

/** Every cause on a real network, and what a probe must make of it; its place in the list is its path in the ProbeRun. */
export const CASES = SOURCES.flatMap((from) =>
  ROWS[from].map(([name, letters, question, result]) => ({ from, name, letters, question, result })),
).map((row, path) => ({ ...row, path }));
export type Case = (typeof CASES)[number];
