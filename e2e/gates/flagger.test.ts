import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { gateRecipe } from "../../operator/testing/gateRecipe.ts";
import { kubectl, load, makeNamespace } from "../harness/scenario.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { timedReport } from "../process/report.ts";
import { until } from "../process/until.ts";
import { buildController } from "./controllerImage.ts";
import { BETTER, CUT_OFF, deployDatabase, GOOD, letIn, type Version, webDeployment } from "./gatedWeb.ts";
import { installFlagger } from "./installController.ts";

/** The controller of Flagger, configured as docs/gates.md recommends. The titles are the rows of a table there. */

let here = "";
let removeNamespace: () => Promise<void> = async () => undefined;
let uninstall: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  const { reference } = await buildController("flagger", timedReport());
  await load(reference);
  uninstall = await installFlagger(kubectl, reference);
  ({ name: here, remove: removeNamespace } = await makeNamespace("flagger-gate"));
  await deployDatabase(here, { app: "web" });
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

/** Where the rollout of a version ends: Flagger notices it by the next interval. */
async function ended(version: Version): Promise<string> {
  const before = await canary();
  await apply(kubectl, JSON.stringify(webDeployment(here, version)));
  const { phase } = await canaryIs(["Succeeded", "Failed"], { not: before?.lastAppliedSpec ?? "" });
  return phase;
}

const primaryVersion = () =>
  kubectl([
    "get",
    "deployment/web-primary",
    `--namespace=${here}`,
    "-o",
    "jsonpath={.spec.template.spec.containers[0].env[0].value}",
  ]);

const events = () =>
  kubectl(["get", "events", `--namespace=${here}`, "-o", "jsonpath={range .items[*]}{.message}{'\\n'}{end}"]);

it("a good version goes through", async () => {
  expect(await ended(BETTER)).toBe("Succeeded");
  expect(await primaryVersion()).toBe(BETTER.number);
  expect(await events()).toContain("Pending (InProgress): a run was requested with this token. Ask again.");
});

it("a version that a policy cuts off from its database is stopped, and the one before stays", async () => {
  expect(await ended(CUT_OFF)).toBe("Failed");
  expect(await primaryVersion()).toBe(BETTER.number);
  expect(await events()).toContain("Failed (Blocked): ");
});

it("its second attempt, with another policy, is not judged by the run of the first", async () => {
  await letIn(here, ["yes", "no"]);
  expect(await ended(GOOD)).toBe("Succeeded");
  expect(await ended(CUT_OFF)).toBe("Succeeded");
  expect(await primaryVersion()).toBe(CUT_OFF.number);
});
