import { describe, expect, it } from "vitest";
import { RUN_REQUESTED } from "../crds/group.ts";
import { rejection } from "../operator/testing/rejection.ts";
import { testPath, type TestKey } from "./selection.ts";
import { cliScene, runCli, type CliScene } from "./testing/cliScene.ts";

const tokenOf = ({ read }: CliScene, key: TestKey) => read(key).metadata.annotations[RUN_REQUESTED];

describe("run", () => {
  it("writes a fresh token and ends with 0 when that token has Passed", async () => {
    const scene = await cliScene();
    const web = scene.create("web");
    const tokens: unknown[] = [];
    const meanwhile = (sleep: number) => {
      tokens.push(tokenOf(scene, web));
      if (sleep === 1) scene.readRequest(web);
      if (sleep === 2) scene.endRun(web, "Passed");
    };
    const first = await runCli(scene.kubeConfig, ["run", "web", "-n", "shop"], { meanwhile });
    expect(first).toEqual({
      code: 0,
      stderr: "",
      stdout: [
        "ConnectivityTest shop/web: Waiting: the operator has not read the request yet",
        "ConnectivityTest shop/web: Waiting: the run of the request is about to start",
        "ConnectivityTest shop/web: Passed: 1 of 1 expectations hold",
        "",
      ].join("\n"),
    });
    await runCli(scene.kubeConfig, ["run", "web", "-n", "shop"], { meanwhile });
    expect(new Set(tokens).size).toBe(2);
    expect(scene.read(web).status.handledRequests).toHaveLength(2);
  });

  it("ends with 1 at once when one test failed, and names those without a result", async () => {
    const scene = await cliScene();
    const [bad] = [scene.create("bad"), scene.create("slow")];
    const meanwhile = (sleep: number) => sleep === 1 && scene.endRun(bad, "Failed");
    const { code, stdout, stderr } = await runCli(scene.kubeConfig, ["run", "-n", "shop"], { meanwhile });
    expect(code).toBe(1);
    expect(stdout).toContain("ConnectivityTest shop/bad: Failed: a: expected Denied");
    expect(stdout).toContain("\n  a: Failed (Open): as seen; Failed since");
    expect(stderr).toBe(
      "ConnectivityTest shop/slow: it had no result yet when the command ended. Run it again for all results.\n",
    );
  });

  it("ends with 2 when a test is inconclusive, after all have a result", async () => {
    const scene = await cliScene();
    const [vague, good] = [scene.create("vague"), scene.create("good")];
    const meanwhile = (sleep: number) =>
      sleep === 1 ? scene.endRun(vague, "Inconclusive") : scene.endRun(good, "Passed");
    const { code, stdout } = await runCli(scene.kubeConfig, ["run", "-n", "shop"], { meanwhile });
    expect(code).toBe(2);
    expect(stdout).toContain("shop/good: Passed:");
  });

  it("ends with 4 after the time of --timeout, independent of the verdict before", async () => {
    const scene = await cliScene();
    scene.create("web");
    const { code, stderr } = await runCli(scene.kubeConfig, ["run", "web", "-n", "shop", "--timeout", "90s"]);
    expect(code).toBe(4);
    expect(stderr).toBe(
      "ConnectivityTest shop/web: no result within 1m30s: the operator has not read the request yet. Check that the operator is running, or use a longer --timeout.\n",
    );
  });

  it("--all requests a run of the tests of all namespaces and of the whole cluster", async () => {
    const scene = await cliScene();
    const keys = [scene.create("web"), scene.create("pay", "bank"), scene.create("wide", "")];
    const meanwhile = () => keys.forEach((key) => scene.endRun(key, "Passed"));
    const { code, stdout } = await runCli(scene.kubeConfig, ["run", "--all"], { meanwhile });
    expect(code).toBe(0);
    for (const subject of [
      "ConnectivityTest shop/web",
      "ConnectivityTest bank/pay",
      "ClusterConnectivityTest wide",
    ])
      expect(stdout).toContain(`${subject}: Passed:`);
  });

  it("writes its token again after another gate has overwritten it unread, and both get a result", async () => {
    const scene = await cliScene();
    const web = scene.create("web");
    const seen: unknown[] = [];
    const meanwhile = (sleep: number) => {
      if (sleep === 1) scene.overwrite(web, "theirs");
      seen.push(tokenOf(scene, web) === "theirs");
      if (sleep === 4) scene.readRequest(web);
      if (sleep === 8) scene.endRun(web, "Passed");
    };
    const { code } = await runCli(scene.kubeConfig, ["run", "web", "-n", "shop"], { meanwhile });
    expect(code).toBe(0);
    expect(seen).toEqual([true, true, true, true, true, false, false, false]);
    expect(scene.read(web).status.handledRequests?.map(({ verdict }) => verdict)).toEqual([
      "Passed",
      "Passed",
    ]);
  });

  it("does not write its token again once the operator has read it", async () => {
    const scene = await cliScene();
    const web = scene.create("web");
    const meanwhile = (sleep: number) => {
      if (sleep === 1) scene.readRequest(web);
      if (sleep === 2) scene.overwrite(web, "theirs");
      if (sleep === 9) scene.endRun(web, "Passed");
    };
    const { code } = await runCli(scene.kubeConfig, ["run", "web", "-n", "shop"], { meanwhile });
    expect(code).toBe(0);
    expect(tokenOf(scene, web)).toBe("theirs");
    expect(scene.memory.requests.filter(({ verb }) => verb === "update")).toHaveLength(1);
  });

  it("writes the token into the newest version if another client has written in between, and keeps its fields", async () => {
    const scene = await cliScene();
    const web = scene.create("web");
    scene.memory.before = ({ verb }) => {
      if (verb !== "update") return;
      scene.memory.before = () => {};
      scene.memory.put(testPath(web), { ...scene.memory.at(testPath(web))[0], fromTomorrow: true });
    };
    const meanwhile = () => scene.endRun(web, "Passed");
    const { code } = await runCli(scene.kubeConfig, ["run", "web", "-n", "shop"], { meanwhile });
    expect(code).toBe(0);
    const updates = scene.memory.requests.filter(({ verb }) => verb === "update");
    expect(updates).toHaveLength(2);
    expect(updates[1]?.body).toHaveProperty("fromTomorrow", true);
  });

  it.each([
    { name: "deleted", after: () => {}, says: "it was deleted before it had a result" },
    {
      name: "deleted and created again",
      after: (scene: CliScene) => void scene.create("web"),
      says: "it was deleted and created again",
    },
  ])("ends with 3 if the test is $name in the meantime", async ({ after, says }) => {
    const scene = await cliScene();
    const web = scene.create("web");
    const meanwhile = () => {
      scene.memory.remove(testPath(web));
      after(scene);
    };
    const { code, stderr } = await runCli(scene.kubeConfig, ["run", "web", "-n", "shop"], { meanwhile });
    expect(code).toBe(3);
    expect(stderr).toContain(`ConnectivityTest shop/web: ${says}`);
  });

  it.each([
    { name: "heals within 30 s", lasts: 20, code: 0, says: /^$/ },
    { name: "lasts longer", lasts: 60, code: 3, says: /the API server returned 503 \(.*no leader\)/ },
  ])("an outage of the API server that $name ends with $code", async ({ lasts, code, says }) => {
    const scene = await cliScene();
    const web = scene.create("web");
    const meanwhile = (sleep: number) => {
      scene.memory.before = () => {
        if (sleep < lasts) throw rejection(503, "ServiceUnavailable", "no leader");
      };
      if (sleep === lasts) scene.endRun(web, "Passed");
    };
    const outcome = await runCli(scene.kubeConfig, ["run", "web", "-n", "shop"], { meanwhile });
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toMatch(says);
  });
});
