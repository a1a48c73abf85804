import { afterAll, beforeAll } from "vitest";

import { cluster, kubectl, makeNamespace } from "../harness/scenario.ts";
import { until } from "../process/until.ts";
import { itGates } from "./gateRows.ts";
import { deployTest, type Version } from "./gatedWeb.ts";
import { blocksUnder } from "./helmShell.ts";
import { installController } from "./installController.ts";
import { newestAnalysis, rolloutIs, rollTo, WEB_METRIC } from "./rollout.ts";

/** The controller of Argo Rollouts with a Job that runs the command-line program, configured as docs/gates.md recommends. */

const [template = ""] = blocksUnder("Argo Rollouts: a Job", { page: "docs/gates.md", language: "yaml" });

/** The strategy of the web metric without its arguments, which are its end. */
const STRATEGY = WEB_METRIC.replace(/\n +args:.*/s, "\n");

let here = "";
let removeNamespace: () => Promise<void> = async () => undefined;
let uninstall: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  uninstall = await installController("argorollouts");
  ({ name: here, remove: removeNamespace } = await makeNamespace("argo-job"));
  await deployTest(here, { app: "web", role: "canary" });
  const input = template
    .replace("REGISTRY/netverdict:TAG", cluster.image)
    .replace("--timeout, 4m", "--timeout, 40s")
    .replace("namespace: shop", `namespace: ${here}`);
  await kubectl(["apply", "--server-side", `--namespace=${here}`, "-f", "-"], { input });
}, 1_800_000);
afterAll(async () => {
  await removeNamespace();
  await uninstall();
});

/** Whether this version is the stable one in the end; another analysis than those before has decided so. */
async function ends({ number }: Version, analyses: number): Promise<boolean> {
  return until(
    `Rollout ${here}/web has decided about version ${number}`,
    async () => {
      const { phase } = await rolloutIs(here, ["Healthy", "Degraded", "Paused"]);
      if (phase === "Healthy" && (await inUse()) === number) return true;
      const { count, phase: analysis } = await newestAnalysis(here);
      if (phase === "Degraded" && count > analyses && analysis === "Failed") return false;
      throw new Error(`${phase}, ${count} analyses`);
    },
    { seconds: 200, everyMs: 1_000 },
  );
}

async function inUse(): Promise<string> {
  const { stableRS } = await rolloutIs(here, ["Healthy", "Degraded", "Paused", "Progressing"]);
  const selector = `--selector=rollouts-pod-template-hash=${stableRS}`;
  const path = "jsonpath={.items[0].spec.template.spec.containers[0].env[0].value}";
  return kubectl(["get", "replicasets", selector, `--namespace=${here}`, "-o", path]);
}

itGates(() => ({
  namespace: here,
  inUse,
  goesThrough: async (version) => {
    const { count } = await newestAnalysis(here);
    await rollTo(here, version, STRATEGY);
    return ends(version, count);
  },
  // What `kubectl argo rollouts retry` does.
  retry: async (version) => {
    const { count } = await newestAnalysis(here);
    const patch = `--patch=${JSON.stringify({ status: { abort: false } })}`;
    const flags = [`--namespace=${here}`, "--subresource=status", "--type=merge"];
    await kubectl(["patch", "rollouts.argoproj.io", "web", ...flags, patch]);
    return ends(version, count);
  },
}));
