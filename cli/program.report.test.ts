import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { verdictOn } from "../operator/testing/statuses.ts";
import { reportSchema } from "../operator/status/report/report.ts";
import { cliScene, runCli } from "./testing/cliScene.ts";

const WEB = { namespace: "shop", name: "web" };

async function sceneWithFailure() {
  const scene = await cliScene();
  scene.create("web");
  scene.endRunWith(WEB, [verdictOn("check", { verdict: "Failed" })]);
  return scene;
}

describe("report", () => {
  it.each([
    { format: "json", says: '"verdict": "Failed"' },
    { format: "junit", says: '<failure message="Failed: as seen' },
    { format: "html", says: "<strong>check</strong>" },
    { format: "markdown", says: "## ConnectivityTest shop/web: Failed" },
    { format: "sarif", says: '"level": "error"' },
  ])("prints $format, and ends with 0 independent of the verdict", async ({ format, says }) => {
    const { kubeConfig } = await sceneWithFailure();
    const { code, stdout, stderr } = await runCli(kubeConfig, ["report", "-n", "shop", "--format", format]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(says);
  });

  it("writes a file instead, also of all namespaces", async () => {
    const scene = await sceneWithFailure();
    scene.create("wide", "");
    const folder = await mkdtemp(join(tmpdir(), "netverdict-report-"));
    onTestFinished(async () => rm(folder, { recursive: true }));
    const file = join(folder, "report.json");
    const args = ["report", "--all", "--format=json", "--output", file];
    expect(await runCli(scene.kubeConfig, args)).toEqual({ code: 0, stdout: "", stderr: "" });
    const { tests } = reportSchema.parse(JSON.parse(await readFile(file, "utf8")));
    expect(tests.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "ConnectivityTest web",
      "ClusterConnectivityTest wide",
    ]);
  });

  it("ends with 3 if the file cannot be written", async () => {
    const { kubeConfig } = await sceneWithFailure();
    const args = ["report", "-n", "shop", "--format=json", "-o", "/none/report.json"];
    const { code, stderr } = await runCli(kubeConfig, args);
    expect(code).toBe(3);
    expect(stderr).toContain("/none/report.json: it cannot be written (ENOENT");
  });
});
