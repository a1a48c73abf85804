import * as fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import { report, reported, result } from "../testing/reports.ts";
import { htmlReport } from "./htmlReport.ts";

/** The elements of a page, and its text. The page is written so that a strict parser of XML reads it, apart from its first line. */
function parsePage(page: string) {
  const elements: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[] = [];
  let text = "";
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => void elements.push({ name, attributes }));
  parser.on("text", (part) => {
    text += part;
  });
  parser.write(page.replace("<!doctype html>", "").trimStart()).close();
  return { elements, text };
}

const [samplePath] = result().paths;

/** A report about so many sources and targets. */
function grid(sources: number, targets: number) {
  const numbers = (length: number) => Array.from({ length }, (_, index) => index);
  const pairs = (source: number) =>
    numbers(targets).map((target) => ({ from: `Pod/${source}`, to: `Service/${target}` }));
  const expectations = numbers(sources).map((source) =>
    result({
      name: `source-${source}`,
      paths: pairs(source).flatMap((pair) => (samplePath ? [{ ...samplePath, ...pair }] : [])),
    }),
  );
  return report(reported({ expectations }));
}

const ids = ({ elements }: ReturnType<typeof parsePage>) =>
  elements.flatMap(({ attributes }) => attributes["id"] ?? []);

describe("htmlReport", () => {
  it("loads nothing and runs no script", async () => {
    const { elements } = parsePage(await htmlReport(grid(3, 9)));
    const loading = ["script", "link", "img", "iframe", "object", "embed", "base", "form"];
    expect(elements.filter(({ name }) => loading.includes(name))).toEqual([]);
    const policy = elements.find(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy");
    expect(policy?.attributes["content"]).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/);
  });

  it("has each cell link to evidence that exists, under ids that are unique", async () => {
    const page = parsePage(await htmlReport(grid(5, 20)));
    const links = page.elements.flatMap(({ attributes }) => attributes["href"]?.slice(1) ?? []);
    expect(links).toHaveLength(100);
    expect(links.filter((link) => !ids(page).includes(link))).toEqual([]);
    expect(new Set(ids(page)).size).toBe(ids(page).length);
  });

  it("names source, target, expectation and verdict of a cell in words", async () => {
    const { elements } = parsePage(await htmlReport(report(reported())));
    expect(
      elements.flatMap(({ name, attributes }) => (name === "a" ? attributes["aria-label"] : [])),
    ).toEqual(["Deployment/orders to Service/mysql: expected Denied: Passed"]);
  });

  it("has the evidence of each expectation, also of one without a path", async () => {
    const vague = result({
      name: "vague",
      verdict: "Inconclusive",
      reason: "SourceNotFound",
      message: "no pod matches",
      paths: [],
      pathCount: 0,
    });
    const { text } = parsePage(await htmlReport(report(reported({ expectations: [result(), vague] }))));
    expect(text).toContain("proof of the target Witness, of the source NodeContact, of the link SameNode");
    expect(text).toContain("no pod matches");
  });

  it("says so if there are no tests", async () => {
    expect(parsePage(await htmlReport(report())).text).toContain("There are no tests.");
  });

  it("shows any text as it is, and never as markup", async () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom("<script>alert(1)</script>", "</pre><img src=x>", "a\" href='b", "&lt;", "]]>", "${1}"),
    );
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (name, message) => {
        const plain = parsePage(await htmlReport(report(reported({ expectations: [result()] }))));
        const test = reported({ message, expectations: [result({ name, message })] });
        const page = parsePage(await htmlReport(report(test)));
        expect(page.elements.map((element) => element.name)).toEqual(
          plain.elements.map((element) => element.name),
        );
        expect(page.text).toContain(name);
      }),
    );
  });
});
