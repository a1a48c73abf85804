import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";

import { runTest } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace } from "../harness/scenario.ts";
import { run } from "../process/command.ts";
import { until } from "../process/until.ts";
import { clientReachesWeb, deployClientAndWeb } from "./clientAndWeb.ts";

/** The report of the operator, as docs/cli.md shows how to open it. */

const ROOT = join(import.meta.dirname, "../..");

let here = "";
let removeNamespace: () => Promise<void> = async () => undefined;
const ended = new AbortController();

beforeAll(async () => {
  ({ name: here, remove: removeNamespace } = await makeNamespace("report"));
  await deployClientAndWeb(here);
  await runTest({ namespace: here }, { expectations: [clientReachesWeb] });
});
afterAll(async () => {
  ended.abort();
  await removeNamespace();
});

/** The commands of the page, with this test's namespace, each as its arguments. */
async function documentedCommands(): Promise<string[][]> {
  const page = await readFile(join(ROOT, "docs/cli.md"), "utf8");
  const [, section = ""] = page.split("### The page of the operator");
  const [, block = ""] = /^```console\n(.*?)^```/ms.exec(section) ?? [];
  return block
    .trim()
    .split("\n")
    .map((line) => line.replaceAll("shop", here).split(" ").slice(1));
}

/** Forwards a free port instead of 8443, until all tests have ended, and returns the origin that kubectl says. */
async function forwardedBy(args: readonly string[]): Promise<string> {
  const command = args.map((arg) => (arg === "8443" ? ":8443" : arg));
  const { signal } = ended;
  const child = spawn(cluster.kubectl, [`--kubeconfig=${cluster.kubeconfig}`, ...command], { signal });
  child.on("error", () => undefined);
  const { promise: firstLine, resolve } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).once("line", resolve);
  const [, address = ""] = /^Forwarding from (\S+) -> 8443$/.exec(await firstLine) ?? [];
  return `http://${address}`;
}

const withoutTime = (page: string) => {
  const [, time = ""] = /<title>Connectivity report of ([^<]+)</.exec(page) ?? [];
  return page.replaceAll(time, "TIME").trim();
};

it("the page behind kubectl port-forward is what netverdict report writes, for a user with the role view of the namespace", async () => {
  const commands = await documentedCommands();
  expect(commands.map(([verb, object]) => `${verb} ${object}`)).toEqual([
    "create serviceaccount",
    "create rolebinding",
    "create token",
    "port-forward -n",
  ]);
  const [account = [], binding = [], token = [], forward = []] = commands;
  await kubectl(account);
  await kubectl(binding);
  const password = (await kubectl(token)).trim();
  const origin = await forwardedBy(forward);
  const get = (path: string, own = password) =>
    fetch(`${origin}${path}`, {
      headers: { authorization: `Basic ${Buffer.from(`me:${own}`).toString("base64")}` },
    });

  const page = await until(
    "the right counts",
    async () => {
      const response = await get(`/report/${here}`);
      return response.status === 403 ? undefined : response.text();
    },
    { seconds: 30, everyMs: 1_000 },
  );
  const args = [join(ROOT, "cli/main.ts"), "report", "--format", "html", "--namespace", here];
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  const written = await run(process.execPath, args, { env });
  expect(withoutTime(page)).toBe(withoutTime(written));
  expect(page).toContain("Deployment/client to Service/web: expected Allowed: Passed");

  expect((await get("/report/default")).status).toBe(403);
  expect((await get("/report")).status).toBe(403);
  // The operator's own account may list all tests, and no object of the whole cluster is needed for that here.
  const wide = await kubectl(["create", "token", "netverdict", "--namespace=netverdict-system"]);
  expect(await (await get("/report", wide.trim())).text()).toContain(`Namespace ${here}<`);
  const anonymous = await fetch(`${origin}/report/${here}`);
  expect([anonymous.status, anonymous.headers.get("www-authenticate")]).toEqual([
    401,
    'Basic realm="netverdict", charset="UTF-8"',
  ]);
});
