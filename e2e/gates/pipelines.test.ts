import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { attempt, run } from "../process/command.ts";
import { ROOT } from "../runner/vitestRun.ts";
import { gateProgram } from "./gateProgram.ts";
import { itGates } from "./gateRows.ts";
import { deployTest, type Version, versionOf, webDeployment } from "./gatedWeb.ts";
import { kubeconfigOf, runAsPod, runSteps } from "./pipelineRun.ts";
import { gitHubSteps, gitLabSteps, type PipelineStep, pipelineFile, tektonStep } from "./pipelines.ts";

/** The scripts in the files of docs/gates.md for pipelines, as the runner of each starts them, with the rights that the page gives them. */

interface Place {
  readonly folder: string;
  readonly staging: string;
  readonly production: string;
}

/** Deploys, and returns the exit code of the gate. */
type Pipeline = (place: Place) => Promise<number>;

const inPlace = ({ folder, staging, production }: Place, script: string) =>
  script
    .replaceAll("--namespace staging", `--namespace ${staging}`)
    .replaceAll("--namespace production", `--namespace ${production}`)
    .replaceAll("/netverdict/netverdict.mjs", join(folder, "ci/netverdict.mjs"))
    .replace(/(?<=run web .*)--timeout 5m/, "--timeout 40s");

/** Runs the steps on this machine, each with the credentials of the account `deployer`. */
async function onThisMachine(steps: readonly PipelineStep[], place: Place): Promise<number> {
  const { folder, staging } = place;
  const content = await kubeconfigOf(staging, "deployer");
  const kubeconfig = join(folder, "kubeconfig.yaml");
  await writeFile(kubeconfig, content);
  const placed = steps.map(({ script, env, ...step }) => ({
    ...step,
    script: inPlace(place, script),
    env: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace("${{ secrets.KUBECONFIG }}", content)]),
    ),
  }));
  const codes = await runSteps(placed, { folder, kubeconfig });
  const expected = placed.map(({ name }) => name);
  const code = codes.get("gate") ?? -1;
  expect([...codes.keys()]).toEqual(code === 0 ? expected : expected.slice(0, expected.indexOf("gate") + 1));
  return code;
}

let pods = 0;

/** Deploys by kubectl, as the tasks before and after it do, and runs the Task between. */
async function asPod(place: Place): Promise<number> {
  const { folder, staging, production } = place;
  const file = join(folder, "web.yaml");
  await kubectl(["apply", `--namespace=${staging}`, "-f", file]);
  const status = ["rollout", "status", "deployment/web", `--namespace=${staging}`, "--timeout=60s"];
  await kubectl(status, { seconds: 65 });
  pods += 1;
  const step = tektonStep(pipelineFile("tekton-task.yaml"), { namespace: staging });
  const script = step.script.replace("--timeout 5m", "--timeout 40s");
  const code = await runAsPod({ ...step, script }, { namespace: staging, pod: `gate-${pods}` });
  if (code === 0) await kubectl(["apply", `--namespace=${production}`, "-f", file]);
  return code;
}

const PIPELINES: readonly (readonly [title: string, pipeline: Pipeline])[] = [
  ["GitHub Actions", async (place) => onThisMachine(gitHubSteps(pipelineFile("github-actions.yaml")), place)],
  ["GitLab CI", async (place) => onThisMachine(gitLabSteps(pipelineFile("gitlab-ci.yaml")), place)],
  ["Tekton", asPod],
];

describe("the files", () => {
  it("has a workflow in which actionlint finds no error", async () => {
    const program = await gateProgram("actionlint");
    const workflow = join(ROOT, "manifests/gates/github-actions.yaml");
    const { code, stdout } = await attempt(program, ["-shellcheck=", "-pyflakes=", workflow]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  it("has a pipeline that GitLab's JSON schema accepts", async () => {
    const folder = await mkdtemp(join(tmpdir(), "netverdict-gitlab-"));
    onTestFinished(async () => rm(folder, { recursive: true }));
    await writeFile(join(folder, ".gitlab-ci.yml"), pipelineFile("gitlab-ci.yaml"));
    const program = join(ROOT, "node_modules/gitlab-ci-local/dist/index.js");
    const { code, stdout, stderr } = await attempt(process.execPath, [program, "--list"], { cwd: folder });
    expect(stdout + stderr).toContain("json schema validated");
    expect(code).toBe(0);
  });
}, 600_000);

describe.each(PIPELINES)("%s", (_, pipeline) => {
  let place: Place = { folder: "", staging: "", production: "" };
  const removals: (() => Promise<void>)[] = [];
  const codes: number[] = [];

  beforeAll(async () => {
    const staging = await makeNamespace("pipeline-staging");
    const production = await makeNamespace("pipeline-production");
    const folder = await mkdtemp(join(tmpdir(), "netverdict-pipeline-"));
    removals.push(staging.remove, production.remove, async () => rm(folder, { recursive: true }));
    place = { folder, staging: staging.name, production: production.name };
    const rolldown = join(ROOT, "node_modules/.bin/rolldown");
    const args = ["--config", "rolldown.config.ts", "--dir", join(folder, "ci")];
    await run(rolldown, args, { cwd: ROOT, seconds: 120 });
    await deployTest(staging.name);
    const inStaging = `--namespace=${staging.name}`;
    for (const account of ["deployer", "connectivity"])
      await kubectl(["create", "serviceaccount", account, inStaging]);
    const gate = ["--clusterrole=netverdict-gate", `--serviceaccount=${staging.name}:connectivity`];
    await kubectl(["create", "rolebinding", "connectivity", ...gate, inStaging]);
    const deployer = ["--clusterrole=edit", `--serviceaccount=${staging.name}:deployer`];
    for (const namespace of [staging.name, production.name])
      await kubectl(["create", "rolebinding", "deployer", ...deployer, `--namespace=${namespace}`]);
  });
  afterAll(async () => {
    for (const remove of removals) await remove();
  });

  async function goesThrough(version: Version): Promise<boolean> {
    const { metadata, ...others } = webDeployment(place.staging, version);
    await mkdir(place.folder, { recursive: true });
    const manifest = { ...others, metadata: { name: metadata.name } };
    await writeFile(join(place.folder, "web.yaml"), JSON.stringify(manifest));
    const code = await pipeline(place);
    codes.push(code);
    return code === 0;
  }

  itGates(() => ({
    namespace: place.staging,
    goesThrough,
    // The pipeline is run again.
    retry: goesThrough,
    inUse: async () => versionOf(place.production),
  }));

  describe("the exit codes", () => {
    it("are those of the page: passed, failed, inconclusive, and no result in time", () => {
      expect(codes).toEqual([0, 0, 1, 0, 0, 1, 2, 0, 4]);
    });
  });
});
