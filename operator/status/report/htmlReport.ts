import { html, raw } from "hono/html";
import { qualifiedName } from "../../../crds/metadata.ts";
import { inTurn } from "../../runtime/turns.ts";
import { evidenceLines } from "./evidence.ts";
import { HTML_STYLE } from "./htmlStyle.ts";
import { EXPECTATION_MARKS, VERDICT_MARKS } from "./marks.ts";
import {
  reportedVerdictSchema,
  type ConnectivityReport,
  type ReportedResult,
  type ReportedTest,
  type ReportedVerdict,
} from "./report.ts";
import {
  anchored,
  reportMatrices,
  worstOfVerdicts,
  type AnchoredTest,
  type MatrixCell,
  type MissingResult,
  type ReportMatrix,
} from "./reportMatrix.ts";

/** What the tag returns: a text whose values are escaped. */
type Html = ReturnType<typeof html>;

/** The page may show itself and nothing else: it loads nothing, and it runs no script, independent of the names of objects. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * Returns a report as one HTML page that needs neither network nor script: for each namespace the matrix of sources and targets, and
 * below it each expectation with its evidence. A cell is a link to the evidence, which browsers unfold by themselves
 * (https://html.spec.whatwg.org/multipage/interaction.html#ancestor-details-revealing-algorithm).
 */
export async function htmlReport(report: ConnectivityReport): Promise<string> {
  const pieces = await Array.fromAsync(htmlPieces(report));
  return pieces.join("");
}

/**
 * Returns the same page in pieces: rows of a matrix, and expectations. All of them take several turns of the event loop, because the
 * operator has other work beside this.
 */
export async function* htmlPieces(report: ConnectivityReport): AsyncGenerator<string> {
  const tests = anchored(report);
  const matrices = await reportMatrices(tests);
  for (const piece of pagePieces(report, tests, matrices)) {
    const text = await inTurn(piece);
    yield withVisibleControls(text.toString());
  }
}

/** A part of the page that is not written yet. */
type Piece = () => Html | Promise<string>;

/** Where the inner pieces of a frame are. Values are escaped, so none can contain it. */
const INNER = raw("<!-- inner -->");

/** The pieces of an element whose content is many pieces. */
function* framed(frame: () => Html, inner: Iterable<Piece>): Generator<Piece> {
  let end = "";
  yield async () => {
    const [before = "", after = ""] = (await frame()).toString().split(INNER.toString());
    end = after;
    return before;
  };
  yield* inner;
  yield async () => end;
}

