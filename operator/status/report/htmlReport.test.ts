import { setImmediate as nextTurn } from "node:timers/promises";
import * as fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import { report, reported, result } from "../../testing/reports.ts";
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

  it("says what the matrix has not, with a link to it, also for a namespace without any path", async () => {
    const pending = result({ name: "later", verdict: "Pending", paths: [], pathCount: 0 });
    const many = result({ name: "many", pathCount: 9 });
    const page = parsePage(
      await htmlReport(
        report(reported({ expectations: [many] }), reported({ namespace: "young", expectations: [pending] })),
      ),
    );
    const text = page.text.replaceAll(/\s+/g, " ");
    expect(text).toContain("Namespace shop Not in the matrix: ✓ orders/many: Passed: 8 of 9 paths");
    expect(text).toContain("Namespace young Not in the matrix: … orders/later: Pending: no path");
    expect(page.elements.some(({ attributes }) => attributes["href"] === "#test-1-0")).toBe(true);
    expect(page.elements.flatMap(({ attributes }) => attributes["aria-label"] ?? [])).toContain(
      "Deployment/orders to Service/mysql: expected Denied: Passed (the worst of at least 1 paths)",
    );
  });

  it("has a test with Passed in its heading only if each of its expectations has passed", async () => {
    const unreadable = reported({ expectations: [] });
    const { elements } = parsePage(await htmlReport(report(unreadable)));
    const headings = elements.flatMap(({ attributes }) =>
      attributes["class"]?.startsWith("mark ") === true ? [attributes["class"]] : [],
    );
    expect(headings).toContain("mark inconclusive");
    expect(headings).not.toContain("mark passed");
  });

  it("shows past runs without the colour of a verdict, with the time, as a verdict that is over", async () => {
    const history = [
      { id: "k3f9q", verdict: "Passed" as const, finishedAt: "2026-11-29T12:00:00Z", text: "1/1" },
    ];
    const stale = result({ verdict: "Inconclusive", paths: [], pathCount: 0 });
    const expired = reported({ verdict: "Inconclusive", history, expectations: [stale] });
    const { elements, text } = parsePage(await htmlReport(report(expired)));
    expect(text.replaceAll(/\s+/g, " ")).toContain(
      "Last runs, the newest first ✓ 1/1 at 2026-11-29T12:00:00Z",
    );
    const green = elements.filter(({ attributes }) => / ?passed$/.test(attributes["class"] ?? ""));
    expect(green.map(({ name }) => name)).toEqual(["li"]); // the number of those that have passed
  });

  it("says until when the verdicts hold, because the page is read later", async () => {
    const first = reported({ validUntil: "2026-11-30T13:00:00Z" });
    const { text } = parsePage(
      await htmlReport(report(reported({ validUntil: "2026-12-01T00:00:00Z" }), first)),
    );
    expect(text).toContain("the first becomes stale at 2026-11-30T13:00:00Z");
  });

  it("shows a character that would reorder a name as its code", async () => {
    const paths = samplePath ? [{ ...samplePath, from: "Deployment/\u202Elive\u200B" }] : [];
    const page = await htmlReport(report(reported({ expectations: [result({ paths })] })));
    expect(page).toContain("Deployment/[U+202E]live[U+200B]");
    expect(page).not.toMatch(/\p{Cf}/u);
  });

  it("leaves other work its turn while a large page is written", async () => {
    let turns = 0;
    const written = new AbortController();
    const others = (async () => {
      for (; !written.signal.aborted; turns += 1) await nextTurn();
    })();
    await htmlReport(grid(100, 100));
    written.abort();
    await others;
    expect(turns).toBeGreaterThan(2);
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
