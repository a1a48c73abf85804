import { afterAll, beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { until } from "../process/until.ts";
import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { declare, runTest } from "../harness/runTest.ts";
import { pods } from "../harness/sharedRun.ts";
import { isRunning, probePodsIn } from "../harness/runs.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { deployment, server } from "../harness/workload.ts";

const web = { service: { name: "web" } };
const tcp = { port: 8080 };
const behindService = { to: { service: { name: "vault" } }, tcp: { port: 80 } };

/** A test whose probe pods, with the labels of `vault`, run for two minutes and more. */
const slow = {
  probing: { interval: "4s", deniedRounds: 15, maxRounds: 60 },
  expectations: [
    { name: "busy", from: pods("vault"), to: { ip: "198.51.100.10" }, tcp: { port: 80 }, expect: "Denied" },
  ],
};

const from = pods("client");
const expectations = [
  { name: "alive", from, to: web, tcp: { port: 80 }, expect: "Allowed" },
  { name: "pods", from, to: pods("vault"), tcp, expect: "Denied" },
  { name: "service", from, ...behindService, expect: "Denied" },
  { name: "source", from: pods("vault"), to: web, tcp: { port: 80 }, expect: "Denied" },
  { name: "wants-pods", from, to: pods("vault"), tcp, expect: "Allowed" },
  { name: "wants-service", from, ...behindService, expect: "Allowed" },
];

let here: string;
let remove = async (): Promise<void> => {};
let test: ConnectivityTest;

/** Another test's probe pods run, and the workload whose labels they have is gone. */
beforeAll(async () => {
  ({ name: here, remove } = await makeNamespace("others"));
  const servers = ["vault", "web"].map((name) => server({ namespace: here, name }));
  const client = JSON.stringify(deployment({ namespace: here, name: "client" }));
  await deploy(kubectl, [...servers, client].join("\n---\n"));
  await declare({ namespace: here, name: "slow" }, slow);
  await until("the other test's probe pod runs", isProbing, { seconds: 90, everyMs: 500 });
  await kubectl(["scale", "deployment/vault", "--replicas=0", `--namespace=${here}`]);
  await until("the real pod is gone", isAlone, { seconds: 60, everyMs: 500 });
  test = await runTest({ namespace: here }, { ipFamilies: ["IPv4"], expectations });
});
afterAll(async () => remove());

async function isProbing(): Promise<true | undefined> {
  return (await probePodsIn(here)).some(isRunning) || undefined;
}

async function isAlone(): Promise<true | undefined> {
  const names = await labelled();
  const probes = (await probePodsIn(here)).map(({ metadata }) => metadata.name);
  return names.every((name) => probes.includes(name)) || undefined;
}

/** The names of the pods with the target's labels. */
async function labelled(): Promise<string[]> {
  const names = "jsonpath={.items[*].metadata.name}";
  const text = await kubectl(["get", "pods", "--selector=app=vault", `--namespace=${here}`, "-o", names]);
  return text.split(" ").filter((name) => name !== "");
}

it("the other test's probe pods have run all the while, with the target's labels", async () => {
  expect(test.status.summary?.total).toBe(expectations.length);
  expect(await labelled()).toHaveLength(1);
  expect(await isProbing()).toBe(true);
});

const asTarget = "only another test's probe pods have the target's labels";
const behind = "only another test's probe pods are behind the Service";
const asSource = "only another test's probe pods have the source's labels";
const inconclusive = { expect: "Denied", verdict: "Inconclusive" } as const;
const run = async () => test;

itReports(
  { when: asTarget, ...inconclusive, reason: "TargetNotFound", says: "no running pod", expectation: "pods" },
  run,
);
itReports(
  {
    when: behind,
    ...inconclusive,
    reason: "TargetNotProven",
    says: "no ready endpoint",
    expectation: "service",
  },
  run,
);
itReports(
  {
    when: asSource,
    ...inconclusive,
    reason: "SourceNotFound",
    says: "no running pod",
    expectation: "source",
  },
  run,
);
itReports(
  {
    when: asTarget,
    expect: "Allowed",
    verdict: "Inconclusive",
    reason: "TargetNotFound",
    says: "no running pod",
    expectation: "wants-pods",
  },
  run,
);
itReports(
  {
    when: behind,
    expect: "Allowed",
    verdict: "Failed",
    reason: "TargetDown",
    says: "no ready endpoint",
    expectation: "wants-service",
  },
  run,
);
