import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { EXIT_CODES } from "../../cli/judgement.ts";
import { markdownTable } from "../../crds/generator/markdownTable.ts";
import { EXIT_CASES } from "./exitCodes.ts";

const PAGE = join(import.meta.dirname, "../../docs/cli.md");
const BEGIN = "<!-- Written by `npm run unit -- e2e/scenarios/exitCodes --update`. Do not edit. -->";
const END = "<!-- The end of the table. -->";

const rows = Object.values(EXIT_CASES).map(({ code, command, when, says }) => [
  String(code),
  `\`netverdict ${command}\``,
  when,
  `\`${says.trim()}\``,
]);

it("docs/cli.md has the table of exit codes that a test gets from the real program, and --update writes it", async () => {
  const [before = "", rest = ""] = readFileSync(PAGE, "utf8").split(BEGIN);
  const [, after = ""] = rest.split(END);
  const table = markdownTable(["code", "command", "when", "it prints"], rows);
  await expect(`${before}${[BEGIN, table, END].join("\n\n")}${after}`).toMatchFileSnapshot(PAGE);
});

it("the table has each exit code of the program", () => {
  const codes = Object.values(EXIT_CASES).map(({ code }) => code);
  expect([...new Set<number>(codes)]).toEqual(Object.values(EXIT_CODES));
});
