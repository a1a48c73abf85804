import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { gateRecipe } from "../../operator/testing/gateRecipe.ts";
import { runTest } from "../harness/runTest.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { readTest } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";
import { itGates } from "./gateRows.ts";
import {
  BETTER,
  deployTest,
  GOOD,
  type Version,
  versionOf,
  webDeployment,
  webExpectations,
} from "./gatedWeb.ts";
import { installController } from "./installController.ts";

/** The controller of Flagger, configured as docs/gates.md recommends. */

let here = "";
let removeNamespace: () => Promise<void> = async () => undefined;
let uninstall: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  uninstall = await installController("flagger");
  ({ name: here, remove: removeNamespace } = await makeNamespace("flagger-gate"));
  await deployTest(here);
  await deploy(kubectl, JSON.stringify(webDeployment(here, GOOD)));
  const { analysis } = z.object({ analysis: z.looseObject({}) }).parse(parse(gateRecipe("Flagger")));
  const spec = {
    provider: "kubernetes",
    targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    service: { port: 80, targetPort: 8080 },
    // One minute is enough here for a run.
    analysis: { ...analysis, threshold: 6 },
  };
  const metadata = { name: "web", namespace: here };
  await apply(kubectl, JSON.stringify({ apiVersion: "flagger.app/v1beta1", kind: "Canary", metadata, spec }));
  await canaryIs(["Initialized"]);
}, 1_800_000);
afterAll(async () => {
  await removeNamespace();
  await uninstall();
});

const canarySchema = z.object({
  status: z.object({ phase: z.string(), lastAppliedSpec: z.string().default("") }).optional(),
});

/** The phase of the Canary and the version that it is of. */
async function canary() {
  const text = await kubectl(["get", "canaries.flagger.app", "web", `--namespace=${here}`, "-o", "json"]);
  return canarySchema.parse(JSON.parse(text)).status;
}

async function canaryIs(phases: readonly string[], { not = "" }: { readonly not?: string } = {}) {
  return until(
    `Canary ${here}/web is ${phases.join(" or ")}`,
    async () => {
      const status = await canary();
      if (status === undefined || !phases.includes(status.phase) || status.lastAppliedSpec === not)
        throw new Error(JSON.stringify(status));
      return status;
    },
    { seconds: 240, everyMs: 1_000 },
  );
}

/** The messages of all events, after each version: Kubernetes keeps only the last message of many similar events. */
const messages: string[] = [];

/** Whether Flagger promotes a version, which it notices by the next interval. */
async function goesThrough(version: Version): Promise<boolean> {
  const before = await canary();
  await apply(kubectl, JSON.stringify(webDeployment(here, version)));
  const { phase } = await canaryIs(["Succeeded", "Failed"], { not: before?.lastAppliedSpec ?? "" });
  const path = "jsonpath={range .items[*]}{.message}{'\\n'}{end}";
  messages.push(await kubectl(["get", "events", `--namespace=${here}`, "-o", path]));
  return phase === "Succeeded";
}

itGates(() => ({
  namespace: here,
  inUse: async () => versionOf(here, "web-primary"),
  goesThrough,
  // Flagger does not try the version again that it has stopped last.
  retry: async (version) => (await goesThrough(GOOD)) && goesThrough(version),
}));

describe("what it shows and tests beside the gate", () => {
  it("shows the answers of the operator as events", () => {
    const events = messages.join("\n");
    expect(events).toContain("Pending (InProgress): a run was requested with this token. Ask again.");
    expect(events).toContain("Failed (Blocked): ");
    expect(events).toContain("Inconclusive (TargetNotFound): ");
  });

  it("tries the pods of the primary by their own label, again after each promotion", async () => {
    const spec = { rerunOn: ["WorkloadChange"], expectations: webExpectations({ app: "web-primary" }) };
    const { status } = await runTest({ namespace: here, name: "primary" }, spec);
    expect(status.verdict).toBe("Passed");
    expect(status.expectations?.[0]?.paths[0]?.from).toBe("Deployment/web-primary");
    expect(await goesThrough(BETTER)).toBe(true);
    await until(
      "the test of the primary has run again",
      async () => {
        const { run } = (await readTest(read, { namespace: here, name: "primary" })).status;
        return run?.trigger === "WorkloadChange" ? run : undefined;
      },
      { seconds: 60, everyMs: 500 },
    );
  });
});
