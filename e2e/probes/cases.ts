import type { Check, Result } from "../../crds/proberun.ts";
import type { Letter } from "../../probes/samples.ts";
import type { Place } from "./network.ts";

interface Question extends Pick<Check, "tool"> {
  /** Left out: the host is resolved. */
  readonly at?: Place;
  readonly port?: number;
  readonly host?: string;
  readonly status?: string[];
}

/** What the deciding rounds may say. The kernel limits how often it tells that no route leads on, so silence is as good. */
type Letters = Letter | "U.";
type Row = readonly [
  name: string,
  letters: Letters,
  question: Question,
  result?: Partial<Pick<Result, "httpStatus" | "address" | "hint">>,
];

const http = (at: Place, port: number) => ({ tool: "http", at, port }) as const;
const httpTo = (host: string) => ({ tool: "http", host, port: 80 }) as const;
const tcp = (at: Place, port: number) => ({ tool: "tcp", at, port }) as const;
const icmp = (at: Place) => ({ tool: "icmp", at }) as const;
const dns = (host: string) => ({ tool: "dns", host }) as const;

const KUBERNETES = "kubernetes.default.svc.cluster.local";
/** In the cluster's DNS the name of the outside host. */
const OUTSIDE = "outside.example.test";
const REFUSED = { hint: "Connection refused" };

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
  ["tcp to a port where nobody listens", "R", tcp("open", 9003), REFUSED],
  ["http to a port where nobody listens", "R", http("open", 9003), REFUSED],
  ["tcp to a Service without endpoints", "R", tcp("empty-service", 80), REFUSED],
  ["http to a server that nobody may reach", ".", http("guarded", 8080)],
  ["ping of a server that nobody may reach", ".", icmp("guarded")],
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
  ["tcp to a port where nobody listens", "R", tcp("open", 9003), REFUSED],
  ["tcp to a Service without endpoints", "R", tcp("empty-service", 80), REFUSED],
  ["tcp to a server that nobody may reach", ".", tcp("guarded", 8080)],
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
  ["the outside host by its name", "n", httpTo(OUTSIDE)],
];

/** Asks a name server of its own. */
const foreign: readonly Row[] = [
  ["a web server answers", "A", http("open", 8080), { httpStatus: 200 }],
  ["a name", "N", dns("target.example.")],
  ["a name without an address", "X", dns("nodata.example."), { hint: "No answer" }],
  ["a name that the server fails on", "F", dns("servfail.example."), { hint: "SERVFAIL" }],
  ["a name that the server refuses to look up", "F", dns("refused.example."), { hint: "REFUSED" }],
  ["a name that the server is silent about", ".", dns("silent.example."), { hint: "timed out" }],
  ["http to a host that is not there", "x", httpTo("nxdomain.example.")],
  ["http to a host that the server fails on", "f", httpTo("servfail.example."), { hint: "SERVFAIL" }],
];

const ROWS = { client, six, muted, foreign };
export type Source = keyof typeof ROWS;
export const SOURCES: readonly Source[] = ["client", "six", "muted", "foreign"];

/** Every cause on a real network, and what a probe must make of it; its place in the list is its path in the ProbeRun. */
export const CASES = SOURCES.flatMap((from) =>
  ROWS[from].map(([name, letters, question, result]) => ({ from, name, letters, question, result })),
).map((row, path) => ({ ...row, path }));
export type Case = (typeof CASES)[number];
