import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Words that readers do not need to learn, each with its replacement. docs/design.md defines the words of our own. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [
    /(?<!-)\b(nobody|somebody|anybody|everybody)\b(?!-)/i,
    "the actor: a pod, a user, the operator, the kubelet",
  ],
  [/\b(whoever|whomever|whatever|whichever)\b/i, "the actor, or: any, independent of"],
  [/\bought\b/i, "expected to, must"],
  [/\b(tells?|told)\b/i, "reports, says, states"],
  [/\bvouch(es|ed|ing)?\b/i, "proves"],
  [/\btelltales?\b/i, "policy difference"],
  [/\bpremises?\b/i, "dependency"],
  [/\btestimon(y|ies)\b/i, "witness result"],
  [/\b(first|second|third|last) looks?\b/i, "first run, follow-up run"],
  [/\b(looks?|looked|looking) (back|again|twice)\b/i, "recheck of the targets, follow-up run"],
  [/\b(home|branch) runs?\b/i, "parent run, child run"],
  [/\b(at home|abroad)\b/i, "in the parent's namespace, in other namespaces"],
  [/\bsigns? of life\b/i, "proof of the source"],
  [/\bwires?\b/, "link"],
  [/\bimitat(es?|ed|ing|ion)\b/i, "reproduce, twin"],
  [/\b(unheard|unasked|untold|hearsay)\b/i, "rejected, without a result"],
  [/\bfare[sd]?\b/i, "result, state"],
  [/\bfor ever\b/i, "permanently, always"],
  [/\bfor want of\b/i, "for lack of"],
  [/\bin (its|his|their) (stead|place)\b/i, "instead"],
  [/\bmid-run\b/i, "during the run"],
  [/\brests? (up)?on\b/i, "depends on"],
  [/\bstands? (for|in|there|behind|beside|before)\b/i, "is, represents"],
  [/\b(comes?|came) (about|by|to stand|to nothing)\b/i, "is established, connects, has no result"],
  [/\b(goes|go|went) by\b/i, "uses, depends on"],
  [/\bhas the last word\b/i, "decides"],
  [/\bby lot\b/i, "by chance"],
  [/\bbefalls?\b/i, "affects"],
  [/\bsave for\b/i, "except"],
  [/\bunder way\b/i, "in progress"],
  [/\banew\b/i, "again"],
];

interface Line {
  readonly number: number;
  readonly text: string;
}

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The text with names of the API, identifiers and addresses blanked, so that lines keep their numbers. */
function prose(text: string): string {
  const blank = (match: string) => match.replaceAll(/[^\n]/g, " ");
  return text
    .replaceAll(/^```.*?^```/gms, blank)
    .replaceAll(/`[^`\n]+`/g, blank)
    .replaceAll(/\]\([^)\n]*\)/g, blank)
    .replaceAll(/https?:\/\/\S+/g, blank)
    .replaceAll(/\b(?:spec|status)(?:\.[\w[\]]+)+/g, blank);
}

const linesOf = (text: string): Line[] =>
  text.split("\n").map((line, index) => ({ number: index + 1, text: line }));

const COMMENT = /^\s*(?:\/\*\*|\*|\/\/)(.*)$|\s\/\/ (.*)$/;

/** The comments of a source file. */
function commentsOf(source: string): Line[] {
  return linesOf(source).flatMap(({ number, text }) => {
    const [, whole, trailing] = COMMENT.exec(text) ?? [];
    const comment = whole ?? trailing;
    return comment === undefined ? [] : [{ number, text: prose(comment) }];
  });
}

/** The texts in quotes of a source file, without what is put into them. */
function literalsOf(source: string): Line[] {
  const code = linesOf(source)
    .map(({ text }) => text.replace(COMMENT, ""))
    .join("\n");
  const literals = [...code.matchAll(/"(?:[^"\\\n]|\\.)*"/g), ...code.matchAll(/`(?:[^`\\]|\\.)*`/g)];
  return literals
    .filter(({ 0: text }) => !text.startsWith('"./') && !text.startsWith('"../'))
    .map(({ 0: text, index }) => ({
      number: code.slice(0, index).split("\n").length,
      text: prose(text.slice(1, -1)).replaceAll(/\$\{[^{}]*\}/g, " "),
    }));
}

