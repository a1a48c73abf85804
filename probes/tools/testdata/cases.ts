import type { z } from "zod";
import type { checkSchema, Check } from "../../../crds/proberun/proberun.ts";

/** One cause, and how to bring it about. */
export interface Case {
  /** A sentence; the tests find the recording by it. */
  readonly name: string;
  readonly tool: Check["tool"];
  readonly target: string;
  readonly check?: Partial<z.input<typeof checkSchema>>;
  /** Rule of the far end's input chain, in the words of nft(8). */
  readonly rule?: string;
  /** Name servers; the far end's by default. */
  readonly servers?: readonly string[];
  /** The probe trusts the far end's certificate. */
  readonly trusted?: boolean;
  /** As an ordinary user without any capability, as in a probe pod. */
  readonly capless?: boolean;
}

const FAR = "192.0.2.2";
const FAR_V6 = "2001:db8::2";

const http = (name: string, port: number, more: Partial<Case> = {}): Case => ({
  name,
  tool: "http",
  target: FAR,
  ...more,
  check: { port, ...more.check },
});
const https = (name: string, port: number, { check, ...more }: Partial<Case> = {}): Case =>
  http(name, port, { ...more, check: { scheme: "HTTPS", requestHost: "target.example", ...check } });
const framed = (name: string, urlPath: string, check: Case["check"] = {}): Case =>
  http(name, 8086, { check: { urlPath, ...check } });
const http2 = (name: string, urlPath: string): Case =>
  https(name, 8444, { check: { urlPath, insecureSkipTLSVerify: true } });
const tcp = (name: string, port: number, more: Partial<Case> = {}): Case => ({
  ...http(name, port, more),
  tool: "tcp",
});
const icmp = (name: string, more: Partial<Case> = {}): Case => ({ name, tool: "icmp", target: FAR, ...more });
/** What the far end wants at port 8085. */
const WANTED = { requestHost: "shop.example", headers: [{ name: "X-Tenant", value: "blue" }] };
const TCP = { protocol: "TCP" } as const;
const dns = (name: string, target: string, more: Partial<Case> = {}): Case => ({
  name,
  tool: "dns",
  target,
  ...more,
  check: { host: target, ...more.check },
});

