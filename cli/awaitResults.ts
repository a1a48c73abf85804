import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { keyOf } from "../crds/metadata.ts";
import type { Clock } from "../operator/runtime/clock.ts";
import { judgeGoal, type Judgement } from "../operator/status/judgement.ts";
import { mayRecover } from "./clusterError.ts";
import { EXIT_CODES, exitCodeOf, type ExitCode } from "./judgement.ts";
import { isOverwritten } from "./requestRun.ts";

/** Between two reads of the tests: the status of a test may have 256 KiB, so many tests are read less often. */
const readIntervalMs = (tests: number) => Math.min(Math.max(1_000, tests * 20), 10_000);
/** How long the operator has for reading a token before a token that another one has replaced counts as lost. */
const UNREAD_MS = 5_000;
/** How long the API server may be away during a wait. */
const MAX_OUTAGE_MS = 30_000;

/** A test with its judgement. */
export interface JudgedTest {
  /** As it was last seen. */
  readonly test: ConnectivityTest;
  readonly judgement: Judgement;
}

export interface WaitOptions {
  /** The tests as they were when the wait began. */
  readonly tests: readonly ConnectivityTest[];
  /** The token that was written to all tests; if omitted: wait for a verdict of the current spec. */
  readonly token?: string;
  readonly timeoutMs: number;
  readonly read: () => Promise<readonly ConnectivityTest[]>;
  /** Writes the token again. */
  readonly request: (test: ConnectivityTest) => Promise<void>;
  /** Called after each read. */
  readonly report: (judged: readonly JudgedTest[]) => void;
  readonly clock: Clock;
  readonly now: () => Date;
}

/**
 * Waits until each test has a result, or one of them failed, and returns the exit code. An API server that does not respond
 * for 30 s, and each error that no later request can heal, is thrown.
 */
export async function awaitResults(options: WaitOptions): Promise<ExitCode> {
  const { timeoutMs, report, clock } = options;
  const deadline = clock.now() + timeoutMs;
  const written = new Map(options.tests.map(({ metadata }) => [keyOf(metadata), clock.now()]));
  const readPatiently = patientReader(options);
  let judged: readonly JudgedTest[] = options.tests.map((test) => ({ test, judgement: UNREAD }));
  for (;;) {
    const seen = await readPatiently();
    if (seen) {
      judged = judged.map((before) => judgedAgain(before, seen, options));
      report(judged);
      const code = exitCodeOf(judged.map(({ judgement }) => judgement));
      if (code !== undefined) return code;
      await renewRequests(judged, written, options);
    }
    if (clock.now() >= deadline) return EXIT_CODES.TimedOut;
    await clock.sleep(Math.min(readIntervalMs(judged.length), deadline - clock.now()));
  }
}

const UNREAD: Judgement = { state: "Waiting", message: "it has not been read again yet" };

type SeenTests = ReadonlyMap<string, ConnectivityTest>;

/** The result of a token is final, and the status keeps only the last 16. A verdict without a token must still hold at the end. */
function judgedAgain(before: JudgedTest, seen: SeenTests, { token, now }: WaitOptions): JudgedTest {
  if (token !== undefined && before.judgement.state !== "Waiting") return before;
  const { uid, ...name } = before.test.metadata;
  const test = seen.get(keyOf(name));
  const judgement = judgeGoal(test, { uid, ...(token !== undefined && { token }) }, now());
  return { test: test?.metadata.uid === uid ? test : before.test, judgement };
}

/** Reads the tests; returns undefined while the API server does not respond, and throws when that has lasted too long. */
function patientReader({ read, clock }: WaitOptions): () => Promise<SeenTests | undefined> {
  let failingSince: number | undefined;
  return async () => {
    try {
      const tests = await read();
      failingSince = undefined;
      return new Map(tests.map((test) => [keyOf(test.metadata), test]));
    } catch (error) {
      failingSince ??= clock.now();
      if (!mayRecover(error) || clock.now() - failingSince >= MAX_OUTAGE_MS) throw error;
      return undefined;
    }
  };
}

/** Another gate may replace a token before the operator has read it, for example while no operator is running. */
async function renewRequests(
  judged: readonly JudgedTest[],
  written: Map<string, number>,
  { token, request, clock }: WaitOptions,
): Promise<void> {
  if (token === undefined) return;
  const lost = judged.filter(
    ({ test, judgement }) =>
      judgement.state === "Waiting" &&
      isOverwritten(test, token) &&
      clock.now() - (written.get(keyOf(test.metadata)) ?? 0) >= UNREAD_MS,
  );
  for (const { test } of lost) {
    written.set(keyOf(test.metadata), clock.now());
    try {
      await request(test);
    } catch (error) {
      if (!mayRecover(error)) throw error;
    }
  }
}