const TITLE =
  /(?:\b(?:it|describe|test|itReports)(?:\.\w+)?\(|\)\()\s*("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)/g;

/** The titles of the tests of a file, and of their groups. Titles that come from a table are not read. */
function titlesOf(source: string): Line[] {
  return Array.from(source.matchAll(TITLE), ({ 0: call, 1: title = "", index }) => ({
    number: source.slice(0, index + call.length - title.length).split("\n").length,
    text: prose(title.slice(1, -1)),
  }));
}

/** `file:line: "word"; write: replacement` for each banned word. */
function findings(file: string, lines: readonly Line[]): string[] {
  return lines.flatMap(({ number, text }) =>
    BANNED.flatMap(([word, instead]) => {
      const [found] = word.exec(text) ?? [];
      return found === undefined ? [] : [`${file}:${number}: "${found}"; write: ${instead}`];
    }),
  );
}

describe("the documents use standard terms", () => {
  const pages = globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md", "e2e/**/*.md", "findings/*.md"], {
    cwd: ROOT,
    exclude: (name) => name === "node_modules",
  });

  it("in more than twenty pages", () => {
    expect(pages.length).toBeGreaterThan(20);
  });

  it.each(pages)("%s", (page) => {
    expect(findings(page, linesOf(prose(read(page))))).toEqual([]);
  });
});

describe("comments, messages and descriptions use standard terms", () => {
  const sources = globSync("{crds,probes,operator,cli,e2e}/**/*.ts", { cwd: ROOT }).filter(
    (file) => !file.endsWith(".test.ts"),
  );

  it("in more than a hundred files", () => {
    expect(sources.length).toBeGreaterThan(100);
  });

  it.each(sources)("%s", (file) => {
    const source = read(file);
    expect(findings(file, [...commentsOf(source), ...literalsOf(source)])).toEqual([]);
  });
});

describe("the titles of tests use standard terms", () => {
  const tests = globSync("{crds,probes,operator,cli,e2e}/**/*.test.ts", { cwd: ROOT }).filter(
    (file) => !import.meta.filename.endsWith(file),
  );

  it("in more than two hundred files, which have more than fifteen hundred titles", () => {
    expect(tests.length).toBeGreaterThan(200);
    expect(tests.flatMap((file) => titlesOf(read(file))).length).toBeGreaterThan(1_500);
  });

  it.each(tests)("%s", (file) => {
    expect(findings(file, titlesOf(read(file)))).toEqual([]);
  });
});

describe("the check itself", () => {
  it("finds a word in a comment, in a text and in a template, and none in code or in backticks", () => {
    const source = [
      "/** Nobody answers. */",
      "const told = see(premises); // whoever",
      "const message = `${told} ought to`;",
      'const other = "a wire";',
      "// `spec.premises`",
    ].join("\n");
    const words = findings("a.ts", [...commentsOf(source), ...literalsOf(source)]);
    expect(words.map((finding) => finding.split(";")[0])).toEqual([
      'a.ts:1: "Nobody"',
      'a.ts:2: "whoever"',
      'a.ts:4: "wire"',
      'a.ts:3: "ought"',
    ]);
  });

  it("finds a word in a title, in one of a table too, and none in the test", () => {
    const source = [
      'it("tells", () => ask("nobody"));',
      'it.each(["wire"])(',
      '  "is told: %s",',
      "  () => {},",
      ");",
      "describe(`for ever`, () => {});",
    ].join("\n");
    const words = findings("a.test.ts", titlesOf(source));
    expect(words.map((finding) => finding.split(";")[0])).toEqual([
      'a.test.ts:1: "tells"',
      'a.test.ts:3: "told"',
      'a.test.ts:6: "for ever"',
    ]);
  });

  it("finds a word in a document, and none in its code, links and examples", () => {
    const page = ["It tells.", "`told` [how](the-wire.md)", "```", "nobody", "```", "for ever"].join("\n");
    expect(findings("a.md", linesOf(prose(page)))).toEqual([
      'a.md:1: "tells"; write: reports, says, states',
      'a.md:6: "for ever"; write: permanently, always',
    ]);
  });
});
