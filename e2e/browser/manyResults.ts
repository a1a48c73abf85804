import {
  createReport,
  type ConnectivityReport,
  type ReportedResult,
  type ReportedTest,
} from "../../operator/status/report/report.ts";

/** How large a report is. An expectation has eight targets, and a test 128 expectations. */
export interface ReportSize {
  readonly sources: number;
  readonly targets: number;
}

const PATHS = 8;
const EXPECTATIONS = 128;
const TIME = "2026-11-30T12:00:00Z";

const VERDICTS = ["Passed", "Passed", "Passed", "Passed", "Passed", "Failed", "Inconclusive"] as const;
const REASONS = { Passed: "AsExpected", Failed: "Open", Inconclusive: "TargetNotProven" } as const;

/** A report about each source and each target, with results of each verdict. */
export function manyResults({ sources, targets }: ReportSize): ConnectivityReport {
  const blocks = Math.ceil(targets / PATHS);
  const results = Array.from({ length: sources * blocks }, (_, index) =>
    resultOf(Math.floor(index / blocks), index % blocks, targets),
  );
  const tests = Array.from({ length: Math.ceil(results.length / EXPECTATIONS) }, (_, index) =>
    testWith(index, results.slice(index * EXPECTATIONS, (index + 1) * EXPECTATIONS)),
  );
  return createReport(new Date(TIME), tests);
}

function resultOf(source: number, block: number, targets: number): ReportedResult {
  const verdict = VERDICTS[(source * 5 + block * 3) % VERDICTS.length] ?? "Passed";
  const expected = (source + block) % 2 === 0 ? "Denied" : "Allowed";
  const opposite = expected === "Denied" ? "Allowed" : "Denied";
  const actual = { Passed: expected, Failed: opposite, Inconclusive: "Unknown" }[verdict];
  const reason = REASONS[verdict];
  const count = Math.min(PATHS, targets - block * PATHS);
  const paths = Array.from({ length: count }, (_, place) => ({
    from: `Deployment/source-${source}`,
    to: `Service/target-${block * PATHS + place}`,
    address: `10.96.${block}.${place}:3306`,
    verdict,
    reason,
    actual,
    samples: actual === "Allowed" ? "CCC" : ".....",
    node: "node1",
    command: `curl telnet://10.96.${block}.${place}:3306`,
    proof: { target: "Witness", source: "Observed", link: "SameNode" },
  }));
  const message = `${count} of ${count} paths are ${actual}`;
  return {
    name: `source-${source}-block-${block}`,
    expected,
    actual,
    verdict,
    reason,
    message,
    since: TIME,
    pathCount: count,
    paths,
  };
}

const testWith = (index: number, expectations: ReportedResult[]): ReportedTest => ({
  kind: "ConnectivityTest",
  namespace: "shop",
  name: `matrix-${index}`,
  generation: 1,
  verdict: "Failed",
  message: "source-1-block-0: expected Allowed, was Denied (Open)",
  run: { id: "k3f9qbcd", trigger: "Request", startedAt: TIME, finishedAt: TIME },
  history: VERDICTS.map((verdict, place) => ({
    id: `run-${place}`,
    verdict,
    finishedAt: TIME,
    text: `${place}/7`,
  })),
  expectations,
});
