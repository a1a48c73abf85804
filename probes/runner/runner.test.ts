import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Check } from "../../crds/proberun/proberun.ts";
import type { NodeContact } from "../nodeContact.ts";
import type { Report } from "../report.ts";
import { isLetter } from "../samples.ts";
import { check, probing } from "../testing/checks.ts";
import { wait } from "../testing/wait.ts";
import { LATEST_START, STAGGER } from "../timing.ts";
import type { AttemptResult } from "./attempt.ts";
import { runRounds } from "./runner.ts";

/** What each check says round by round (the last letter again and again), and after how many milliseconds. */
type Script = Readonly<Record<number, { readonly says: string; readonly after?: number }>>;

const START = Date.UTC(2026, 0, 1);

interface Circumstances {
  readonly more?: Parameters<typeof probing>[0];
  /** Milliseconds after the start; the node reaches the pod once a second from the first to the last. */
  readonly contacts?: { readonly from: number; readonly until: number };
  /** How many milliseconds later than requested each timer fires. */
  readonly lateTimers?: number;
}

function contactAt(
  at: number,
  { from, until }: NonNullable<Circumstances["contacts"]>,
): NodeContact | undefined {
  const past = Math.floor((Math.min(at, until) - from) / 1_000);
  if (past < 0) return undefined;
  return { address: "192.0.2.11", first: START + from, last: START + from + past * 1_000 };
}

function perform(
  checks: readonly Check[],
  script: Script,
  { more = {}, contacts, lateTimers = 0 }: Circumstances = {},
) {
  const starts: number[] = [];
  const firstStarts: number[] = [];
  const published: Report[] = [];
  const asked = new Map<number, number>();
  const attempt = async ({ path }: Check): Promise<AttemptResult> => {
    const round = asked.get(path) ?? 0;
    asked.set(path, round + 1);
    if (path === checks[0]?.path) starts.push(Date.now() - START);
    firstStarts[path] ??= Date.now() - START;
    const { says = "", after = 5 } = script[path] ?? {};
    const letter = says[Math.min(round, says.length - 1)] ?? "";
    await wait(after);
    return toldBy(letter, { latencyMs: round, hint: `round ${round}`, ...answerOf(letter, round) });
  };
  const done = runRounds({
    checks,
    probing: probing(more),
    contact: () => contacts && contactAt(Date.now() - START, contacts),
    attempt,
    now: () => Date.now(),
    wait: async (milliseconds) => wait(Math.max(0, milliseconds) + lateTimers),
    publish: (report) => void published.push(report),
    trace: () => undefined,
  }).then((report) => ({ report, endedAfter: Date.now() - START }));
  return { done, starts, firstStarts, published };
}

const answerOf = (letter: string, received: number) => ({
  ...(/^a$/i.test(letter) && { httpStatus: 200 }),
  ...(letter === "a" && { unfinished: { received } }),
});

const toldBy = (letter: string, more: Omit<AttemptResult, "letter">): AttemptResult => ({
  letter: isLetter(letter) ? letter : "E",
  ...more,
});

async function play(...input: Parameters<typeof perform>) {
  const { done, ...rest } = perform(...input);
  await vi.runAllTimersAsync();
  const { report, endedAfter } = await done;
  return { ...rest, report, endedAfter, samples: report.results.map(({ samples }) => samples) };
}

const one = [check(0)];
const two = [check(0, { provesSource: true }), check(1)];

