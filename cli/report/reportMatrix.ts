import {
  resultsOf,
  type ConnectivityReport,
  type ReportedResult,
  type ReportedTest,
  type ReportedVerdict,
} from "./report.ts";

/** The paths from a source to a target, of all expectations about them. */
export interface MatrixCell {
  /** The worst. */
  readonly verdict: ReportedVerdict;
  /** What the expectations expect: Allowed, Denied, or both at different ports. */
  readonly expected: readonly string[];
  /** The anchor of the worst result. */
  readonly anchor: string;
  readonly count: number;
}

/** The sources and targets of the tests of one namespace; "" has the ClusterConnectivityTests. */
export interface ReportMatrix {
  readonly namespace: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly cellOf: (source: string, target: string) => MatrixCell | undefined;
}

/** A test with the anchors of its results, which are unique in the report. */
export interface AnchoredTest {
  readonly test: ReportedTest;
  readonly results: readonly { readonly result: ReportedResult; readonly anchor: string }[];
}

export const anchored = ({ tests }: ConnectivityReport): AnchoredTest[] =>
  tests.map((test, place) => ({
    test,
    results: resultsOf(test).map((result, index) => ({ result, anchor: `test-${place}-${index}` })),
  }));

/** From the best to the worst. */
const BY_SEVERITY: readonly ReportedVerdict[] = ["Passed", "Pending", "Inconclusive", "Failed"];

/** Returns a matrix for each namespace with a path. A result without a path has no cell. */
export function reportMatrices(tests: readonly AnchoredTest[]): ReportMatrix[] {
  const byNumberedNamespace = Map.groupBy(tests, ({ test }) => test.namespace);
  return [...byNumberedNamespace]
    .map(([namespace, own]) => matrixOf(namespace, own))
    .filter(({ sources }) => sources.length > 0);
}

/** web-2 before web-10. */
const byNumberedName = new Intl.Collator("en", { numeric: true }).compare;

interface TriedPair extends Pick<MatrixCell, "verdict" | "anchor"> {
  readonly from: string;
  readonly to: string;
  readonly expected: string;
}

function matrixOf(namespace: string, tests: readonly AnchoredTest[]): ReportMatrix {
  const tried = tests
    .flatMap(({ results }) => results)
    .flatMap(({ result, anchor }) => triedIn(result, anchor));
  const cells = new Map([...Map.groupBy(tried, keyOfCell)].map(([key, paths]) => [key, cellFrom(paths)]));
  return {
    namespace,
    sources: [...new Set(tried.map(({ from }) => from))].toSorted(byNumberedName),
    targets: [...new Set(tried.map(({ to }) => to))].toSorted(byNumberedName),
    cellOf: (from, to) => cells.get(keyOfCell({ from, to })),
  };
}

const triedIn = ({ expected, paths }: ReportedResult, anchor: string): TriedPair[] =>
  paths.map(({ from, to, verdict }) => ({ from, to, verdict, expected, anchor }));

const keyOfCell = ({ from, to }: Pick<TriedPair, "from" | "to">) => JSON.stringify([from, to]);

function cellFrom(paths: readonly TriedPair[]): MatrixCell | undefined {
  const severity = ({ verdict }: TriedPair) => BY_SEVERITY.indexOf(verdict);
  const [worst] = paths.toSorted((one, other) => severity(other) - severity(one));
  if (worst === undefined) return undefined;
  const { verdict, anchor } = worst;
  const expected = [...new Set(paths.map((path) => path.expected))].toSorted();
  return { verdict, anchor, expected, count: paths.length };
}
