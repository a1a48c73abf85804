import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { GATE_SECRET } from "../../crds/group.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { gateRecipe, RECIPE_SECRET } from "../testing/gateRecipe.ts";
import { startGate } from "../testing/gateScene.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { endedRun, published } from "../testing/statuses.ts";
import { HTTP_ERRORS } from "./httpError.ts";

/** The examples of docs/gates.md, against the real endpoint. */
const page = readFileSync(join(import.meta.dirname, "../../docs/gates.md"), "utf8");

let gate: Awaited<ReturnType<typeof startGate>>;
beforeEach(async () => {
  gate = await startGate({});
});
afterEach(() => gate.close());

function putTest(verdict: Verdict, token: string) {
  const annotations = { [GATE_SECRET]: createHash("sha256").update(RECIPE_SECRET).digest("hex") };
  const test = connectivityTest({ metadata: { name: "web", annotations } });
  const ended = endedRun([verdict], { requests: [token], digestOf: test.spec });
  gate.put(published({ test, ended, now: later(30_000) }));
}

/** The path of a URL of the operator's Service. */
function pathOnGate(url: string): string {
  const { host, pathname, search } = new URL(url);
  expect(host).toBe("netverdict.netverdict-system:8443");
  return `${pathname}${search}`;
}

describe("the AnalysisTemplate of Argo Rollouts", () => {
  const template = z
    .object({
      spec: z.object({
        metrics: z.tuple([
          z.object({
            consecutiveSuccessLimit: z.literal(1),
            successCondition: z.string(),
            failureCondition: z.string(),
            provider: z.object({
              web: z.object({
                url: z.string(),
                headers: z.array(z.object({ key: z.string(), value: z.string() })),
                jsonPath: z.string(),
              }),
            }),
          }),
        ]),
      }),
    })
    .parse(parse(gateRecipe("Argo Rollouts")));
  const [{ successCondition, failureCondition, provider }] = template.spec.metrics;

  const withArgs = (text: string) =>
    text
      .replaceAll("{{args.hash}}", "7f9c4d")
      .replaceAll("{{args.revision}}", "2")
      .replaceAll("{{args.secret}}", RECIPE_SECRET);

  /** One measurement, by the rules of docs/gates.md: both conditions are set. */
  async function measure() {
    const { url, headers, jsonPath } = provider.web;
    const sent = Object.fromEntries(headers.map(({ key, value }) => [key, withArgs(value)]));
    const response = await gate.fetch(pathOnGate(withArgs(url)), { headers: sent });
    if (response.status !== 200) return "Error";
    const [, field = ""] = /^\{\$\.(\w+)\}$/.exec(jsonPath) ?? [];
    const result = z.record(z.string(), z.unknown()).parse(await response.json())[field];
    const holds = (condition: string) => runInNewContext(condition, { result }) === true;
    if (holds(failureCondition)) return "Failed";
    return holds(successCondition) ? "Successful" : "Inconclusive";
  }

  it.each([
    ["Passed", "Successful"],
    ["Failed", "Failed"],
    ["Inconclusive", "Inconclusive"],
  ] as const)("measures a run that is %s as %s", async (verdict, phase) => {
    putTest(verdict, "7f9c4d-2");
    expect(await measure()).toBe(phase);
  });

  it("measures a verdict from before its revision as Inconclusive, and requests a run", async () => {
    putTest("Passed", "before");
    expect(await measure()).toBe("Inconclusive");
    expect(gate.test("web")?.status.pendingRequests).toEqual(["7f9c4d-2"]);
  });

  it("measures an operator that is not ready as an error", async () => {
    putTest("Passed", "7f9c4d-2");
    gate.state.unready = "the caches are not filled yet";
    expect(await measure()).toBe("Error");
  });
});

describe("the webhook of Flagger", () => {
  const [{ url, type, metadata }] = z
    .object({
      analysis: z.object({
        webhooks: z.tuple([
          z.object({ url: z.string(), type: z.string(), metadata: z.record(z.string(), z.string()) }),
        ]),
      }),
    })
    .parse(parse(gateRecipe("Flagger"))).analysis.webhooks;

  /** What Flagger sends. `npm run test:gates` asks with Flagger's own code. */
  const send = () =>
    gate.fetch(pathOnGate(url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        name: "podinfo",
        namespace: "shop",
        phase: "Progressing",
        checksum: "85877bd876",
        metadata,
      }),
    });

  it("names its own type, which Flagger does not send", () => {
    expect(metadata["hook"]).toBe(type);
  });

  it.each([
    ["Passed", 200],
    ["Failed", 409],
    ["Inconclusive", 409],
  ] as const)("gets for a run that is %s %i", async (verdict, status) => {
    putTest(verdict, "flagger/podinfo/pre-rollout/85877bd876");
    expect((await send()).status).toBe(status);
  });

  it("gets a sentence for its event while there is no verdict", async () => {
    putTest("Passed", "before");
    const response = await send();
    expect([response.status, await response.text()]).toEqual([
      409,
      "ConnectivityTest shop/web: Pending (InProgress): a run was requested with this token. Ask again.",
    ]);
  });
});

it("the page lists every error with its status", () => {
  const rows = page.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm);
  expect(Object.fromEntries(Array.from(rows, ([, status, error]) => [error, Number(status)]))).toEqual(
    HTTP_ERRORS,
  );
});
