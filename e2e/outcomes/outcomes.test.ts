import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { sourceEvidenceOf as signsOfLife } from "../../probes/sourceEvidence.ts";
import { roundInterval } from "../../probes/timing.ts";
import { parseReport, type Report } from "../../probes/report.ts";
import { describeSample } from "../../probes/samples.ts";
import { settle } from "../../probes/settle.ts";
import { kubectl } from "../harness/scenario.ts";
import { CASES, SOURCES, type Source } from "./cases.ts";
import { deployNetwork } from "./network.ts";
import { checksOf, createPods, createRun } from "./probeRun.ts";
import { type Life, type ReadinessWatch, watchPods, watchReadiness } from "./watch.ts";

const MEBIBYTE = 1024 ** 2;
const STARVED = "the runner was starved of CPU";
const saysNothing = (letter: string) => describeSample(letter).outcome === "ProbeError";

const here = `outcomes-${randomBytes(3).toString("hex")}`;
let run: ProbeRun;
let lives: ReadonlyMap<string, Life>;
let readiness: ReadinessWatch;

// All pods at once, so that the file takes no longer than one run.
beforeAll(async () => {
  await kubectl(["create", "namespace", here]);
  await kubectl(["label", "namespace", here, "pod-security.kubernetes.io/enforce=restricted"]);
  run = await createRun(here, await deployNetwork(here));
  readiness = watchReadiness(here);
  await createPods(run);
  lives = await watchPods(run);
});

afterAll(async () => {
  readiness.stop();
  await kubectl(["delete", "namespace", here, "--ignore-not-found", "--wait=false"]);
});

it.each(CASES)("$from: $name: $letters", ({ from, path, letters, result: wanted = {} }) => {
  const { result, settlement, deciding } = settled(from, path);
  const { actual, matchesRequest } = describeSample(letters.charAt(0));
  const strays = deciding.split("").filter((letter) => !saysNothing(letter) && !letters.includes(letter));
  // The last words are those of an attempt that was starved, if that one came last.
  const hint = "hint" in wanted && /E-*$/.test(result.samples) && { hint: STARVED };
  expect({ ...result, ...settlement, strays }).toEqual(
    expect.objectContaining({ state: "Settled", actual, matchesRequest, strays: [], ...wanted, ...hint }),
  );
  expect("latencyMs" in result).toBe(actual === "Allowed");
});

it.each(SOURCES)("the probe pod of %s succeeds and reports all results", (source) => {
  const { pod } = lifeOf(source);
  expect(pod).toMatchObject({ phase: "Succeeded", terminated: { exitCode: 0, reason: "Completed" } });
  expect(reportOf(source)).toMatchObject({
    complete: true,
    results: checksOf(run, source).map(({ path }) => ({ path })),
  });
});

it.each(SOURCES)("the probe pod of %s is never Ready, even while its container is", (source) => {
  const seen = readiness.readinessOf(source);
  expect(seen).toContain("True/False");
  expect([...seen].filter((states) => states.endsWith("/True"))).toEqual([]);
});

it.each(SOURCES)("the probe pod of %s stays far below its memory limit", (source) => {
  const { memory } = lifeOf(source);
  expect(memory).toBeGreaterThan(MEBIBYTE);
  expect(memory).toBeLessThan(128 * MEBIBYTE);
});

it("the http attempts of a round share a process", async () => {
  const log = await kubectl(["logs", "choosy", `--namespace=${here}`]);
  expect(log).toContain("Answered");
  expect(log).not.toContain("starts a process of its own");
});

it("the namespace admits nothing but restricted pods", async () => {
  const rash = ["run", "rash", `--namespace=${here}`, "--image=any", "--dry-run=server"];
  await expect(kubectl(rash)).rejects.toThrow(/violates PodSecurity "restricted/);
});

function lifeOf(source: Source): Life {
  const life = lives.get(source);
  if (life === undefined) throw new Error(`no probe pod of ${source} was seen`);
  return life;
}

function reportOf(source: Source): Report {
  const parsed = parseReport(lifeOf(source).pod.terminated?.message ?? "", checksOf(run, source));
  if (!parsed.ok) throw new Error(`the report of ${source} cannot be read: ${parsed.problem}`);
  return parsed.report;
}

/** What one path came to, and the letters that decided it. */
function settled(source: Source, path: number) {
  const checks = checksOf(run, source);
  const report = reportOf(source);
  const results = new Map(report.results.map((result) => [result.path, result]));
  const [check, result] = [checks.find((each) => each.path === path), results.get(path)];
  if (check === undefined || result === undefined) throw new Error(`path ${path} is not one of ${source}`);
  const { samples } = result;
  const life = signsOfLife(check, {
    checks,
    samplesOf: (each) => results.get(each.path)?.samples ?? "",
    contact: report.contact,
    startedAt: report.startedAt,
    interval: roundInterval(run.spec.probing, checks.length),
  });
  const settlement = settle({ ...run.spec.probing, samples, sourceEvidence: life });
  const deciding = settlement.state === "Settled" ? samples.slice(settlement.from, settlement.to + 1) : "";
  return { result, settlement, deciding };
}