const pagePieces = (
  report: ConnectivityReport,
  tests: readonly AnchoredTest[],
  matrices: readonly ReportMatrix[],
): Iterable<Piece> =>
  framed(
    () =>
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta http-equiv="Content-Security-Policy" content="${PAGE_POLICY}" />
            <title>Connectivity report of ${report.createdAt}</title>
            <style>
              ${raw(HTML_STYLE)}
            </style>
          </head>
          <body>
            <header>
              <h1>Connectivity report</h1>
              <p class="quiet">
                Read at <time datetime="${report.createdAt}">${report.createdAt}</time>. Each verdict is that
                of this time${firstStale(report)}.
              </p>
              ${counts(tests)}
            </header>
            <main>${legend()} ${INNER}</main>
          </body>
        </html>`,
    contentPieces(tests, matrices),
  );

function* contentPieces(tests: readonly AnchoredTest[], matrices: readonly ReportMatrix[]): Generator<Piece> {
  for (const [place, matrix] of matrices.entries()) yield* matrixPieces(matrix, place);
  yield () =>
    html`<h2>Expectations</h2>
      ${tests.length === 0 ? html`<p>There are no tests.</p>` : filterOf()}`;
  for (const test of tests) yield* testPieces(test);
}

/**
 * Each character that shows nothing, or that changes the direction of others, as its code. The owner of a pod has a name that a user of the
 * namespace chooses, and could show another one. The page itself has no such characters.
 */
const withVisibleControls = (page: string) =>
  page.replaceAll(
    /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}]/gu,
    (control) => `[U+${(control.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
  );

function firstStale({ tests }: ConnectivityReport): string {
  const [first] = tests.flatMap(({ run, validUntil }) => (run && validUntil) ?? []).toSorted();
  return first === undefined ? "" : `; the first becomes stale at ${first}`;
}

function counts(tests: readonly AnchoredTest[]): Html {
  const results = tests.flatMap(({ results: own }) => own).map(({ result }) => result.verdict);
  const line = (verdict: ReportedVerdict) =>
    html`<li class="${verdict.toLowerCase()}">
      ${VERDICT_MARKS[verdict].sign} ${verdict}: ${results.filter((each) => each === verdict).length}
    </li>`;
  return html`<ul class="counts" aria-label="Expectations by verdict">
    ${reportedVerdictSchema.options.map(line)}
  </ul>`;
}

const filterOf = (): Html =>
  html`<p>
    <label><input type="checkbox" id="only-open" /> Hide what has passed</label>
  </p>`;

function matrixPieces(matrix: ReportMatrix, place: number): Iterable<Piece> {
  const { namespace, sources, missing } = matrix;
  const title = namespace === "" ? "Tests of the cluster" : `Namespace ${namespace}`;
  return framed(
    () =>
      html`<section>
        <h2 id="matrix-${place}">${title}</h2>
        ${missing.length === 0 ? "" : missingList(missing)} ${INNER}
      </section> `,
    sources.length === 0 ? [] : tablePieces(matrix, place),
  );
}

function missingList(missing: readonly MissingResult[]): Html {
  const line = ({ test, result, anchor }: MissingResult) => {
    const { name, verdict, paths, pathCount } = result;
    const what = pathCount > paths.length ? `${pathCount - paths.length} of ${pathCount} paths` : "no path";
    return html`<li class="mark ${verdict.toLowerCase()}">
      <a href="#${anchor}">${VERDICT_MARKS[verdict].sign} ${test}/${name}: ${verdict}</a>: ${what}
    </li>`;
  };
  return html`<p>Not in the matrix:</p>
    <ul class="missing">
      ${missing.map(line)}
    </ul>`;
}

/** What fits the width of a page of paper: so many columns, of which a long name has one for each 26 characters. */
const PRINTED_COLUMNS = 20;
const COLUMN_LENGTH = 26;

const fitsPaper = (targets: readonly string[]) =>
  targets.reduce((sum, target) => sum + Math.ceil(target.length / COLUMN_LENGTH), 0) <= PRINTED_COLUMNS;

function tablePieces(matrix: ReportMatrix, place: number): Iterable<Piece> {
  const { sources, targets } = matrix;
  const isWide = !fitsPaper(targets);
  return framed(
    () =>
      html`${isWide ? html`<p class="paper">The matrix is too wide for paper. Each path is below.</p>` : ""}
        <div
          class="${isWide ? "matrix wide" : "matrix"}"
          role="region"
          aria-labelledby="matrix-${place}"
          tabindex="0"
        >
          <table>
            <thead>
              <tr>
                <th scope="col">source, target</th>
                ${targets.map((target) => html`<th scope="col"><span>${target}</span></th>`)}
              </tr>
            </thead>
            <tbody>
              ${INNER}
            </tbody>
          </table>
        </div>`,
    sources.map((source) => () => matrixRow(matrix, source)),
  );
}

const matrixRow = ({ targets, cellOf }: ReportMatrix, source: string): Html =>
  html`<tr>
    <th scope="row">${source}</th>
    ${targets.map((target) => matrixCell(cellOf(source, target), source, target))}
  </tr> `;

function legend(): Html {
  const marks = [...Object.values(EXPECTATION_MARKS), ...Object.values(VERDICT_MARKS)];
  return html`<ul class="legend quiet" aria-label="Legend">
    ${marks.map(({ sign, meaning }) => html`<li>${sign} ${meaning}</li>`)}
    <li>An empty cell: the report has no path</li>
  </ul>`;
}

function matrixCell(cell: MatrixCell | undefined, source: string, target: string): Html {
  if (cell === undefined) return html`<td></td>`;
  const { verdict, expected, anchor, count, hasMore } = cell;
  const signs = expected.map((each) => EXPECTATION_MARKS[each]?.sign ?? each).join("");
  const least = hasMore ? "at least " : "";
  const paths = count === 1 && !hasMore ? "" : ` (the worst of ${least}${count} paths)`;
  const label = `${source} to ${target}: expected ${expected.join(" and ")}: ${verdict}${paths}`;
  return html`<td class="${verdict.toLowerCase()}">
    <a href="#${anchor}" aria-label="${label}" title="${label}">${signs} ${VERDICT_MARKS[verdict].sign}</a>
  </td>`;
}

function testPieces({ test, results }: AnchoredTest): Iterable<Piece> {
  const { kind, message } = test;
  const verdict = worstOfVerdicts(
    test.verdict,
    results.map(({ result }) => result.verdict),
  );
  return framed(
    () =>
      html`<section>
        <h3>
          ${kind} ${qualifiedName(test)}:
          <span class="mark ${verdict.toLowerCase()}">${VERDICT_MARKS[verdict].sign} ${verdict}</span>
        </h3>
        <p>${message}</p>
        ${decidingRun(test)} ${history(test)} ${INNER}
      </section> `,
    results.map(
      ({ result, anchor }) =>
        () =>
          evidence(result, anchor),
    ),
  );
}

function decidingRun({ run, validUntil, generation }: ReportedTest): Html {
  if (run === undefined) return html`<p class="quiet">No result that still holds.</p>`;
  const validity = validUntil === undefined ? "" : `, valid until ${validUntil}`;
  return html`<p class="quiet">
    Run ${run.id} of generation ${generation} ended at ${run.finishedAt}${validity}.
  </p>`;
}

function history({ history: runs }: ReportedTest): Html | "" {
  if (runs.length === 0) return "";
  const line = ({ verdict, finishedAt, text }: ReportedTest["history"][number]) =>
    html`<li class="mark">${VERDICT_MARKS[verdict].sign} ${text} at ${finishedAt}</li>`;
  return html`<details>
    <summary>Last runs, the newest first</summary>
    <ul class="history">
      ${runs.map(line)}
    </ul>
  </details>`;
}

function evidence(result: ReportedResult, anchor: string): Html {
  const { name, expected, actual, verdict, reason, since } = result;
  const why = reason === undefined ? "" : ` (${reason})`;
  const times = since === undefined ? "" : html`<p class="quiet">${verdict} since ${since}</p>`;
  return html`<details class="${verdict.toLowerCase()}">
    <summary>
      ${VERDICT_MARKS[verdict].sign} <strong>${name}</strong>: expected ${expected}, actual ${actual}:
      ${verdict}${why}
    </summary>
    <div id="${anchor}">
      ${times}
      <pre>${evidenceLines(result).join("\n")}</pre>
    </div>
  </details> `;
}
