import { mapInTurns } from "../../runtime/turns.ts";
import {
  resultsOf,
  type ConnectivityReport,
  type ReportedResult,
  type ReportedTest,
  type ReportedVerdict,
} from "./report.ts";

/** The paths from a source to a target, of all expectations about them. */
export interface MatrixCell {
  /** The worst, of the paths and of what is wrong with their expectations beside a path. */
  readonly verdict: ReportedVerdict;
  /** What the expectations expect: Allowed, Denied, or both at different ports. */
  readonly expected: readonly string[];
  /** The anchor of the worst result. */
  readonly anchor: string;
  /** The number of these paths in the report. */
  readonly count: number;
  /** Whether one of the expectations has more paths than the report, so that there may be more. */
  readonly hasMore: boolean;
}

/** An expectation with paths that no cell has, or without a path. */
export interface MissingResult {
  readonly test: string;
  readonly result: ReportedResult;
  readonly anchor: string;
}

/** The sources and targets of the tests of one namespace; "" has the ClusterConnectivityTests. */
export interface ReportMatrix {
  readonly namespace: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly cellOf: (source: string, target: string) => MatrixCell | undefined;
  /** The worst first. */
  readonly missing: readonly MissingResult[];
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

/**
 * Returns a matrix for each namespace. A result without a path has no cell, and of a result with many paths only the worst have. Thousands
 * of results take several turns of the event loop.
 */
export async function reportMatrices(tests: readonly AnchoredTest[]): Promise<ReportMatrix[]> {
  const matrices: ReportMatrix[] = [];
  for (const [namespace, own] of Map.groupBy(tests, ({ test }) => test.namespace))
    matrices.push(await matrixOf(namespace, own));
  return matrices;
}

/** Returns the worst of a verdict and others. */
export const worstOfVerdicts = (first: ReportedVerdict, others: readonly ReportedVerdict[]) =>
  others.reduce((worst, other) => (severityOf(other) > severityOf(worst) ? other : worst), first);

const severityOf = (verdict: ReportedVerdict) => BY_SEVERITY.indexOf(verdict);

/** web-2 before web-10. */
const byNumberedName = new Intl.Collator("en", { numeric: true }).compare;

interface TriedPair extends Pick<MatrixCell, "verdict" | "anchor"> {
  readonly from: string;
  readonly to: string;
  readonly expected: string;
  readonly hasMore: boolean;
}

async function matrixOf(namespace: string, tests: readonly AnchoredTest[]): Promise<ReportMatrix> {
  const cells = new Map<string, MatrixCell>();
  const sources = new Set<string>();
  const targets = new Set<string>();
  function add(pair: TriedPair) {
    sources.add(pair.from);
    targets.add(pair.to);
    const key = keyOfCell(pair);
    cells.set(key, cellWith(cells.get(key), pair));
  }
  await mapInTurns(
    tests.flatMap(({ results }) => results),
    ({ result, anchor }) => triedIn(result, anchor).forEach(add),
  );
  return {
    namespace,
    sources: [...sources].toSorted(byNumberedName),
    targets: [...targets].toSorted(byNumberedName),
    cellOf: (from, to) => cells.get(keyOfCell({ from, to })),
    missing: tests.flatMap(missingOf).toSorted(bySeverityOfResult),
  };
}

const missingOf = ({ test, results }: AnchoredTest): MissingResult[] =>
  results
    .filter(({ result }) => result.paths.length === 0 || hasHiddenPaths(result))
    .map((one) => ({ test: test.name, ...one }));

const hasHiddenPaths = ({ paths, pathCount }: ReportedResult) => pathCount > paths.length;

const bySeverityOfResult = ({ result: one }: MissingResult, { result: other }: MissingResult) =>
  severityOf(other.verdict) - severityOf(one.verdict);

/**
 * The report says of a source or a pod that was not tested only that it decided, and not whose it is. So it counts for each path of its
 * expectation.
 */
function triedIn(result: ReportedResult, anchor: string): TriedPair[] {
  const { expected, paths, verdict: whole, reason: decisive } = result;
  const isOfPath = paths.some(({ verdict, reason }) => verdict === whole && reason === decisive);
  const beside = isOfPath ? [] : [whole];
  const hasMore = hasHiddenPaths(result);
  return paths.map(({ from, to, verdict }) => {
    const worst = worstOfVerdicts(verdict, beside);
    return { from, to, verdict: worst, expected, anchor, hasMore };
  });
}

const keyOfCell = ({ from, to }: Pick<TriedPair, "from" | "to">) => JSON.stringify([from, to]);

/** The first of the worst paths decides. */
function cellWith(
  cell: MatrixCell | undefined,
  { verdict, anchor, expected, hasMore }: TriedPair,
): MatrixCell {
  if (cell === undefined) return { verdict, anchor, expected: [expected], count: 1, hasMore };
  const isWorse = severityOf(verdict) > severityOf(cell.verdict);
  return {
    ...(isWorse ? { verdict, anchor } : { verdict: cell.verdict, anchor: cell.anchor }),
    expected: cell.expected.includes(expected) ? cell.expected : [...cell.expected, expected].toSorted(),
    count: cell.count + 1,
    hasMore: cell.hasMore || hasMore,
  };
}
