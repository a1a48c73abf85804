import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { cluster, kubectl, makeNamespace } from "../harness/scenario.ts";
import { attempt } from "../process/command.ts";
import { gateProgram } from "./gateProgram.ts";
import { itGates } from "./gateRows.ts";
import { deployTest, type Version, versionOf, webDeployment } from "./gatedWeb.ts";
import { kubeconfigOf } from "./pipelineRun.ts";
import { pipelineFile } from "./pipelines.ts";

/** Kyverno's chainsaw with the test of docs/gates.md, between a staging and a production. */

let folder = "";
let program = "";
const namespaces = { staging: "", production: "" };
const removals: (() => Promise<void>)[] = [];
const reports: string[] = [];

beforeAll(async () => {
  program = await gateProgram("chainsaw");
  for (const place of ["staging", "production"] as const) {
    const { name, remove } = await makeNamespace(`chainsaw-${place}`);
    namespaces[place] = name;
    removals.push(remove);
  }
  const { staging } = namespaces;
  await deployTest(staging);
  await kubectl(["create", "serviceaccount", "gate", `--namespace=${staging}`]);
  // chainsaw reads the namespace of a test before it begins.
  for (const role of ["netverdict-gate", "view"]) {
    const binding = [`--clusterrole=${role}`, `--serviceaccount=${staging}:gate`];
    await kubectl(["create", "rolebinding", role, ...binding, `--namespace=${staging}`]);
  }
  folder = await mkdtemp(join(tmpdir(), "netverdict-chainsaw-"));
  removals.push(async () => rm(folder, { recursive: true }));
  const test = pipelineFile("chainsaw-test.yaml")
    .replace("namespace: staging", `namespace: ${staging}`)
    .replace("assert: 5m", "assert: 40s");
  await writeFile(join(folder, "chainsaw-test.yaml"), test);
  await writeFile(join(folder, "kubeconfig"), await kubeconfigOf(staging, "gate"));
}, 3_600_000);
afterAll(async () => {
  for (const remove of removals) await remove();
});

async function deployTo(namespace: string, version: Version): Promise<void> {
  const input = JSON.stringify(webDeployment(namespace, version));
  await kubectl(["apply", "-f", "-"], { input });
  const status = ["rollout", "status", "deployment/web", `--namespace=${namespace}`, "--timeout=60s"];
  await kubectl(status, { seconds: 65 });
}

async function goesThrough(version: Version): Promise<boolean> {
  const { staging, production } = namespaces;
  await deployTo(staging, version);
  const PATH = [dirname(cluster.kubectl), process.env["PATH"]].join(delimiter);
  const env = { ...process.env, PATH, KUBECONFIG: join(folder, "kubeconfig") };
  const { code, stdout, stderr } = await attempt(program, ["test", folder, "--no-color"], {
    env,
    seconds: 150,
  });
  reports.push(stdout + stderr);
  if (code === 0) await deployTo(production, version);
  return code === 0;
}

itGates(() => ({
  namespace: namespaces.staging,
  goesThrough,
  // The pipeline is run again.
  retry: goesThrough,
  inUse: async () => versionOf(namespaces.production),
}));

describe("its output", () => {
  it("has the verdict that it met, and no other error", () => {
    expect(reports[0]).toContain("Passed  tests 1");
    expect(reports[2]).toContain("verdict: Failed");
    expect(reports[6]).toContain("verdict: Inconclusive");
  });
});
