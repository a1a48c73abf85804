import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { markdownTable } from "../../crds/generator/markdownTable.ts";
import type { Attacks } from "./attack.ts";
import { ENTERED_ATTACKS } from "./enteredAttacks.ts";
import { GATE_ATTACKS } from "./gateAttacks.ts";
import { OPERATOR_ACCOUNT_ATTACKS } from "./operatorAccountAttacks.ts";
import { PROBE_POD_ATTACKS } from "./probePodAttacks.ts";
import { SPEC_ATTACKS } from "./specAttacks.ts";
import { EDITOR_ATTACKS, OWNER_ATTACKS } from "./tenantAttacks.ts";
import { WITNESS_ATTACKS } from "./witnessAttacks.ts";

const PAGE = join(import.meta.dirname, "../../docs/security.md");
const BEGIN = "<!-- The tables are written by `npm run unit -- e2e/attacks/page --update`. Do not edit. -->";
const END = "<!-- The end of the tables. -->";

/** Every table of this folder, by the name that its test file uses. */
const TABLES: Readonly<Record<string, Attacks>> = {
  PROBE_POD_ATTACKS,
  ENTERED_ATTACKS,
  EDITOR_ATTACKS,
  OWNER_ATTACKS,
  SPEC_ATTACKS,
  WITNESS_ATTACKS,
  GATE_ATTACKS,
  OPERATOR_ACCOUNT_ATTACKS,
};

const HEAD = ["attempt", "stopped by", "result"];
const sections = Object.values(TABLES).map(({ who, test, rows }) => {
  const cells = Object.values(rows).map(({ attempt, by, result }) => [attempt, by, result]);
  return `**${who}** ([test](../e2e/attacks/${test})):\n\n${markdownTable(HEAD, cells)}`;
});

it("docs/security.md has the tables of the attempts, and --update writes them", async () => {
  const page = readFileSync(PAGE, "utf8");
  const [before = "", rest = ""] = page.split(BEGIN);
  const [, after = ""] = rest.split(END);
  const parts = [BEGIN, ...sections, END].join("\n\n");
  await expect(`${before}${parts}${after}`).toMatchFileSnapshot(PAGE);
});

it("there are more than thirty attempts, and no user makes one twice", () => {
  const attempts = Object.values(TABLES).flatMap(({ who, rows }) =>
    Object.values(rows).map(({ attempt }) => `${who}: ${attempt}`),
  );
  expect(attempts.length).toBeGreaterThan(30);
  expect(new Set(attempts).size).toBe(attempts.length);
});

it.each(Object.entries(TABLES))("its test file carries out each attempt of %s", (name, { test }) => {
  const text = readFileSync(join(import.meta.dirname, test), "utf8");
  expect(text).toMatch(new RegExp(String.raw`^ *itStops\(${name}, `, "m"));
});
