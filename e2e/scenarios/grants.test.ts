import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { API_VERSION, GROUP, PROBE_GRANT } from "../../crds/group.ts";
import { controllerOf } from "../../crds/metadata.ts";
import { until } from "../process/until.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { budget, watchBudget } from "../harness/budget.ts";
import { declare, runTest } from "../harness/runTest.ts";
import { allRunsOf, isRunning, probePodsIn } from "../harness/runs.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { requestRun, TESTS, waitForVerdict } from "../kube/connectivityTests.ts";
import { deployment, server, SLEEPER } from "../harness/workload.ts";

/** The tests are in `shop`; `vault` grants it some of its pods; `sealed` grants nothing. */
let shop: string;
let vault: string;
let sealed: string;
let test: ConnectivityTest;
let budgets: readonly string[];

const app = (name: string) => ({ podSelector: { matchLabels: { app: name } } });
const namespaces = (...values: string[]) => ({
  namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] },
});

const SAMPLE = join(import.meta.dirname, "../../manifests/samples/probe-grant.yaml");
const sampleSchema = z.object({ metadata: z.object({ name: z.literal("shop") }), spec: z.looseObject({}) });

/** The sample, for the namespaces of this scenario: `app: ui` as sources, `app: db` as targets. */
function grant(): string {
  const sample = sampleSchema.parse(parse(readFileSync(SAMPLE, "utf8")));
  const metadata = { ...sample.metadata, namespace: vault };
  const spec = { ...sample.spec, to: [{ namespace: shop }] };
  return JSON.stringify({ apiVersion: API_VERSION, kind: PROBE_GRANT.kind, metadata, spec });
}

/** Runs and listens nowhere. Its name must not get into the test's namespace. */
const treasure = (namespace: string) =>
  JSON.stringify(deployment({ namespace, name: "treasure", script: SLEEPER, readinessProbe: false }));

beforeAll(async () => {
  const made = await Promise.all(["shop", "vault", "sealed"].map((purpose) => makeNamespace(purpose)));
  [shop = "", vault = "", sealed = ""] = made.map(({ name }) => name);
  const ui = JSON.stringify(
    deployment({ namespace: vault, name: "ui", script: SLEEPER, readinessProbe: false }),
  );
  const servers = [server({ namespace: shop, name: "web" }), server({ namespace: vault, name: "db" })];
  await apply(kubectl, JSON.stringify(budget({ namespace: vault, name: "ui" })));
  await deploy(kubectl, [ui, treasure(vault), treasure(sealed), ...servers, grant()].join("\n---\n"));
  const watch = await watchBudget({ namespace: vault, name: "ui" });
  test = await runTest({ namespace: shop }, { ipFamilies: ["IPv4"], expectations: expectations() });
  budgets = watch.seen();
  watch.stop();
  return async () => {
    await Promise.all(made.map(({ remove }) => remove()));
  };
});

function expectations() {
  const allowed = { to: { service: { name: "web" } }, tcp: { port: 80 }, expect: "Allowed" };
  const toPods = { from: app("web"), tcp: { port: 8080 }, expect: "Allowed" };
  return [
    { name: "granted", from: { namespace: vault, ...app("ui") }, ...allowed },
    { name: "other-pods", from: { namespace: vault, ...app("treasure") }, ...allowed },
    { name: "not-granted", from: { namespace: sealed, ...app("treasure") }, ...allowed },
    { name: "no-namespace", from: { namespace: `${sealed}-not`, ...app("treasure") }, ...allowed },
    { name: "targets", ...toPods, to: { podSelector: {}, ...namespaces(vault, sealed) } },
    { name: "no-targets", ...toPods, to: namespaces(sealed) },
    { name: "no-such-targets", ...toPods, to: namespaces(`${sealed}-not`) },
  ];
}

const reported = (name: string) => test.status.expectations?.find((expectation) => expectation.name === name);
/** Without what the author wrote himself. */
const words = (name: string) => reported(name)?.message.replaceAll(`${sealed}-not`, sealed);

