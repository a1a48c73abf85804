import { afterAll, beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { ANY_NAME } from "../../probes/nameServer.ts";
import { deploy } from "../kube/deploy.ts";
import { type Addresses, deployNetwork } from "../outcomes/network.ts";
import { runTest } from "../harness/runTest.ts";
import { witnessRunsFor } from "../harness/runs.ts";
import { cluster, kubectl, makeNamespace } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";

const from = { podSelector: { matchLabels: { app: "client" } } };
const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
const open = { to: pods("open") };
const guarded = { to: pods("guarded") };
const wanted = {
  port: 8085,
  host: "shop.example",
  headers: [{ name: "X-Tenant", value: "blue" }],
  status: [200],
};
const https = { port: 8443, scheme: "HTTPS", host: "target.example" };

type Fields = (at: Addresses) => object;
const ask =
  (dns: object): Fields =>
  () => ({ dns });
const askAt =
  (place: "open" | "guarded", dns: object, family: 0 | 1 = 0): Fields =>
  (at) => ({ dns: { server: at[place][family], ...dns } });

/** What is expected, what is found, and a part of the message. */
type Row = readonly [
  name: string,
  expected: "Allowed" | "Denied",
  verdict: string,
  words: string,
  fields: Fields,
];
const ROWS: readonly Row[] = [
  ["head", "Allowed", "Passed AsExpected", "open", () => ({ ...open, http: { ...wanted, method: "HEAD" } })],
  [
    "options",
    "Allowed",
    "Passed AsExpected",
    "open",
    () => ({ ...open, http: { ...wanted, method: "OPTIONS" } }),
  ],
  ["get", "Allowed", "Failed UnexpectedAnswer", "answered HTTP 421", () => ({ ...open, http: wanted })],
  [
    "tls",
    "Allowed",
    "Passed AsExpected",
    "open",
    () => ({ ...open, http: { ...https, insecureSkipTLSVerify: true } }),
  ],
  [
    "tls-not-trusted",
    "Allowed",
    "Failed UnexpectedAnswer",
    "but there was no HTTP answer (the certificate could not be verified)",
    () => ({ ...open, http: https }),
  ],
  [
    "tls-failing-is-open",
    "Denied",
    "Failed Open",
    "connected",
    () => ({ ...open, http: { ...https, port: 8080 } }),
  ],
  [
    "tls-denied",
    "Denied",
    "Passed AsExpected",
    "target proven by Witness",
    () => ({ ...guarded, http: https }),
  ],
  ["silent-is-open", "Allowed", "Passed AsExpected", "open", () => ({ ...open, tcp: { port: 9000 } })],
  ["ping", "Allowed", "Passed AsExpected", "2 paths are open", () => ({ ...open, icmp: {} })],
  ["ping-denied", "Denied", "Passed AsExpected", "2 paths are denied", () => ({ ...guarded, icmp: {} })],
  [
    "srv",
    "Allowed",
    "Passed AsExpected",
    "open",
    ask({ name: "_https._tcp.kubernetes.default.svc.cluster.local.", type: "SRV" }),
  ],
  ["aaaa", "Allowed", "Passed AsExpected", "open", ask({ name: "outside.example.test.", type: "AAAA" })],
  ["over-tcp", "Allowed", "Passed AsExpected", "open", ask({ name: ANY_NAME, protocol: "TCP" })],
  ["searched", "Allowed", "Passed AsExpected", "open", ask({ name: "kubernetes.default" })],
  ["absolute", "Allowed", "Failed UnexpectedAnswer", "no such record", ask({ name: "kubernetes.default." })],
  ["not-found-is-open", "Denied", "Failed Open", "no such record", ask({ name: "missing.default." })],
  ["cname", "Allowed", "Passed AsExpected", "open", askAt("open", { name: "alias.example.", type: "CNAME" })],
  ["named-over-ipv6", "Allowed", "Passed AsExpected", "open", askAt("open", { name: "target.example." }, 1)],
  [
    "failing-is-open",
    "Denied",
    "Failed Open",
    "with a failure",
    askAt("open", { name: "servfail.example." }),
  ],
  [
    "silent-name-is-open",
    "Denied",
    "Failed Open",
    "with a failure",
    askAt("open", { name: "silent.example." }),
  ],
  [
    "named-denied",
    "Denied",
    "Passed AsExpected",
    "target proven by Witness",
    askAt("guarded", { name: "target.example." }),
  ],
  [
    "named-denied-over-tcp",
    "Denied",
    "Passed AsExpected",
    "target proven by Witness",
    askAt("guarded", { name: "target.example.", protocol: "TCP" }),
  ],
];

let here: string;
let remove: () => Promise<void>;
let test: ConnectivityTest;

beforeAll(async () => {
  ({ name: here, remove } = await makeNamespace("requests"));
  const [at] = await Promise.all([
    deployNetwork(here),
    deploy(kubectl, server({ namespace: here, name: "client", node: cluster.nodes[0] ?? "" })),
  ]);
  const expectations = ROWS.map(([name, declared, , , fields]) => ({
    name,
    from,
    expect: declared,
    ...fields(at),
  }));
  test = await runTest({ namespace: here }, { expectations });
});

afterAll(async () => remove());

const reported = (name: string) => test.status.expectations?.find((expectation) => expectation.name === name);

it.each(ROWS)("%s, expected %s: %s (%s)", (...[name, , found, words]) => {
  const { verdict, reason, message } = reported(name) ?? {};
  const said = `${verdict} ${reason}: ${message}`;
  expect(said).toMatch(new RegExp(`^${found}: `));
  expect(said).toContain(words);
});

it.each(["head", "tls", "srv", "over-tcp", "cname"])("the command of %s can be pasted", async (name) => {
  const command = reported(name)?.paths[0]?.command ?? "";
  const shell = ["exec", "deploy/client", `--namespace=${here}`, "--", "sh", "-c", command];
  expect(await kubectl(shell)).toBeDefined();
});

it("witnesses carry nothing that the author wrote", async () => {
  const runs = await witnessRunsFor(here);
  const checks = runs.flatMap(({ spec }) => spec.paths.map(({ check }) => check));
  expect(new Set(checks.map(({ tool }) => tool))).toEqual(new Set(["tcp", "icmp", "dns"]));
  for (const { path: _, tool, family: _family, address: _address, port: _port, ...rest } of checks) {
    expect(rest).toEqual({ provesSource: false, ...(tool === "dns" && { host: ANY_NAME }) });
  }
});
