import { describe, expect, it } from "vitest";
import { expectationStatusSchema } from "../../crds/connectivitytest.ts";
import { reasonSchema } from "../../crds/reasons.ts";
import { nextStatus } from "../status/status.ts";
import { denied, DIAGNOSES, reportedStatus, SINCE } from "../testing/diagnoses.ts";
import { connectivityTest, later, probeRun } from "../testing/objects.ts";
import { liveSource, runOf, witnessesOf, type PathSketch, type RunSketch } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

describe("a message reports source, target, port, what was seen, since when, and what to look at next", () => {
  it.each(reasonSchema.options)("%s", (reason) => {
    const { message, path, seen, next, reason: judged, changedAt, at = later(20_000) } = DIAGNOSES[reason]();
    expect(judged).toBe(reason);
    const parts = [
      ...(path ? [path.source, path.target, path.port, SINCE] : []),
      seen,
      ...(next ? [next] : []),
    ];
    expect(parts).not.toContain("");
    for (const part of parts) expect(message).toContain(part);
    expect(changedAt).toBe(path ? undefined : at.toISOString());
  });

  it("has a source, a target and a port for every reason but those of the whole test", () => {
    const ofTest = reasonSchema.options.filter((reason) => DIAGNOSES[reason]().path === undefined);
    expect(ofTest).toEqual([
      "InProgress",
      "Queued",
      "Expired",
      "TooManyPaths",
      "SpecNotReadable",
      "InvalidSchedule",
      "Suspended",
    ]);
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

describe("a denied target that no witness tried", () => {
  const NO_WITNESS = "nothing proves that it was up, and no witness tried it";
  const SETTING = "or ask an administrator to list it in NETVERDICT_WITNESS_ALLOW";
  const GRANT = "If it is a pod of another namespace, select it by to.podSelector with a ProbeGrant";
  const address = {
    kind: "Address",
    backends: [],
    backendCount: 0,
    to: "2001:db8:1111:2222:3333:4444:5555:6666",
  } as const;
  const ofNode = { name: "worker", uid: "", node: "worker", hostNetwork: true };
  const ofPod = { name: "web-0", uid: "uid-web-0", node: "far", hostNetwork: true };

  it.each<readonly [what: string, path: PathSketch, parts: readonly string[], absent: readonly string[]]>([
    [
      "at an address",
      { ...address, check: { address: address.to, port: 65_535 }, from: `Deployment/${"d".repeat(52)}` },
      [NO_WITNESS, "Add an expectation that allows another workload to reach it", SETTING, GRANT],
      [],
    ],
    [
      "that is a name server",
      { ...address, check: { tool: "dns", port: undefined, host: "a.example" } },
      [NO_WITNESS, "Add an expectation that allows another workload to query it", SETTING],
      [GRANT],
    ],
    ["that is a node", { kind: "Node", backends: [ofNode] }, [NO_WITNESS, SETTING], [GRANT]],
    ["on the network of its node", { backends: [ofPod] }, [NO_WITNESS, SETTING], [GRANT]],
    [
      "that is a pod, because witnesses are disabled",
      {},
      ["nothing proves that it was up. Add"],
      [SETTING, GRANT],
    ],
  ])("%s: the message has what permits one", (...[, path, parts, absent]) => {
    const { message } = reportedStatus(runOf({ paths: [{ ...denied, ...path }, liveSource] }));
    for (const part of parts) expect(message).toContain(part);
    for (const part of absent) expect(message).not.toContain(part);
    expect(message).toMatch(new RegExp(`${SINCE}$`));
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
