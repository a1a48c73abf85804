import { qualifiedName } from "../../crds/metadata.ts";
import {
  resultsOf,
  type ConnectivityReport,
  type ReportedTest,
} from "../../operator/status/report/report.ts";
import { resultRows, ROW_TITLES } from "./resultRows.ts";

/**
 * Markdown with tables (https://github.github.com/gfm/): for each test expected against actual, and a sentence for each expectation that
 * did not pass. All texts are plain text: none of them can end a cell or a line, or be read as markup or HTML.
 */
export const markdownReport = ({ tests }: ConnectivityReport): string => tests.map(section).join("\n\n");

function section(test: ReportedTest): string {
  const results = resultsOf(test);
  const sentences = results
    .filter(({ verdict }) => verdict !== "Passed")
    .map(({ name, verdict, message }) => `- **${markdownText(name)}**: ${verdict}: ${markdownText(message)}`);
  return [
    `## ${markdownText(`${test.kind} ${qualifiedName(test)}`)}: ${test.verdict}`,
    "",
    markdownText(`${test.verdict}: ${test.message}`),
    "",
    tableRow(ROW_TITLES.map((title) => title.toLowerCase())),
    tableRow(ROW_TITLES.map(() => "---")),
    ...results.flatMap(resultRows).map((cells) => tableRow(cells.map(markdownText))),
    ...(sentences.length > 0 ? ["", ...sentences] : []),
  ].join("\n");
}

const tableRow = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "|": "&#124;",
  "@": "&#64;",
};

/** A text as Markdown that shows it in one line. `@` is written as an entity, because it would notify a user of that name. */
export function markdownText(text: string): string {
  return text
    .replaceAll(/\s+|\p{Cc}+/gu, " ")
    .replaceAll(/[\\`*_[\]~#$]/g, String.raw`\$&`)
    .replaceAll(/[&<>|@]/g, (character) => ENTITIES[character] ?? "");
}
