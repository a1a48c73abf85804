import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { json, kubeConfigFor, startFakeServer, status } from "../operator/testing/fakeServer.ts";
import { cliScene, runCli, type CliRun } from "./testing/cliScene.ts";

// Node reads this one variable from the process.
beforeEach(() => void vi.stubEnv("FORCE_COLOR", undefined));
afterEach(() => void vi.unstubAllEnvs());

describe("wait", () => {
  it("ends with 0 for a test that passed, and requests nothing", async () => {
    const scene = await cliScene();
    scene.create("web");
    const { code, stdout } = await runCli(scene.kubeConfig, ["wait", "web", "--namespace=shop"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "ConnectivityTest shop/web: Passed: 1 of 1 expectations hold\n",
    });
    expect(scene.memory.requests.map(({ verb }) => verb)).toEqual(["get", "get"]);
  });

  it("does not accept the verdict from before a request", async () => {
    const scene = await cliScene();
    const web = scene.create("web");
    scene.overwrite(web, "theirs");
    const meanwhile = (sleep: number) => sleep === 3 && scene.endRun(web, "Failed");
    expect(await runCli(scene.kubeConfig, ["wait", "-n", "shop"], { meanwhile })).toMatchObject({ code: 1 });
  });
});

describe("get", () => {
  const table = [
    "ConnectivityTest shop/web: Passed: 1 of 1 expectations hold",
    "  run run-1 ended at 2026-11-21T12:01:20.000Z",
    "  EXPECTATION   FROM   TO   EXPECTED   ACTUAL   VERDICT   REASON",
  ].join("\n");

  it("prints expected against actual, and ends with 0 for each verdict", async () => {
    const scene = await cliScene();
    scene.create("web");
    const { code, stdout } = await runCli(scene.kubeConfig, ["get", "-n", "shop"]);
    expect(code).toBe(0);
    expect(stdout).toContain(table);
    scene.endRun({ namespace: "shop", name: "web" }, "Failed");
    const failed = await runCli(scene.kubeConfig, ["get", "-n", "shop"]);
    expect(failed.code).toBe(0);
    expect(failed.stdout).toContain("shop/web: Failed: a: expected Denied");
  });
});

describe("the output", () => {
  const runOnce = async (options: Partial<CliRun>) => {
    const scene = await cliScene();
    const web = scene.create("web");
    const meanwhile = () => scene.endRun(web, "Passed");
    return (await runCli(scene.kubeConfig, ["run", "web", "-n", "shop"], { meanwhile, ...options })).stdout;
  };
  const ESCAPE = "\u001B[";

  it("has colours and a line of progress on a terminal, which is gone at the end", async () => {
    const text = await runOnce({ isTTY: true });
    expect(text).toContain(`${ESCAPE}32mPassed${ESCAPE}39m`);
    expect(text).toContain("0ms, 0 of 1 tests have a result. Waiting for ConnectivityTest shop/web …");
    expect(text.split("\n").at(-1)).toBe("");
  });

  it("has no colours with NO_COLOR, and only plain lines elsewhere", async () => {
    expect(await runOnce({ isTTY: true, terminal: { NO_COLOR: "1" } })).not.toContain(`${ESCAPE}32m`);
    const plain = await runOnce({});
    expect(plain).not.toContain(ESCAPE);
    expect(plain).not.toContain("of 1 tests have a result");
  });
});

