import { setTimeout as sleep } from "node:timers/promises";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ExpectationStatus } from "../../crds/teststatus.ts";
import { expectSchema } from "../../crds/vocabulary.ts";
import { readTest, requestRun } from "../kube/connectivityTests.ts";
import { messageOf } from "../process/failure.ts";
import { until } from "../process/until.ts";
import { type Opinion, opinionOf } from "./oracle.ts";
import { connectionOf, DNS, dnsOf, TARGETS, expectationTo, testOf } from "./scene.ts";
import type { Soaking } from "./soaking.ts";

/** What the soak test has made of one expectation of one run. */
export interface Judged {
  readonly opinion: Opinion;
  /** The reason of a verdict that is none. */
  readonly reason: string;
  /** All that is known of it, for a verdict that is wrong. */
  readonly text: string;
}

/** The results of one test. */
export interface Requested {
  readonly runs: number;
  readonly judged: readonly Judged[];
  /** Tokens that the operator has not answered in time, each with the state of the test. */
  readonly unanswered: readonly string[];
}

/** A run takes 10 s, at most four attempts follow each other, and the API server is away for 40 s. */
const ANSWER_SECONDS = 420;

/** Requests one run of a source's test after another, and judges each by the truth, until the soak test ends. */
export async function requestRuns(soaking: Soaking, source: string): Promise<Requested> {
  const judged: Judged[] = [];
  const unanswered: string[] = [];
  let runs = 0;
  while (!soaking.ended.aborted) {
    const token = `soak-${runs}`;
    try {
      const test = await runOnce(soaking, source, token);
      judged.push(...judge(soaking, source, test));
      runs++;
    } catch (error) {
      unanswered.push(messageOf(error));
      return { runs, judged, unanswered };
    }
    await sleep(1_000, undefined, { signal: soaking.ended }).catch(() => undefined);
  }
  return { runs, judged, unanswered };
}

/** The test after the run of a token. Fails if it is not answered, or if the status is another run's. */
export async function runOnce(
  { kubectl, read, site: { namespace }, stopped }: Soaking,
  source: string,
  token: string,
): Promise<ConnectivityTest> {
  const name = { namespace, name: testOf(source) };
  const limits = { seconds: ANSWER_SECONDS, everyMs: 500, signal: stopped };
  await until(
    `${token} of ${source} is written`,
    async () => requestRun(kubectl, name, token).then(() => true),
    limits,
  );
  const answered = async () => {
    const test = await readTest(read, name);
    return handledIn(test, token) === undefined ? undefined : test;
  };
  const test = await until(`${token} of ${source} is answered`, answered, limits);
  const { run } = test.status;
  if (run === undefined || handledIn(test, token)?.run !== run.id)
    throw new Error(
      `${token} of ${source} was answered by the run ${handledIn(test, token)?.run}, not by ${run?.id}`,
    );
  return test;
}

const handledIn = ({ status }: ConnectivityTest, token: string) =>
  status.handledRequests?.find((request) => request.token === token);

/** Judges every expectation of the last run. Times of a status are cut to whole seconds, so a second more at the end counts. */
export function judge(
  { truth, report }: Pick<Soaking, "truth" | "report">,
  source: string,
  test: ConnectivityTest,
): Judged[] {
  const { run, expectations = [] } = test.status;
  if (run === undefined) return [];
  const [start, end] = [Date.parse(run.startedAt), Date.parse(run.finishedAt) + 1_000];
  return expectations.map((status) => {
    const connection = connectionNamed(source, status.name);
    const states = truth.statesBetween(connection, start, end);
    const { verdict, reason } = status;
    const opinion = opinionOf({ connection, expected: expectSchema.parse(status.expected), verdict }, states);
    const text = `run ${run.id} (${run.startedAt} to ${run.finishedAt}): ${connection}: ${verdict} (${reason}): ${status.message}; states ${[...states].map((isOpen) => (isOpen ? "open" : "closed")).join(", ")}; samples ${samplesOf(status)}`;
    if (opinion === "wrong") report(`WRONG: ${text}`);
    return { opinion, reason, text };
  });
}

const samplesOf = ({ paths }: ExpectationStatus) =>
  paths.map(({ address, samples }) => `${address} ${samples}`).join(", ");

function connectionNamed(source: string, expectation: string): string {
  if (expectation === DNS) return dnsOf(source);
  const target = TARGETS.find((one) => expectationTo(one) === expectation);
  if (target === undefined) throw new Error(`${expectation}: no target has this expectation`);
  return connectionOf(source, target);
}