describe("what another namespace has granted", () => {
  it("is used as source and as target, and nothing else of it", () => {
    const fates = test.status.expectations?.map(({ name, verdict, reason }) => [name, verdict, reason]);
    expect(fates).toEqual([
      ["granted", "Passed", "AsExpected"],
      ["other-pods", "Inconclusive", "SourceNotFound"],
      ["not-granted", "Inconclusive", "NotGranted"],
      ["no-namespace", "Inconclusive", "NotGranted"],
      ["targets", "Passed", "AsExpected"],
      ["no-targets", "Inconclusive", "NotGranted"],
      ["no-such-targets", "Inconclusive", "NotGranted"],
    ]);
    expect(reported("granted")?.paths.map(({ from }) => from)).toContain(`Deployment/ui.${vault}`);
    expect(reported("targets")?.paths.map(({ to }) => to)).toEqual([`Deployment/db.${vault}`]);
  });

  it("has the same words whether it is not granted or does not exist", async () => {
    expect(reported("other-pods")?.message).toContain("no running pod granted to this namespace matches");
    expect(reported("not-granted")?.message).toContain(`no ProbeGrant lets namespace ${shop}`);
    expect(words("no-namespace")).toBe(reported("not-granted")?.message);
    expect(words("no-such-targets")).toBe(reported("no-targets")?.message);
    const runs = (await allRunsOf("test")).filter(({ metadata }) => metadata.namespace === shop);
    expect(runs).toHaveLength(1);
    // What the test's author wrote himself, and pods by their full names, which nobody wrote.
    expect(JSON.stringify([test.status, runs])).not.toContain("treasure-");
    expect(JSON.stringify([test.status.expectations?.map(({ paths }) => paths), runs])).not.toContain(
      sealed + '"',
    );
  });

  it("has its probe pods owned by the grant, and so its PodDisruptionBudget stays whole", async () => {
    const runs = (await allRunsOf("test")).filter(({ metadata }) => metadata.namespace === vault);
    expect(runs.map(({ metadata }) => controllerOf(metadata))).toMatchObject([
      { kind: "ProbeGrant", name: "shop" },
    ]);
    expect([...new Set(budgets)]).toEqual(["expected=1 allowed=1 SufficientPods"]);
  });
});

describe("a grant that is taken away during a run", () => {
  const name = "slow";
  const slow = () => ({
    ipFamilies: ["IPv4"],
    probing: { interval: "3s", rounds: 5, deniedRounds: 5, maxRounds: 15 },
    expectations: expectations().slice(0, 1),
  });
  const probePods = async () => probePodsIn(vault);
  const isProbing = async () => (await probePods()).some(isRunning) || undefined;

  it("takes the probe pods with it, and the verdict; given again, the next run passes", async () => {
    await declare({ namespace: shop, name }, slow());
    await until("the probe pod runs", isProbing, { seconds: 90, everyMs: 500 });
    await kubectl(["delete", `${PROBE_GRANT.plural}.${GROUP}`, "shop", `--namespace=${vault}`]);
    const { status } = await waitForVerdict(read, { namespace: shop, name });
    expect(status.expectations).toMatchObject([
      { verdict: "Inconclusive", reason: "NotGranted", actual: "Unknown" },
    ]);
    expect(status.message).toContain("could not be judged (NotGranted)");
    expect(status.expectations?.[0]?.message).toContain(`ProbeGrant ${vault}/shop was deleted or changed`);
    await expect.poll(probePods, { timeout: 60_000, interval: 1_000 }).toEqual([]);

    await requestRun(kubectl, { namespace: shop, name }, "still-without");
    const without = await waitForVerdict(read, { namespace: shop, name }, { token: "still-without" });
    expect(without.status.expectations?.[0]?.message).toContain(`no ProbeGrant lets namespace ${shop}`);

    await apply(kubectl, grant());
    await requestRun(kubectl, { namespace: shop, name }, "granted-again");
    const again = await waitForVerdict(read, { namespace: shop, name }, { token: "granted-again" });
    expect(again.status.verdict).toBe("Passed");

    await kubectl(["delete", TESTS, name, `--namespace=${shop}`]);
    const runs = async () => (await allRunsOf(name)).filter(({ metadata }) => metadata.namespace === vault);
    await expect.poll(runs, { timeout: 60_000, interval: 1_000 }).toEqual([]);
  });
});
