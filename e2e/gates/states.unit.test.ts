import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { askingGates } from "./askingGates.ts";
import { ARGOCD_HEALTH, gates } from "./gates.ts";
import { controllerRows, controllers, situationOutcome, stateOutcome } from "./outcome.ts";
import { PIPELINE_FILES, pipelineFile } from "./pipelines.ts";
import { situations } from "./situations.ts";
import { gateStates } from "./states.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/gates.md"), "utf8");

/** The rows of the table below a heading, the first with the titles of the columns. */
function tableBelow(heading: string): readonly (readonly string[])[] {
  const [, below = ""] = page.split(`${heading}\n`);
  const [section = ""] = below.split("\n#");
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  const rows = lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((text) => text.trim()),
  );
  return rows.filter((_, index) => index !== 1);
}

/** What the gate said, from a cell of the table: `**Successful**: 200 is enough for it`. */
const wordIn = (text = "") => text.replaceAll("*", "").replace(/: .*/, "");

describe("the table of states in docs/gates.md, which npm run test:gates writes", () => {
  const [head = [], ...rows] = tableBelow("## What a gate makes of each state");
  const states = gateStates(new Date());

  it("has a row for each state, and a column for each gate", () => {
    expect(head.slice(2)).toEqual(gates.map(({ title }) => title));
    expect(rows.map((row) => row.slice(0, 2))).toEqual(
      states.map(({ title, decision }) => [title, decision]),
    );
  });

  it("has the right decision of each gate in each state, except where a gate without a clock needs one", () => {
    for (const [row, state] of states.entries()) {
      const outcomes = gates.map((gate, column) =>
        stateOutcome(state, { gate, word: wordIn(rows[row]?.[column + 2]) }),
      );
      expect(outcomes).toEqual(rows[row]?.slice(2).map((text) => ({ text, isRight: true })));
    }
  });
});

describe("the table of gates that ask with a token", () => {
  const [head = [], ...rows] = tableBelow("### Gates that ask with a token");

  it("has a row for each situation, and a column for each gate", () => {
    expect(head.slice(2)).toEqual(askingGates.map(({ title }) => title));
    const expected = situations.map(({ title, decision }) => [title, decision]);
    expect(rows.map((row) => row.slice(0, 2))).toEqual(expected);
  });

  it("has the right decision of each gate in each situation, except in a trap for every gate", () => {
    for (const [row, situation] of situations.entries()) {
      const outcomes = askingGates.map((gate, column) =>
        situationOutcome(situation, { gate, word: wordIn(rows[row]?.[column + 2]) }),
      );
      expect(outcomes).toEqual(rows[row]?.slice(2).map((text) => ({ text, isRight: true })));
    }
  });
});

describe("the table of gates on the test cluster", () => {
  const [head = [], ...rows] = tableBelow("### Gates on the test cluster");

  it("has a row for each test of a controller, and all of them have passed", () => {
    const sourceOf = (file: string) => readFileSync(join(import.meta.dirname, file), "utf8");
    const tests = controllers.map(({ file }) => {
      const own = sourceOf(file).matchAll(/^it\("([^"]+)"/gm);
      const shared = sourceOf("gateRows.ts").matchAll(/^ {2}it\("([^"]+)"/gm);
      const all = sourceOf(file).includes("itGates(") ? [...own, ...shared] : [...own];
      return all.map(([, title = ""]) => title);
    });
    const testResults = controllers.map(({ file, describe: ancestor }, index) => ({
      name: `/checkout/e2e/gates/${file}`,
      assertionResults: (tests[index] ?? []).map((title) => ({
        title,
        status: "passed",
        ancestorTitles: ancestor === undefined ? [] : [ancestor],
      })),
    }));
    expect(head).toEqual(["what happens", ...controllers.map(({ title }) => title)]);
    expect(rows).toEqual(controllerRows({ testResults }));
  });

  it("says which tests have failed, and has no cell for a controller without such a test", () => {
    const assertionResults = [
      { title: "a", status: "passed" },
      { title: "b", status: "failed" },
      { title: "c", status: "passed", ancestorTitles: ["of a describe"] },
    ];
    const testResults = [{ name: "/checkout/e2e/gates/argoRollouts.test.ts", assertionResults }];
    const others = controllers.slice(1).map(() => "");
    expect(controllerRows({ testResults })).toEqual([
      ["a", "yes", ...others],
      ["b", "**no**", ...others],
    ]);
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

it.each(PIPELINE_FILES)("the page shows manifests/gates/%s as it is", (name) => {
  expect(page).toContain(`\`\`\`yaml\n${pipelineFile(name)}\`\`\`\n`);
});
