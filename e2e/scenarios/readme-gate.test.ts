import { readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { expect, it } from "vitest";

import { declare, networkPolicy } from "../harness/runTest.ts";
import { cluster, kubectl, namespace, read } from "../harness/scenario.ts";
import { TESTS, waitForVerdict } from "../kube/connectivityTests.ts";
import { apply } from "../kube/deploy.ts";
import { attempt } from "../process/command.ts";
import { clientReachesWeb, closed, deployClientAndWeb } from "./clientAndWeb.ts";

/** The commands of README.md under "Gate a rollout", as a user pastes them. */

const ROOT = join(import.meta.dirname, "../..");

async function pastedBlocks(): Promise<string[]> {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const [, section = ""] = /^## Gate a rollout\n(.*?)^## /ms.exec(readme) ?? [];
  return Array.from(section.matchAll(/^```console\n(.*?)^```/gms), ([, block = ""]) => block);
}

/** Runs a block in the shell of a pipeline, in the checkout, and returns its exit code and its output. */
async function paste(block: string, here: string) {
  const commands = block
    .replaceAll(/(?<=-n |--serviceaccount=)default/g, here)
    .replaceAll("REGISTRY/netverdict:TAG", cluster.image);
  const programs = [dirname(process.execPath), dirname(cluster.kubectl), process.env["PATH"]];
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, PATH: programs.join(delimiter) };
  const { code, stdout, stderr } = await attempt("bash", ["-ec", commands], { env, cwd: ROOT, seconds: 170 });
  return { code, output: `${stdout}${stderr}` };
}

it.each([
  ["in a checkout", 0],
  ["by the image", 1],
])("the commands %s end with the verdict of a run after the change", async (_, place) => {
  // kubectl run writes a pod without the settings of the Pod Security level restricted.
  const here = await namespace("readme-gate", { podSecurity: "privileged" });
  await deployClientAndWeb(here);
  await declare({ namespace: here, name: "web" }, { expectations: [clientReachesWeb] });
  await waitForVerdict(read, { namespace: here, name: "web" });
  const blocks = await pastedBlocks();
  expect(blocks).toHaveLength(2);
  const block = blocks[place] ?? "";
  const again = block.split("\n").filter((line) => !line.includes(" create "));

  const passed = await paste(block, here);
  expect(passed.output).toContain(`ConnectivityTest ${here}/web: Passed: 1 of 1 expectations hold`);
  expect(passed.code).toBe(0);
  await apply(kubectl, networkPolicy({ namespace: here, name: "closed" }, closed));
  const failed = await paste(again.join("\n"), here);
  expect(failed.output).toContain(`ConnectivityTest ${here}/web: Failed: `);
  expect(failed.code).toBe(1);
  await kubectl([
    "patch",
    TESTS,
    "web",
    `--namespace=${here}`,
    "--type=merge",
    '--patch={"spec":{"suspend":true}}',
  ]);
  const suspended = await paste(again.join("\n"), here);
  expect(suspended.output).toContain(`ConnectivityTest ${here}/web: Inconclusive: spec.suspend is true`);
  expect(suspended.code).toBe(2);
});