describe("the rounds of a probe pod", () => {
  beforeEach(() => void vi.useFakeTimers({ now: START }));
  afterEach(() => void vi.useRealTimers());

  it("end as soon as three agree", async () => {
    const { samples, starts, endedAfter } = await play(one, { 0: { says: "A" } });
    expect(samples).toEqual(["AAA"]);
    expect(starts).toEqual([0, 1_000, 2_000]);
    expect(endedAfter).toBe(2_005);
  });

  it.each([1, 2, 10, LATEST_START])(
    "start in each second although timers fire %i ms late",
    async (lateTimers) => {
      const { samples, starts } = await play(one, { 0: { says: "A" } }, { lateTimers });
      expect(samples).toEqual(["AAA"]);
      expect(starts.map((start) => Math.floor(start / 1_000))).toEqual([0, 1, 2]);
    },
  );

  it("are left out if they would start later", async () => {
    const { samples } = await play(one, { 0: { says: "A" } }, { lateTimers: LATEST_START + 1 });
    expect(samples).toEqual(["A-A-A"]);
  });

  it("start the attempts of http together, because they share a process, and the others one by one", async () => {
    const asked = (["icmp", "http", "dns", "http", "tcp"] as const).map((tool, path) =>
      check(path, { tool }),
    );
    const { firstStarts } = await play(asked, {});
    expect(firstStarts).toEqual([0, STAGGER, 2 * STAGGER, STAGGER, 3 * STAGGER]);
  });

  it("go on for a proof of the source until the last check has settled", async () => {
    const { samples, endedAfter } = await play(two, { 0: { says: "A" }, 1: { says: "R" } });
    expect(samples).toEqual(["AAAAA", "RRRRR"]);
    expect(endedAfter).toBe(4_005);
  });

  it("leave out what has settled, but for two proofs of the source", async () => {
    const alive = [0, 1, 2].map((path) => check(path, { provesSource: true }));
    const script = {
      0: { says: "A" },
      1: { says: "A" },
      2: { says: "A" },
      3: { says: "A" },
      4: { says: "R" },
    };
    const { samples } = await play([...alive, check(3), check(4)], script);
    expect(samples).toEqual(["AAAAA", "AAAAA", "AAA", "AAA", "RRRRR"]);
  });

  it("go on for proofs of the source of the family that a check still waits for, since none proves the network of the other family", async () => {
    const checks = [0, 1, 2].map((path) => check(path, { provesSource: true }));
    const families = [check(3, { provesSource: true, family: "IPv6" }), check(4, { family: "IPv6" })];
    const says = { 0: { says: "A" }, 1: { says: "A" }, 2: { says: "A" }, 3: { says: "A" }, 4: { says: "R" } };
    const { samples } = await play([...checks, ...families], says);
    expect(samples).toEqual(["AAA", "AAA", "AAA", "AAAAA", "RRRRR"]);
  });

  it("leave every second one out while the runner is starved", async () => {
    const { samples, starts } = await play(one, { 0: { says: "EEA" } });
    expect(starts).toEqual([0, 2_000, 4_000, 5_000, 6_000]);
    expect(samples).toEqual(["E-E-AAA"]);
  });

  it("are as many as without: those left out do not count", async () => {
    const { samples } = await play(one, { 0: { says: "E." } });
    expect(samples).toEqual([`E-${".".repeat(14)}`]);
  });

  it("are not delayed by attempts that take two seconds, and none begins that is not needed", async () => {
    const { samples, starts, endedAfter } = await play(two, {
      0: { says: "A" },
      1: { says: ".", after: 2_000 },
    });
    expect(samples).toEqual(["AAAAA", "....."]);
    expect(starts).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
    expect(endedAfter).toBe(6_000);
  });

  it("are all there are for a denial without any proof of the source", async () => {
    const { samples, report } = await play(one, { 0: { says: "." } });
    expect(samples).toEqual([".".repeat(15)]);
    expect(report).not.toHaveProperty("contact");
  });

  it.each([
    ["refused at once", 5, 10],
    ["met with silence", 2_000, 11],
  ])(
    "are twice as many between two contacts of the node for a denial that depends on them: %s",
    async (_, after, rounds) => {
      const contacts = { from: -500, until: 60_000 };
      const { samples, report } = await play(one, { 0: { says: "R", after } }, { contacts });
      expect(samples).toEqual(["R".repeat(rounds)]);
      expect(report.contact).toMatchObject({ first: START - 500 });
    },
  );

  it.each([
    [1_500, 12],
    [3_500, 14],
    [9_500, 15],
  ])(
    "count only since the first contact, after %i ms: %i, as far as there are so many",
    async (from, rounds) => {
      const { samples } = await play(one, { 0: { says: "R" } }, { contacts: { from, until: 60_000 } });
      expect(samples).toEqual(["R".repeat(rounds)]);
    },
  );

  it("do not end early where the contacts have stopped", async () => {
    const contacts = { from: 500, until: 3_000 };
    const { samples, report } = await play(one, { 0: { says: "U" } }, { contacts });
    expect(samples).toEqual(["U".repeat(15)]);
    expect(report.contact).toMatchObject({ first: START + 500, last: START + 2_500 });
  });

  it("need no more than five where another check is a proof of the source as well", async () => {
    const contacts = { from: 500, until: 60_000 };
    const { samples } = await play(two, { 0: { says: "A" }, 1: { says: "R" } }, { contacts });
    expect(samples).toEqual(["AAAAA", "RRRRR"]);
  });

  it("count a denial only since the first proof of the source", async () => {
    const { samples } = await play(two, { 0: { says: "...A" }, 1: { says: "." } });
    expect(samples).toEqual(["...AAAAA", "........"]);
  });

  it("do not end early where the proof of the source has stopped", async () => {
    const { samples } = await play(two, { 0: { says: "AAA." }, 1: { says: "R" } });
    expect(samples).toEqual([`AAA${".".repeat(12)}`, "R".repeat(15)]);
  });

  it("end after five between two proofs of the source where these began again", async () => {
    const { samples } = await play(two, { 0: { says: "AA..A" }, 1: { says: "R" } });
    expect(samples).toEqual(["AA..AAAAA", "RRRRRRRRR"]);
  });

  it("end at the limit when nothing settles", async () => {
    const { samples, report } = await play(one, { 0: { says: "A.A.A.A.A.A.A.A.A.A." } });
    expect(samples).toEqual(["A.A.A.A.A.A.A.A"]);
    expect(report.complete).toBe(true);
  });

  it("keep their places in time where some were left out to wait for the end of others", async () => {
    const { samples, starts } = await play(two, { 0: { says: "A" }, 1: { says: "....A....", after: 2_500 } });
    expect(starts.slice(0, 6)).toEqual([0, 1_000, 2_000, 3_000, 4_000, 7_000]);
    expect(samples[1]?.slice(0, 8)).toBe("....A--.");
  });

  it("are stretched where there could be too many processes", async () => {
    const many = Array.from({ length: 24 }, (_, path) => check(path));
    const script = Object.fromEntries(many.map(({ path }) => [path, { says: "A" }]));
    const { starts } = await play(many, script, { more: { interval: "200ms", timeout: "10s" } });
    expect(starts).toEqual([0, 5_000, 10_000]);
  });
});

