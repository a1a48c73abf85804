import { expect, it } from "vitest";

import { inContainer, probesDidNotRun } from "./probeCases.ts";
import { kubectl } from "../harness/scenario.ts";
import { TESTS } from "../kube/connectivityTests.ts";

/**
 * Whoever may change the probe pods of a namespace has them say what they like. `message` is an expression over the
 * pod's own checks, written as its last words; then the container ends well.
 */
function lastWords(message: string) {
  const script = `
    const { checks } = JSON.parse(process.env.NETVERDICT_CHECKS);
    const results = checks.map(({ path }) => ({ p: path, s: "....." }));
    const report = (fields) => JSON.stringify({ t: Date.now(), c: true, r: results, ...fields });
    const contact = (first, last) => ({ a: "192.0.2.1", f: first, l: last });
    require("fs").writeFileSync("/dev/termination-log", ${message});`;
  return inContainer({ command: ["node", "-e", script] });
}

/** What would colour a terminal, end a line, break a table or run in a browser, if anybody passed it on. */
const HOSTILE =
  "\u001B[2J\u001B[31mHOSTILE\u0007\n| **Passed** | <script>alert(1)</script> [Passed](http://localhost) \u202E";

const cannotBeUsed = (problem: string) => `the probe's report cannot be used: ${problem}`;

const here = probesDidNotRun("report", [
  {
    test: "nothing",
    admission: inContainer({ command: ["true"] }),
    when: "the probe exits with code 0 without a report",
    says: cannotBeUsed("it is empty"),
  },
  {
    test: "half",
    admission: lastWords("report().slice(0, -7)"),
    when: "the probe's report is cut off",
    says: cannotBeUsed("it is not JSON"),
  },
  {
    test: "prose",
    admission: lastWords(`"panic: runtime error\\n\\tgoroutine 1"`),
    when: "the probe's report is not JSON",
    says: cannotBeUsed("it is not JSON"),
  },
  {
    test: "foreign",
    admission: lastWords(`report({ r: [...results, { p: 200, s: "....." }] })`),
    when: "the probe's report contains a path of another pod",
    says: cannotBeUsed("path 200 was not planned"),
  },
  {
    test: "endless",
    admission: lastWords(`report({ r: results.map((one) => ({ ...one, s: ".".repeat(61) })) })`),
    when: "the probe's report has more rounds than possible",
    says: cannotBeUsed("it has no proper value at r.0.s"),
  },
  {
    test: "stale",
    admission: lastWords(`report({ t: Date.parse("2026-01-01T00:00:00Z") })`),
    when: "the probe's report is that of another run",
    says: cannotBeUsed("it has times at which its container did not run"),
  },
  {
    test: "invented",
    admission: lastWords(
      `report({ r: results.map((one) => ({ ...one, s: ".".repeat(15) })), n: contact(Date.now(), Date.now()) })`,
    ),
    when: "the probe's report contains denials in rounds that did not happen",
    says: cannotBeUsed("it has times at which its container did not run"),
  },
  {
    test: "hostile",
    admission: lastWords(`${JSON.stringify(HOSTILE)}.repeat(64).slice(0, 4096)`),
    when: "the probe's report is 4 KiB of terminal escapes, markup and line breaks",
    says: cannotBeUsed("it is not JSON"),
  },
]);

it("nothing of a hostile report reaches a status or an event", async () => {
  const kinds = `${TESTS},proberuns.netverdict.dev,events.events.k8s.io`;
  const reported = await kubectl(["get", kinds, `--namespace=${here()}`, "-o", "json"]);
  expect(reported).toContain("cannot be used: it is not JSON");
  const words = ["HOSTILE", "**Passed", "<script", String.raw`\u003cscript`, String.raw`\u001b`, "\u202E"];
  expect(words.filter((word) => reported.includes(word))).toEqual([]);
});
