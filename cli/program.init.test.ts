import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  namespacesPath,
  networkPoliciesPath,
  servicesPath,
  workloadsPath,
} from "../operator/runtime/resourcePaths.ts";
import { rejection } from "../operator/testing/rejection.ts";
import { service, workload } from "./testing/namespaceScene.ts";
import { cliScene, runCli, type CliScene } from "./testing/cliScene.ts";

const NAMESPACE = namespacesPath("shop");

/** The namespace shop with web and api, and a Service of api that only namespaces of a team may call. */
async function sceneWithWorkloads(): Promise<CliScene> {
  const scene = await cliScene();
  const { memory } = scene;
  memory.put(NAMESPACE, { metadata: { name: "shop", labels: { team: "shop" } } });
  memory.put(`${workloadsPath("Deployment", "shop")}/web`, workload("web"));
  memory.put(`${workloadsPath("StatefulSet", "shop")}/api`, workload("api"));
  memory.put(`${servicesPath("shop")}/api`, service("api"));
  memory.put(`${networkPoliciesPath("shop")}/team`, {
    metadata: { name: "team" },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "shop" } } }] }],
    },
  });
  return scene;
}

const init = async ({ kubeConfig }: CliScene, ...args: readonly string[]) =>
  runCli(kubeConfig, ["init", "-n", "shop", ...args]);

/** Rejects a request whose path contains the text. */
function forbid({ memory }: CliScene, part: string) {
  memory.before = ({ path }) => {
    if (path.includes(part)) throw rejection(403, "Forbidden", "services is forbidden");
  };
}

describe("netverdict init", () => {
  it("prints a test for each workload that is a source", async () => {
    const { code, stdout, stderr } = await init(await sceneWithWorkloads());
    expect(stdout).toContain("    # permitted by NetworkPolicy team\n    - name: reaches-api-80\n");
    expect(stdout.match(/^kind: /gm)).toHaveLength(1);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  it("writes a file, which lint accepts", async () => {
    const folder = await mkdtemp(join(tmpdir(), "netverdict-init-"));
    onTestFinished(async () => rm(folder, { recursive: true }));
    const file = join(folder, "tests.yaml");
    const scene = await sceneWithWorkloads();
    await expect(init(scene, "-o", file)).resolves.toEqual({ code: 0, stdout: "", stderr: "" });
    await expect(readFile(file, "utf8")).resolves.toContain("name: reaches-api-80");
    const { stdout } = await runCli(scene.kubeConfig, ["lint", file]);
    expect(stdout).toBe(`${file}: no problem in 1 object\n`);
  });

  it("without the right to read the namespace's labels goes on with its name, and says so", async () => {
    const scene = await sceneWithWorkloads();
    scene.memory.before = ({ path }) => {
      if (path === NAMESPACE) throw rejection(403, "Forbidden");
    };
    const { code, stdout } = await init(scene);
    expect(stdout).toContain("# - Namespace shop: this user may not read its labels");
    expect(stdout).toContain("# no rule permits it: ingress, NetworkPolicy team\n");
    expect(code).toBe(0);
  });

  it.each([
    [
      "a namespace that does not exist",
      (scene: CliScene) => scene.memory.remove(NAMESPACE),
      "Namespace shop: it does not exist. Check the name and the namespace.\n",
    ],
    [
      "missing rights",
      (scene: CliScene) => forbid(scene, "/services"),
      "Namespace shop: ApiError: services is forbidden. Bind the role view of this namespace to this user.\n",
    ],
    [
      "no workload behind a Service",
      (scene: CliScene) => scene.memory.remove(`${workloadsPath("StatefulSet", "shop")}/api`),
      "Namespace shop: no workload there is a source of a Service of another workload (Service api: no workload of the namespace is behind it). Write a test by hand.\n",
    ],
  ])("ends with 3 for %s", async (_, change, sentence) => {
    const scene = await sceneWithWorkloads();
    change(scene);
    await expect(init(scene)).resolves.toEqual({ code: 3, stdout: "", stderr: sentence });
  });
});
