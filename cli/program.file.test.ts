import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { RUN_REQUESTED } from "../crds/group.ts";
import { rejection } from "../operator/testing/rejection.ts";
import { testPath } from "./selection.ts";
import { cliScene, runCli } from "./testing/cliScene.ts";

const WEB = { namespace: "shop", name: "web" };
const manifest = (name: string, expected = "Allowed") => `
apiVersion: netverdict.dev/v1alpha1
kind: ConnectivityTest
metadata: {name: ${name}}
spec:
  expectations:
    - name: client-to-web
      from: {podSelector: {matchLabels: {app: client}}}
      to: {service: {name: web}}
      tcp: {port: 80}
      expect: ${expected}
`;

describe("run -f", () => {
  it("creates the test, writes a token, and ends with the result of that token", async () => {
    const scene = await cliScene();
    const meanwhile = () => scene.endRun(WEB, "Passed");
    const run = await runCli(scene.kubeConfig, ["run", "-f", "-", "-n", "shop"], {
      stdin: manifest("web"),
      meanwhile,
    });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toContain("ConnectivityTest shop/web: Passed: 1 of 1 expectations hold");
    const { metadata, spec, status } = scene.read(WEB);
    expect(spec.expectations).toMatchObject([{ name: "client-to-web", expect: "Allowed" }]);
    expect(status.handledRequests).toMatchObject([{ token: metadata.annotations[RUN_REQUESTED] }]);
  });

  it("changes a test that is there, by server-side apply, and waits for a run of the new spec", async () => {
    const scene = await cliScene();
    scene.create("web");
    const meanwhile = (sleep: number) => sleep === 2 && scene.endRun(WEB, "Failed");
    const stdin = manifest("web", "Denied");
    expect(
      await runCli(scene.kubeConfig, ["run", "-f", "-", "-n", "shop"], { stdin, meanwhile }),
    ).toMatchObject({ code: 1 });
    expect(scene.read(WEB).spec.expectations).toMatchObject([{ name: "client-to-web", expect: "Denied" }]);
    expect(scene.memory.requests.map(({ verb }) => verb).slice(0, 2)).toEqual(["apply", "get"]);
  });

  it("runs the tests of several files and documents, and no others", async () => {
    const scene = await cliScene();
    scene.create("other");
    const folder = await mkdtemp(join(tmpdir(), "netverdict-files-"));
    onTestFinished(async () => rm(folder, { recursive: true }));
    const file = join(folder, "tests.yaml");
    await writeFile(file, [manifest("web"), manifest("api")].join("---"));
    const args = ["run", "-f", file, "--filename", "-", "-n", "shop"];
    const meanwhile = () => ["web", "api", "db"].forEach((name) => scene.endRun({ ...WEB, name }, "Passed"));
    const { code, stdout } = await runCli(scene.kubeConfig, args, { stdin: manifest("db"), meanwhile });
    expect(code).toBe(0);
    for (const name of ["web", "api", "db"]) expect(stdout).toContain(`shop/${name}: Passed`);
    expect(stdout).not.toContain("other");
  });

  it.each([
    { name: "no YAML", stdin: "a: [", says: "-:1:5: it is not valid YAML (" },
    {
      name: "another kind",
      stdin: "apiVersion: v1\nkind: Pod\n",
      says: '-:2:1: the kind "Pod" of "v1" is no test',
    },
    { name: "nothing", stdin: "", says: "-:1:1: there is no test in it." },
    { name: "no namespace", stdin: manifest("web"), says: "-:4:1: the test has no namespace." },
    {
      name: "one bad of two documents",
      stdin: `${manifest("web, namespace: shop")}---\nx: 1\n`,
      says: "-:13:1: the kind",
    },
  ])("applies nothing for a file with $name, and ends with 3", async ({ stdin, says }) => {
    const scene = await cliScene();
    const { code, stdout, stderr } = await runCli(scene.kubeConfig, ["run", "-f", "-"], { stdin });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(scene.memory.requests).toEqual([]);
  });

  it.each([
    {
      code: 404,
      reason: "NotFound",
      says: "namespace shop: it does not exist. Create it, or check the file.",
    },
    {
      code: 409,
      reason: "Conflict",
      says: "ConnectivityTest shop/web: another program has written other values (",
    },
    { code: 422, reason: "Invalid", says: "ConnectivityTest shop/web: the API server rejects it (" },
    { code: 400, reason: "BadRequest", says: "ConnectivityTest shop/web: the API server rejects it (" },
    {
      code: 500,
      reason: "failed to create typed patch object for a reason",
      says: "ConnectivityTest shop/web: the API server rejects it (",
    },
    { code: 403, reason: "Forbidden", says: "Bind the ClusterRole netverdict-gate to this user" },
  ])("ends with 3 if the API server answers $code", async ({ code, reason, says }) => {
    const scene = await cliScene();
    scene.memory.before = () => {
      throw rejection(code, reason, `${reason} for a reason`);
    };
    const stdin = manifest("web");
    const outcome = await runCli(scene.kubeConfig, ["run", "-f", "-", "-n", "shop"], { stdin });
    expect(outcome).toMatchObject({ code: 3, stdout: "" });
    expect(outcome.stderr).toContain(says);
    expect(outcome.stderr).toContain(code === 404 ? "shop" : "for a reason");
    expect(scene.memory.at(testPath(WEB))).toEqual([]);
  });
});