export const CASES: readonly Case[] = [
  http("a response", 8080),
  http("a response over IPv6", 8080, { target: FAR_V6 }),
  http("a response to a request by name", 8080, { check: { host: "target.example" } }),
  http("a redirect, not followed", 8081),
  http("not found", 8082),
  http("a failing server", 8083),
  http("a response cut short", 8084),
  framed("a length, and then silence after a part", "/stalled"),
  framed("a length, and then silence", "/no-body"),
  framed("a length, and a reset after a part", "/reset"),
  framed("a length, asked for by HEAD", "/stalled", { method: "HEAD" }),
  framed("silence in the middle of the headers", "/half-head"),
  framed("closed in the middle of the headers", "/half-head-closed"),
  framed("a redirect with a length, and then silence", "/redirect-stalled"),
  framed("a failing server with a length, and then silence", "/failure-stalled"),
  framed("chunks", "/chunks"),
  framed("chunks, and a length that does not count", "/chunks-and-length"),
  framed("events without an end", "/chunks-unending"),
  framed("chunks cut short", "/chunks-cut-short"),
  framed("a response that ends with the connection", "/until-closed"),
  framed("such a response without an end", "/until-closed-unending"),
  framed("such a response, reset", "/until-closed-reset"),
  framed("no content, in spite of a length", "/no-content"),
  framed("not modified, in spite of a length", "/not-modified"),
  framed("early hints, and then a response", "/early-hints"),
  framed("early hints, and then silence", "/early-hints-alone"),
  framed("early hints, and then closed", "/early-hints-closed"),
  http2("a response over HTTP/2", "/"),
  http2("over HTTP/2 a length, and then silence after a part", "/stalled"),
  http2("over HTTP/2 a stream without an end", "/unending"),
  http2("over HTTP/2 a stream that is reset", "/reset"),
  http("a greeting that is not HTTP", 3306),
  http("silence after the connection", 9000),
  http("closed at once", 9001),
  http("reset at once", 9002),
  http("closed after the request", 9004),
  http("a closed port", 9003),
  http("dropped", 8080, { rule: "tcp dport 8080 drop" }),
  http("rejected with a reset", 8080, { rule: "tcp dport 8080 reject with tcp reset" }),
  http("no route", 8080, { target: "198.51.100.1" }),
  http("the method, the name and the header that the server wants", 8085, {
    check: { ...WANTED, method: "HEAD" },
  }),
  http("another such method, over IPv6", 8085, { target: FAR_V6, check: { ...WANTED, method: "OPTIONS" } }),
  http("a name that the server does not want", 8085, {
    check: { ...WANTED, requestHost: "other.example", method: "HEAD" },
  }),
  https("a certificate that can be verified", 8443, { trusted: true }),
  https("a certificate that cannot be verified", 8443),
  https("a certificate for another name", 8443, {
    trusted: true,
    check: { requestHost: "shop.example" },
  }),
  https("a certificate that is not verified", 8443, { check: { insecureSkipTLSVerify: true } }),
  https("TLS to who speaks without it", 8080),
  https("silence instead of TLS", 9000),
  https("closed instead of TLS", 9001),
  https("a closed port instead of TLS", 9003),
  tcp("open, and the server speaks first", 3306),
  tcp("open, and the server is silent", 9000),
  tcp("open over IPv6", 9000, { target: FAR_V6 }),
  tcp("closed at once", 9001),
  tcp("reset at once", 9002),
  tcp("a closed port", 9003),
  tcp("a closed port over IPv6", 9003, { target: FAR_V6 }),
  tcp("dropped", 3306, { rule: "tcp dport 3306 drop" }),
  tcp("dropped over IPv6", 3306, { target: FAR_V6, rule: "tcp dport 3306 drop" }),
  tcp("rejected with a reset", 3306, { rule: "tcp dport 3306 reject with tcp reset" }),
  tcp("rejected: port unreachable", 3306, { rule: "tcp dport 3306 reject with icmpx port-unreachable" }),
  tcp("rejected: prohibited", 3306, { rule: "tcp dport 3306 reject with icmpx admin-prohibited" }),
  tcp("rejected over IPv6: prohibited", 3306, {
    target: FAR_V6,
    rule: "tcp dport 3306 reject with icmpx admin-prohibited",
  }),
  tcp("rejected: host unreachable", 3306, { rule: "tcp dport 3306 reject with icmpx host-unreachable" }),
  tcp("no route", 3306, { target: "198.51.100.1" }),
  tcp("no route over IPv6", 3306, { target: "2001:db8:1::1" }),
  icmp("a reply"),
  icmp("a reply over IPv6", { target: FAR_V6 }),
  icmp("dropped", { rule: "icmp type echo-request drop" }),
  icmp("rejected: prohibited", { rule: "icmp type echo-request reject with icmp admin-prohibited" }),
  icmp("rejected: port unreachable", { rule: "icmp type echo-request reject with icmp port-unreachable" }),
  icmp("rejected over IPv6: port unreachable", {
    target: FAR_V6,
    rule: "icmpv6 type echo-request reject with icmpv6 port-unreachable",
  }),
  icmp("rejected over IPv6: prohibited", {
    target: FAR_V6,
    rule: "icmpv6 type echo-request reject with icmpv6 admin-prohibited",
  }),
  icmp("no such neighbour", { target: "192.0.2.99" }),
  icmp("no route", { target: "198.51.100.1" }),
  icmp("no right to open a socket", { capless: true }),
  dns("a record", "target.example."),
  dns("an IPv6 record", "target.example.", { check: { family: "IPv6" } }),
  dns("a record by the search list", "target"),
  dns("a record of a name that only the search list completes", "inner"),
  dns("a name with a dot at its end, which no search list completes", "inner."),
  dns("a service record", "_http._tcp.example.", { check: { recordType: "SRV" } }),
  dns("no such service record", "target.example.", { check: { recordType: "SRV" } }),
  dns("an alias", "alias.example.", { check: { recordType: "CNAME" } }),
  dns("a name that is no alias", "target.example.", { check: { recordType: "CNAME" } }),
  dns("an alias instead of a service record", "alias.example.", { check: { recordType: "SRV" } }),
  dns("a named server", "target.example.", { servers: ["192.0.2.3"], check: { address: FAR } }),
  dns("a named server over IPv6, with the pod's search list", "inner", {
    servers: ["192.0.2.3"],
    check: { address: FAR_V6, family: "IPv6" },
  }),
  dns("no named server", "target.example.", { check: { address: "192.0.2.3" } }),
  dns("a record over TCP", "target.example.", { check: TCP }),
  dns("no such name over TCP", "nxdomain.example.", { check: TCP }),
  dns("connected over TCP, and then silence", "silent.example.", { check: TCP }),
  dns("connected over TCP, and closed", "closed.example.", { check: TCP }),
  dns("dropped over TCP", "target.example.", { check: TCP, rule: "tcp dport 53 drop" }),
  dns("rejected over TCP with a reset", "target.example.", {
    check: TCP,
    rule: "tcp dport 53 reject with tcp reset",
  }),
  dns("rejected over TCP: prohibited", "target.example.", {
    check: TCP,
    rule: "tcp dport 53 reject with icmpx admin-prohibited",
  }),
  dns("too long for UDP", "truncated.example."),
  dns("too long for UDP, and TCP dropped", "truncated.example.", { rule: "tcp dport 53 drop" }),
  dns("too long for UDP, and TCP rejected", "truncated.example.", {
    rule: "tcp dport 53 reject with tcp reset",
  }),
  dns("no such name", "nxdomain.example."),
  dns("no such record", "nodata.example."),
  dns("an alias of a name without such a record", "alias.example."),
  dns("the server fails", "servfail.example."),
  dns("the server refuses to answer", "refused.example."),
  dns("no answer", "silent.example."),
  dns("the second server answers", "target.example.", { servers: ["192.0.2.3", FAR] }),
  dns("dropped", "target.example.", { rule: "udp dport 53 drop" }),
  dns("rejected: port unreachable", "target.example.", {
    rule: "udp dport 53 reject with icmpx port-unreachable",
  }),
  dns("rejected: prohibited", "target.example.", { rule: "udp dport 53 reject with icmpx admin-prohibited" }),
  dns("no route to the server", "target.example.", { servers: ["198.51.100.1"] }),
];
