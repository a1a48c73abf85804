import { describe, expect, it } from "vitest";
import { expectationStatusSchema } from "../../crds/connectivitytest.ts";
import { reasonSchema } from "../../crds/reasons.ts";
import { nextStatus } from "../controller/status.ts";
import { denied, DIAGNOSES, reportedStatus, SINCE } from "../testing/diagnoses.ts";
import { connectivityTest, later, probeRun } from "../testing/objects.ts";
import { liveSource, runOf, witnessesOf, type RunSketch } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

describe("a message reports source, target, port, what was seen, since when, and what to look at next", () => {
  it.each(reasonSchema.options)("%s", (reason) => {
    const { message, path, seen, next, reason: judged, changedAt } = DIAGNOSES[reason]();
    expect(judged).toBe(reason);
    const parts = [
      ...(path ? [path.source, path.target, path.port, SINCE] : []),
      seen,
      ...(next ? [next] : []),
    ];
    expect(parts).not.toContain("");
    for (const part of parts) expect(message).toContain(part);
    expect(changedAt).toBe(path ? undefined : later(20_000).toISOString());
  });

  it("has a source, a target and a port for every reason but those of the whole test", () => {
    const ofTest = reasonSchema.options.filter((reason) => DIAGNOSES[reason]().path === undefined);
    expect(ofTest).toEqual(["InProgress", "TooManyPaths", "SpecNotReadable", "InvalidSchedule", "Suspended"]);
  });

  it("has what comes next for every reason but the one that is well", () => {
    const silent = reasonSchema.options.filter((reason) => DIAGNOSES[reason]().next === undefined);
    expect(silent).toEqual(["AsExpected"]);
  });

  const longest = {
    from: `Deployment/${"d".repeat(52)}`,
    to: `Service/${"s".repeat(63)}`,
    expect: "Denied",
  } as const;
  const words = "w".repeat(512);

  it.each<{ what: string; run: RunSketch; witness?: RunSketch; next: string }>([
    {
      what: "a probe that did not run",
      run: { paths: [longest], pods: { "probe-orders": { phase: "NotRun", message: words } } },
      next: "Check the events of the test's namespace",
    },
    {
      what: "a witness that did not run",
      run: { paths: [{ ...longest, ...denied }, liveSource] },
      witness: { paths: [{}], pods: { "witness-far": { phase: "NotRun", message: words } } },
      next: "Check the events of the namespace netverdict-witness",
    },
  ])("loses neither since when nor what comes next to long words: $what", ({ run, witness, next }) => {
    const { message } = reportedStatus(runOf(run), witness && witnessesOf(witness));
    expect(message).toContain("wwwwwwww");
    expect(message).toContain(next);
    expect(message).toMatch(new RegExp(`${SINCE}$`));
    expect(expectationStatusSchema.shape.message.safeParse(message).success).toBe(true);
  });
});

const test = connectivityTest();

it("since when is the end of the run that brought the verdict, not of the last one", () => {
  const failed = judge(runOf({ paths: [{ ...denied, samples: "CCC" }] }));
  const ended = (id: string, at: number) => ({
    run: probeRun({ id }),
    verdicts: failed,
    startedAt: later(at),
    finishedAt: later(at + 20_000),
  });
  const first = nextStatus({ test, ended: ended("one", 0), now: later(30_000) });
  const again = connectivityTest({ status: first });
  const second = nextStatus({ test: again, ended: ended("two", 3_600_000), now: later(3_630_000) });
  expect(second.run?.finishedAt).toBe(later(3_620_000).toISOString());
  expect(second.expectations?.[0]?.message).toBe(first.expectations?.[0]?.message);
  expect(second.expectations?.[0]?.message).toMatch(/; Failed since 2026-11-21 12:00 UTC$/);
});
