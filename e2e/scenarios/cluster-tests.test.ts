import { beforeAll, describe, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { controllerOf } from "../../crds/metadata.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { budget, watchBudget } from "../harness/budget.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { allRunsOf, probePodsIn } from "../harness/runs.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { named } from "../kube/connectivityTests.ts";
import { deployment, server } from "../harness/workload.ts";

const HOME = "netverdict-system";

let front: string;
let back: string;
let test: ConnectivityTest;
let name: string;
/** What the PodDisruptionBudget of the sources in another namespace said during the run. */
let budgets: readonly string[];

const podSelector = (app: string) => ({ matchLabels: { app } });
/** Namespaces by the label that each of them has. */
const namespaceSelector = (...names: string[]) => ({
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: names }],
});

/** Two namespaces, each with a client; in `back` a server, and one that lets in its own namespace alone. */
beforeAll(async () => {
  const made = await Promise.all([makeNamespace("front"), makeNamespace("back")]);
  [front, back] = [made[0].name, made[1].name];
  name = `matrix-${front}`;
  const client = (namespace: string) => JSON.stringify(deployment({ namespace, name: "client" }));
  const servers = ["web", "vault"].map((app) => server({ namespace: back, name: app }));
  const closed = { podSelector: podSelector("vault"), ingress: [{ from: [{ podSelector: {} }] }] };
  const before = [
    JSON.stringify(budget({ namespace: front, name: "client" })),
    networkPolicy({ namespace: back, name: "vault" }, { ...closed, policyTypes: ["Ingress"] }),
  ];
  await apply(kubectl, before.join("\n---\n"));
  await deploy(kubectl, [client(front), client(back), ...servers].join("\n---\n"));
  const watch = await watchBudget({ namespace: front, name: "client" });
  test = await runTest({ namespace: "", name }, spec());
  budgets = watch.seen();
  watch.stop();
  return async () => {
    await kubectl(["delete", ...named({ namespace: "", name }), "--ignore-not-found", "--wait=false"]);
    await Promise.all(made.map(({ remove }) => remove()));
  };
});

function spec() {
  const clients = (...names: string[]) => ({
    podSelector: podSelector("client"),
    namespaceSelector: namespaceSelector(...names),
  });
  const vault = { podSelector: podSelector("vault"), namespaceSelector: namespaceSelector(front, back) };
  const web = { service: { name: "web", namespace: back } };
  return {
    ipFamilies: ["IPv4"],
    expectations: [
      { name: "all-reach-web", from: clients(front, back), to: web, tcp: { port: 80 }, expect: "Allowed" },
      { name: "back-reaches-vault", from: clients(back), to: vault, tcp: { port: 8080 }, expect: "Allowed" },
      { name: "front-does-not", from: clients(front), to: vault, tcp: { port: 8080 }, expect: "Denied" },
      { name: "from-nowhere", from: clients("nowhere"), to: web, tcp: { port: 80 }, expect: "Allowed" },
    ],
  };
}

const reported = (expectation: string) => test.status.expectations?.find((one) => one.name === expectation);
const fates = () => test.status.expectations?.map(({ name: of, verdict, reason }) => [of, verdict, reason]);

describe("a ClusterConnectivityTest", () => {
  it("judges workloads of the namespaces that it selects, and names them with their namespaces", () => {
    expect(fates()).toEqual([
      ["all-reach-web", "Passed", "AsExpected"],
      ["back-reaches-vault", "Passed", "AsExpected"],
      ["front-does-not", "Passed", "AsExpected"],
      ["from-nowhere", "Inconclusive", "SourceNotFound"],
    ]);
    const sources = reported("all-reach-web")?.paths.map(({ from }) => from) ?? [];
    expect(new Set(sources)).toEqual(new Set([`Deployment/client.${front}`, `Deployment/client.${back}`]));
    expect(reported("front-does-not")?.paths[0]).toMatchObject({
      from: `Deployment/client.${front}`,
      to: `Deployment/vault.${back}`,
      actual: "Denied",
    });
  });

  it("has its run in the operator's namespace, and a branch in the namespace of each source", async () => {
    const runs = await allRunsOf(name);
    const own = runs.filter(({ metadata }) => controllerOf(metadata)?.uid === test.metadata.uid);
    const first = own.filter(({ spec: { run } }) => run.followUp !== true);
    expect(first.map(({ metadata }) => metadata.namespace).toSorted()).toEqual(
      [back, front, HOME].toSorted(),
    );
    const home = first.find(({ metadata }) => metadata.namespace === HOME);
    expect(home?.status.pods.map(({ phase }) => phase)).toEqual(["Finished", "Finished"]);
    expect(own.map((run) => controllerOf(run.metadata)?.kind)).toEqual(
      own.map(() => "ClusterConnectivityTest"),
    );
  });

  it("keeps the PodDisruptionBudgets of its sources whole", () => {
    expect([...new Set(budgets)]).toEqual(["expected=1 allowed=1 SufficientPods"]);
  });

  it("leaves no probe pods once it has ended, and nothing at all once it is deleted", async () => {
    const namespaces = [front, back, HOME];
    const pods = async () =>
      (await Promise.all(namespaces.map((namespace) => probePodsIn(namespace)))).flat().length;
    await expect.poll(pods, { timeout: 60_000, interval: 1_000 }).toBe(0);
    await kubectl(["delete", ...named({ namespace: "", name })]);
    const runs = async () => (await allRunsOf(name)).length;
    await expect.poll(runs, { timeout: 60_000, interval: 1_000 }).toBe(0);
  });

  it("reports its verdict by kubectl get with its short name, and by an event", async () => {
    const events = ["get", "events", "--namespace=default", "-o"];
    const note = `jsonpath={.items[?(@.involvedObject.name=="${name}")].reason}`;
    await expect.poll(() => kubectl([...events, note]), { timeout: 30_000 }).toContain("Inconclusive");
    expect(await kubectl(["api-resources", "--api-group=netverdict.dev"])).toMatch(/cconntest .*false/);
  });
});
