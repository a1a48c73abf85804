import { html, raw } from "hono/html";
import { qualifiedName } from "../../crds/metadata.ts";
import { evidenceLines } from "./evidence.ts";
import {
  reportedVerdictSchema,
  type ConnectivityReport,
  type ReportedResult,
  type ReportedTest,
  type ReportedVerdict,
} from "./report.ts";
import { EXPECTATION_MARKS, VERDICT_MARKS } from "./marks.ts";
import {
  anchored,
  reportMatrices,
  type AnchoredTest,
  type MatrixCell,
  type ReportMatrix,
} from "./reportMatrix.ts";
import { HTML_STYLE } from "./htmlStyle.ts";

/** What the tag returns: a text whose values are escaped. */
type Html = ReturnType<typeof html>;

/** The page may show itself and nothing else: it loads nothing, and it runs no script, independent of the names of objects. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * Returns a report as one HTML page that needs neither network nor script: for each namespace the matrix of sources and targets, and
 * below it each expectation with its evidence. A cell is a link to the evidence, which browsers unfold by themselves
 * (https://html.spec.whatwg.org/multipage/interaction.html#ancestor-details-revealing-algorithm).
 */
export async function htmlReport(report: ConnectivityReport): Promise<string> {
  const tests = anchored(report);
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>Connectivity report of ${report.createdAt}</title>
        <style>
          ${raw(HTML_STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>Connectivity report</h1>
          <p class="quiet">Read at <time datetime="${report.createdAt}">${report.createdAt}</time></p>
          ${counts(tests)}
        </header>
        <main>
          ${legend()} ${reportMatrices(tests).map(matrixSection)}
          <h2>Expectations</h2>
          ${tests.length === 0 ? html`<p>There are no tests.</p>` : filterOf()} ${tests.map(testSection)}
        </main>
      </body>
    </html>`;
  return page.toString();
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

function matrixSection({ namespace, sources, targets, cellOf }: ReportMatrix, place: number): Html {
  const title = namespace === "" ? "Tests of the cluster" : `Namespace ${namespace}`;
  const row = (source: string) =>
    html`<tr>
      <th scope="row">${source}</th>
      ${targets.map((target) => matrixCell(cellOf(source, target), source, target))}
    </tr> `;
  return html`<section>
    <h2 id="matrix-${place}">${title}</h2>
    <div class="matrix" role="region" aria-labelledby="matrix-${place}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">source, target</th>
            ${targets.map((target) => html`<th scope="col"><span>${target}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${sources.map(row)}
        </tbody>
      </table>
    </div>
  </section> `;
}

function legend(): Html {
  const marks = [...Object.values(EXPECTATION_MARKS), ...Object.values(VERDICT_MARKS)];
  return html`<ul class="legend quiet" aria-label="Legend">
    ${marks.map(({ sign, meaning }) => html`<li>${sign} ${meaning}</li>`)}
  </ul>`;
}

function matrixCell(cell: MatrixCell | undefined, source: string, target: string): Html {
  if (cell === undefined) return html`<td></td>`;
  const { verdict, expected, anchor, count } = cell;
  const signs = expected.map((each) => EXPECTATION_MARKS[each]?.sign ?? each).join("");
  const paths = count === 1 ? "" : ` (the worst of ${count} paths)`;
  const label = `${source} to ${target}: expected ${expected.join(" and ")}: ${verdict}${paths}`;
  return html`<td class="${verdict.toLowerCase()}">
    <a href="#${anchor}" aria-label="${label}" title="${label}">${signs} ${VERDICT_MARKS[verdict].sign}</a>
  </td>`;
}

function testSection({ test, results }: AnchoredTest): Html {
  const { kind, verdict, message } = test;
  return html`<section>
    <h3>
      ${kind} ${qualifiedName(test)}:
      <span class="mark ${verdict.toLowerCase()}">${VERDICT_MARKS[verdict].sign} ${verdict}</span>
    </h3>
    <p>${message}</p>
    ${decidingRun(test)} ${history(test)} ${results.map(({ result, anchor }) => evidence(result, anchor))}
  </section> `;
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
    html`<li class="mark ${verdict.toLowerCase()}" title="${finishedAt}">
      ${VERDICT_MARKS[verdict].sign} ${text}
    </li>`;
  return html`<ul class="history" aria-label="The last runs, the newest first">
    ${runs.map(line)}
  </ul>`;
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
