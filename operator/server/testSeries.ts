import type { ConnectivityTest, ExpectationStatus } from "../../crds/connectivitytest.ts";
import { reasonSchema } from "../../crds/reasons.ts";
import { testVerdictSchema } from "../../crds/vocabulary.ts";
import { mapInTurns } from "../runtime/turns.ts";

/** A test of either kind; the namespace of a ClusterConnectivityTest is "". */
export interface ObservedTest {
  readonly metadata: Pick<ConnectivityTest["metadata"], "namespace" | "name">;
  readonly status: Pick<ConnectivityTest["status"], "verdict" | "run" | "validUntil"> & {
    readonly expectations?: readonly Pick<ExpectationStatus, "verdict" | "reason">[] | undefined;
  };
}

interface HandWrittenGauge {
  readonly name: string;
  readonly help: string;
}

const VERDICT: HandWrittenGauge = {
  name: "netverdict_test_verdict",
  help: "1 for the verdict that a test has now, 0 for the others; a ClusterConnectivityTest has no namespace",
};
const LAST_RUN: HandWrittenGauge = {
  name: "netverdict_test_last_run_timestamp_seconds",
  help: "When the last run of a test ended",
};
const VALID_UNTIL: HandWrittenGauge = {
  name: "netverdict_test_valid_until_timestamp_seconds",
  help: "When the verdict of a test with a schedule expires, unless a run ends before",
};
const EXPECTATIONS: HandWrittenGauge = {
  name: "netverdict_expectations",
  help: "Expectations of all tests, by the verdict of the last run and its reason",
};

/** The lines of one test. */
interface TestLines {
  readonly verdict: string;
  readonly lastRun: string;
  readonly validUntil: string;
}

/**
 * The series that grow with the number of tests, in the text format, without prom-client, which works for a third of a second
 * in one piece where there are 10,000 tests. They are made of the tests at each scrape, so they disappear with their test. The
 * names of objects need no escaping (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/).
 */
export async function testSeries(tests: Iterable<ObservedTest>): Promise<string> {
  const counts = new Map<string, number>();
  const lines = await mapInTurns([...tests], (test) => {
    for (const labels of expectationLabels(test)) counts.set(labels, (counts.get(labels) ?? 0) + 1);
    return seriesOf(test);
  });
  const expectations = [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([labels, count]) => `${EXPECTATIONS.name}{${labels}} ${count}\n`);
  return [
    gaugeText(
      VERDICT,
      lines.map(({ verdict }) => verdict),
    ),
    gaugeText(
      LAST_RUN,
      lines.map(({ lastRun }) => lastRun),
    ),
    gaugeText(
      VALID_UNTIL,
      lines.map(({ validUntil }) => validUntil),
    ),
    gaugeText(EXPECTATIONS, expectations),
  ].join("");
}

const gaugeText = ({ name, help }: HandWrittenGauge, lines: readonly string[]) =>
  `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;

function seriesOf({ metadata: { namespace, name }, status }: ObservedTest): TestLines {
  const labels = `namespace="${namespace}",name="${name}"`;
  const current = status.verdict ?? "Pending";
  const timeLine = (gauge: HandWrittenGauge, time: string | undefined) =>
    time === undefined ? "" : `${gauge.name}{${labels}} ${Date.parse(time) / 1_000}\n`;
  return {
    verdict: testVerdictSchema.options
      .map((each) => `${VERDICT.name}{${labels},verdict="${each}"} ${each === current ? 1 : 0}\n`)
      .join(""),
    lastRun: timeLine(LAST_RUN, status.run?.finishedAt),
    validUntil: timeLine(VALID_UNTIL, status.validUntil),
  };
}

const REASONS: ReadonlySet<string> = new Set(reasonSchema.options);

/** A reason that another version of the operator has written is `Other`, so that the label has a fixed set of values. */
const expectationLabels = ({ status: { expectations = [] } }: ObservedTest): string[] =>
  expectations.map(
    ({ verdict, reason }) => `verdict="${verdict}",reason="${REASONS.has(reason) ? reason : "Other"}"`,
  );
