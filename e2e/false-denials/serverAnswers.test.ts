import { deploy } from "../kube/deploy.ts";
import { oddServer, PORTS, stoppedServer } from "./oddServer.ts";
import { itReportsOfSharedRun, pods, type Case, type Probe } from "../harness/sharedRun.ts";
import { selfSigned } from "../faults/podWebhook.ts";
import { kubectl } from "../harness/scenario.ts";
import { deployment } from "../harness/workload.ts";

const from = pods("client");
/** Set aside for documentation (RFC 5737). */
const NO_ROUTE = "198.51.100.10";

function http(
  app: string,
  { port = PORTS.http, ...request }: { port?: number; path?: string; status?: number[] } = {},
): Probe {
  return { from, to: pods(app), http: { port, ...request } };
}

function tcp(app: string, port: number = PORTS.http): Probe {
  return { from, to: pods(app), tcp: { port } };
}

/** No policy stands in the way here: nothing that a server does with a connection may look like one. */
const open = (when: string, probe: Probe, says: string | RegExp): Case => ({
  when,
  expect: "Denied",
  verdict: "Failed",
  reason: "Open",
  says,
  probe,
});

/** Nor is a connection an answer. */
const otherAnswer = (when: string, probe: Probe, says: string | RegExp): Case => ({
  ...open(when, probe, says),
  expect: "Allowed",
  reason: "UnexpectedAnswer",
});

/** Denied, but not by a policy: the witness on the target's node suffers from it as well. */
const unproven = (when: string, probe: Probe, says: string | RegExp): Case => ({
  ...open(when, probe, says),
  verdict: "Inconclusive",
  reason: "TargetNotProven",
});

const down = (when: string, probe: Probe, says: string | RegExp): Case => ({
  ...open(when, probe, says),
  expect: "Allowed",
  reason: "TargetDown",
});

const cases: Readonly<Record<string, Case>> = {
  "403": open("the server answers HTTP 403", http("odd", { path: "/403" }), "answered HTTP 403"),
  "404": open("the server answers HTTP 404", http("odd", { path: "/404" }), "answered HTTP 404"),
  "503": open("the server answers HTTP 503", http("odd", { path: "/503" }), "answered HTTP 503"),
  tls: open("plain HTTP to a TLS port", http("odd", { port: PORTS.tls }), "connected"),
  silent: open("the server accepts and never answers", http("odd", { port: PORTS.silent }), "connected"),
  closing: open("the server closes every connection at once", tcp("odd", PORTS.closing), "connected"),
  empty: open(
    "the server closes every connection without an HTTP answer",
    http("odd", { port: PORTS.closing }),
    "connected",
  ),
  stopped: open(
    "the server's process is stopped (SIGSTOP), and the kernel accepts connections for it",
    tcp("stopped"),
    "connected",
  ),
  "stopped-http": open(
    "the server's process is stopped (SIGSTOP), and the request is HTTP",
    http("stopped"),
    "connected",
  ),
  nobody: unproven(
    "nothing listens on the port, so the target's kernel refuses (RST)",
    tcp("odd", PORTS.nobody),
    "could not reach it either",
  ),
  full: unproven(
    "the server's accept queue is full, so the target's kernel drops (half-open)",
    tcp("full"),
    "could not reach it either",
  ),
  outside: unproven(
    "no route leads to the address, which no witness may try either",
    { from, to: { ip: NO_ROUTE }, tcp: { port: 80 } },
    "nothing proves that it was up",
  ),
  "wants-below-400": otherAnswer(
    "the server answers HTTP 503",
    http("odd", { path: "/503" }),
    /HTTP 503 .*not a status below 400/,
  ),
  "wants-204": otherAnswer(
    "the server answers HTTP 200, and the test expects 204",
    http("odd", { path: "/200", status: [204] }),
    /HTTP 200 .*not 204/,
  ),
  "wants-http-of-tls": otherAnswer(
    "plain HTTP to a TLS port",
    http("odd", { port: PORTS.tls }),
    "no HTTP answer",
  ),
  "wants-http-of-silence": otherAnswer(
    "the server accepts and never answers",
    http("odd", { port: PORTS.silent }),
    "no HTTP answer",
  ),
  "wants-http-of-nothing": otherAnswer(
    "the server closes every connection without an HTTP answer",
    http("odd", { port: PORTS.closing }),
    "no HTTP answer",
  ),
  "wants-http-of-stopped": otherAnswer(
    "the server's process is stopped (SIGSTOP), and the request is HTTP",
    http("stopped"),
    "no HTTP answer",
  ),
  "wants-nobody": down(
    "nothing listens on the port, so the target's kernel refuses (RST)",
    tcp("odd", PORTS.nobody),
    "could not reach it either",
  ),
  "wants-full": down(
    "the server's accept queue is full, so the target's kernel drops (half-open)",
    tcp("full"),
    "could not reach it either",
  ),
  "wants-outside": {
    ...down(
      "no route leads to the address, which no witness may try either",
      { from, to: { ip: NO_ROUTE }, tcp: { port: 80 } },
      "it is unknown whether the target is up",
    ),
    reason: "NotReachable",
  },
};

itReportsOfSharedRun("answers", {
  cases,
  besides: [{ name: "alive", expect: "Allowed", ...http("odd", { path: "/200" }) }],
  // One family, so that one probe pod holds them all; and rounds enough to meet those of the witness on a busy machine too.
  spec: { ipFamilies: ["IPv4"], probing: { deniedRounds: 10, maxRounds: 20 } },
  async prepare(namespace) {
    const servers = [
      deployment({ namespace, name: "client" }),
      oddServer({ namespace, name: "odd" }, await selfSigned(`odd.${namespace}`)),
      stoppedServer({ namespace, name: "stopped" }),
      stoppedServer({ namespace, name: "full" }, { backlog: 1, held: 4 }),
    ];
    await deploy(kubectl, servers.map((object) => JSON.stringify(object)).join("\n---\n"));
  },
});
