import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ARGOCD_HEALTH, gates } from "./gates.ts";
import { gateStates } from "./states.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/gates.md"), "utf8");
const [, section = ""] = page.split("## What a gate makes of each state\n");
const table = section.split("\n").filter((line) => line.startsWith("| "));
const cellsOf = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((text) => text.trim());
const [head = [], , ...rows] = table.map(cellsOf);

describe("the table in docs/gates.md, which npm run test:gates writes", () => {
  it("has a row for each state, and a column for each gate", () => {
    expect(head.slice(2)).toEqual(gates.map(({ title }) => title));
    const states = gateStates(new Date()).map(({ title, decision }) => [title, decision]);
    expect(rows.map((row) => row.slice(0, 2))).toEqual(states);
  });

  it("has the right decision of each gate in each state, except where a gate without a clock needs one", () => {
    for (const { title, decision, needsClock } of gateStates(new Date())) {
      const [, , ...words] = rows.find(([first]) => first === title) ?? [];
      const wrong = gates.filter(({ decisions }, index) => decisions[words[index] ?? ""] !== decision);
      expect(wrong.every(({ hasClock }) => needsClock && !hasClock)).toBe(true);
    }
  });
});

it("the page shows the health script for Argo CD as it is", () => {
  const script = readFileSync(ARGOCD_HEALTH, "utf8");
  const indented = script
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : `    ${line}`));
  expect(page).toContain(indented.join("\n"));
});