describe("what is published", () => {
  beforeEach(() => void vi.useFakeTimers({ now: START }));
  afterEach(() => void vi.useRealTimers());

  it("grows with every round, and is complete only at the end", async () => {
    const { published, report } = await play(one, { 0: { says: "A", after: 1_500 } });
    const told = published.map(({ complete, results }) => [complete, results[0]?.samples]);
    expect(told).toEqual([
      [false, "E"],
      [false, "EE"],
      [false, "AEE"],
      [true, "AAA"],
    ]);
    expect(published.at(-1)).toEqual(report);
    expect(report).toMatchObject({ startedAt: START, writtenAt: START + 3_500 });
  });

  it("holds the latency of the last round that got through, and the last words", async () => {
    const { report } = await play(one, { 0: { says: "AA.AA..............." } }, { more: { maxRounds: 10 } });
    expect(report.results).toEqual([
      { path: 0, samples: "AA.AA.....", latencyMs: 4, httpStatus: 200, hint: "round 9" },
    ]);
  });

  it.each([
    ["aAAA", undefined],
    ["AAaaa", { received: 4 }],
  ])("holds the status and the body of the same answer, the last one: %s", async (says, unfinished) => {
    const { report } = await play(one, { 0: { says } });
    expect(report.results[0]?.httpStatus).toBe(200);
    expect(report.results[0]?.unfinished).toEqual(unfinished);
  });

  it("holds the output of the last attempt that had one, also if later attempts failed", async () => {
    const { report } = await play(one, { 0: { says: "RRREEEEEEEEEEEE" } });
    expect(report.results[0]).toMatchObject({ samples: `RRRE${"-E".repeat(11)}`, hint: "round 2" });
  });
});
