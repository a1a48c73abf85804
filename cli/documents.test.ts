import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { probeRunsPath } from "../operator/runtime/resourcePaths.ts";
import { runOf } from "../operator/testing/probeRuns.ts";
import { verdictOn } from "../operator/testing/statuses.ts";
import { EXIT_CODES } from "./judgement.ts";
import { cliScene, runCli, type CliScene } from "./testing/cliScene.ts";

const ORDERS = { namespace: "shop", name: "orders" };
const EXPECTATION = "orders-never-touch-mysql";
const proof = { target: "Observed", source: "Observed", link: "Observed" } as const;
const open = verdictOn(EXPECTATION, {
  verdict: "Failed",
  actual: "Allowed",
  message: "the path is open",
  pathCount: 1,
  paths: [
    {
      from: "Deployment/orders",
      to: "Service/catalog-mysql",
      address: "10.1.0.2:3306",
      verdict: "Failed",
      reason: "Open",
      actual: "Allowed",
      outcome: "Connected",
      samples: "CCC",
      node: "near",
      proof,
    },
  ],
});

const page = await readFile(join(import.meta.dirname, "../docs/cli.md"), "utf8");
const blocksOf = (language: string) =>
  Array.from(page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms")), ([, text = ""]) => text);
const sessions = blocksOf("console").filter((text) => text.startsWith("$ netverdict "));

/** The commands of a session, each with the output that the page shows. */
const commandsOf = (session: string) =>
  session
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...lines] = part.trimEnd().split("\n");
      return { command, output: lines.join("\n") };
    });

/** A text in which `…` is anything. */
const patternOf = (text: string) =>
  new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("…", "[^]*")}$`);

/** The test of the page, whose one path is open, and the records of its last run. */
async function documentedCluster(): Promise<CliScene> {
  const scene = await cliScene();
  scene.create(ORDERS.name);
  const { spec, ...test } = scene.read(ORDERS);
  const expectations = spec.expectations.map((expectation) => ({ ...expectation, name: EXPECTATION }));
  const path = "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/orders";
  scene.memory.remove(path);
  scene.memory.put(path, { ...test, spec: { ...spec, expectations } });
  scene.endRunWith(ORDERS, [open]);
  const planned = { expectation: EXPECTATION, to: "Service/catalog-mysql", samples: "CCC" };
  scene.memory.put(probeRunsPath("shop", "orders-run-2"), runOf({ paths: [planned] }));
  scene.memory.put("/api/v1/namespaces/shop/pods/mysql", { metadata: {} });
  putWorkloads(scene);
  return scene;
}

/** What `init` reads: orders, and mysql with a Service and a policy. */
function putWorkloads({ memory }: CliScene): void {
  memory.put("/api/v1/namespaces/shop", { metadata: { name: "shop" } });
  for (const name of ["orders", "mysql"]) {
    const labels = { app: name };
    const template = { metadata: { labels }, spec: { containers: [] } };
    const spec = { selector: { matchLabels: labels }, template };
    memory.put(`/apis/apps/v1/namespaces/shop/deployments/${name}`, { metadata: { name }, spec });
  }
  const app = { app: "mysql" };
  const port = { port: 3306, protocol: "TCP", targetPort: 3306 };
  memory.put("/api/v1/namespaces/shop/services/mysql", {
    metadata: { name: "mysql" },
    spec: { selector: app, ports: [port] },
  });
  memory.put("/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/mysql", {
    metadata: { name: "mysql" },
    spec: { podSelector: { matchLabels: app }, policyTypes: ["Ingress"] },
  });
}

describe("the examples of docs/cli.md", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "netverdict-documents-"));
    const [orders = ""] = blocksOf("yaml");
    await writeFile(join(folder, "orders.yaml"), orders);
    await writeFile(join(folder, "misspelt.yaml"), orders.replace("podSelector", "podSelectr"));
    return async () => rm(folder, { recursive: true });
  });

  it("are there", () => {
    expect(sessions.length).toBeGreaterThanOrEqual(4);
  });

  it.each(sessions.map((session) => [session.split("\n")[0], session]))("%s", async (_, session = "") => {
    const scene = await documentedCluster();
    const commands = commandsOf(session);
    const outputs: string[] = [];
    let code = 0;
    for (const { command } of commands) {
      const args = command.split(" ").slice(1);
      const inFolder = args.map((arg) => (/\.(yaml|xml|html)$/.test(arg) ? join(folder, arg) : arg));
      const meanwhile = (sleep: number) => {
        if (sleep === 1) scene.readRequest(ORDERS);
        if (sleep === 2) scene.endRunWith(ORDERS, [open]);
      };
      if (command === "echo $?") outputs.push(String(code));
      else {
        const ran = await runCli(scene.kubeConfig, inFolder, { meanwhile });
        outputs.push((ran.stdout + ran.stderr).trimEnd().replaceAll(`${folder}/`, ""));
        ({ code } = ran);
      }
    }
    // What matches is shown as the page has it, so that a difference is all that is left.
    const matched = commands.map(({ output }, index) =>
      patternOf(output).test(outputs[index] ?? "") ? output : outputs[index],
    );
    expect(matched).toEqual(commands.map(({ output }) => output));
  });
});

it("--help has the exit codes of the program", async () => {
  const codes = Object.values(EXIT_CODES).map(String);
  const { kubeConfig } = await cliScene();
  const { stdout } = await runCli(kubeConfig, ["--help"]);
  expect(Array.from(stdout.matchAll(/^ {2}(\d) {2}/gm), ([, code]) => code)).toEqual(codes);
});