describe("an error of usage ends with 3 and one sentence", () => {
  const nowhere = kubeConfigFor("http://127.0.0.1:1");

  it.each<{ args: string[]; says: string }>([
    { args: ["run", "--frobnicate"], says: "netverdict: unknown option '--frobnicate'. Use one of" },
    { args: ["frobnicate"], says: "netverdict: unknown command 'frobnicate'" },
    { args: ["run", "web", "-f", "tests.yaml"], says: "--filename: it excludes names" },
    { args: ["report"], says: "netverdict: required option '--format <format>' not specified. Use one of" },
    {
      args: ["report", "--format", "pdf"],
      says: "Allowed choices are junit, json, html, markdown, sarif. Use one of",
    },
    { args: ["explain", "web"], says: '"web": it is not NAME/EXPECTATION' },
    { args: ["explain", "web/a/b"], says: '"web/a/b": it is not NAME/EXPECTATION' },
    { args: ["explain"], says: "netverdict: missing required argument 'name/expectation'" },
    { args: ["run", "-f", "/none"], says: "/none: it cannot be read (ENOENT" },
    { args: ["run", "--timeout", "soon"], says: "--timeout soon: it is not a duration. Use one such as 90s" },
    { args: ["run", "web", "--all"], says: "--all: it excludes names" },
    {
      args: ["run", "--cluster", "-n", "shop"],
      says: "--cluster: a ClusterConnectivityTest has no namespace",
    },
    { args: ["run", ""], says: '"": it is no name of a Kubernetes object' },
    { args: ["run", ".."], says: '"..": it is no name of a Kubernetes object' },
    { args: ["wait", "-n", ""], says: '"": it is no name of a Kubernetes object' },
    { args: ["wait", "--context", "other"], says: "context other: it does not exist or has no cluster" },
    { args: ["get", "--kubeconfig", "/none"], says: "/none: it cannot be read as a kubeconfig" },
    { args: ["get"], says: "http://127.0.0.1:1: no response of the Kubernetes API (connect ECONNREFUSED" },
    { args: [], says: "Usage: netverdict" },
  ])("$args", async ({ args, says }) => {
    const { code, stdout, stderr } = await runCli(nowhere, args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(says);
  });

  it("but --help ends with 0, and names no command that does not exist", async () => {
    const { code, stdout } = await runCli(nowhere, ["--help"]);
    expect(code).toBe(0);
    expect(stdout.match(/^ {2}(?!-)([a-z]+) /gm)?.map((line) => line.trim())).toEqual([
      "run",
      "wait",
      "get",
      "report",
      "explain",
      "init",
      "lint",
    ]);
    expect(stdout).toContain("4  no result within the time of --timeout");
  });
});

describe("an error of the cluster ends with 3 and one sentence", () => {
  it.each([["run"], ["wait"], ["get"], ["report", "--format=junit"]])(
    "%s of a test, or in a namespace, that does not exist",
    async (...command) => {
      const { kubeConfig } = await cliScene();
      expect(await runCli(kubeConfig, [...command, "web", "-n", "shop"])).toEqual({
        code: 3,
        stdout: "",
        stderr: "ConnectivityTest shop/web: it does not exist. Check the name and the namespace.\n",
      });
      expect(await runCli(kubeConfig, [...command, "-n", "shop"])).toMatchObject({
        code: 3,
        stderr: "namespace shop: there are no tests. Check the namespace and the context.\n",
      });
    },
  );

  it.each([
    {
      name: "missing rights",
      answer: status({ code: 403, reason: "Forbidden", message: 'User "ci" cannot get resource' }),
      says: 'ConnectivityTest shop/web: User "ci" cannot get resource. Bind the ClusterRole netverdict-gate',
    },
    {
      name: "rejected credentials",
      answer: status({ code: 401, reason: "Unauthorized", message: "Unauthorized" }),
      says: "the API server rejects the credentials (Unauthorized). Log in again.",
    },
    {
      name: "a cluster without netverdict",
      answer: status({ code: 404 }),
      says: "it does not serve netverdict.dev/v1alpha1. Install netverdict",
    },
    {
      name: "an object of another kind",
      answer: json({ kind: "Pod" }),
      says: "no response of the Kubernetes API",
    },
  ])("$name", async ({ answer, says }) => {
    const server = await startFakeServer();
    onTestFinished(async () => server.close());
    server.answer(answer);
    const { code, stdout, stderr } = await runCli(server.kubeConfig, ["run", "web", "-n", "shop"]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("a proxy's login page", async () => {
    const proxy = createServer((_, response) => response.end("<html>Please log in</html>"));
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    onTestFinished(() => void proxy.close());
    const address = proxy.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { code, stderr } = await runCli(kubeConfigFor(`http://127.0.0.1:${port}`), ["wait", "-n", "shop"]);
    expect(code).toBe(3);
    expect(stderr).toContain("no response of the Kubernetes API (the response is not JSON");
  });
});
