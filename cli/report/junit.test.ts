import * as fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import { report, reported, result } from "../../operator/testing/reports.ts";
import { junitReport } from "./junit.ts";

interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Parses a document of XML 1.0. Throws if it is not well-formed. */
function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element: XmlElement = { name, attributes, children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (part) => {
    const element = open.at(-1);
    if (element) element.text += part;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(text).close();
  const [only] = root.children;
  if (!only) throw new Error("there is no element");
  return only;
}

const named = (element: XmlElement, name: string) => element.children.filter((child) => child.name === name);

describe("junitReport", () => {
  it("is a testsuite for each test, and a testcase for each expectation", () => {
    const failed = {
      verdict: "Failed",
      reason: "Open",
      actual: "Allowed",
      message: "1 path is open",
    } as const;
    const vague = { verdict: "Inconclusive", reason: "TargetNotProven", message: "no witness" } as const;
    const first = reported({
      expectations: [result(), result({ name: "b", ...failed }), result({ name: "c", ...vague })],
    });
    const root = parseXml(junitReport(report(first, reported({ namespace: "", name: "wide" }))));
    expect(root.attributes).toEqual({ name: "netverdict", tests: "4", failures: "1", errors: "1" });
    const [orders, wide] = named(root, "testsuite");
    expect(orders?.attributes).toEqual({
      name: "shop/orders",
      tests: "3",
      failures: "1",
      errors: "1",
      skipped: "0",
      time: "19.500",
      timestamp: "2026-11-30T11:59:40",
    });
    expect(wide?.attributes["name"]).toBe("wide");
    const cases = orders ? named(orders, "testcase") : [];
    expect(cases.map(({ attributes }) => attributes)).toEqual([
      { name: "orders-never-touch-mysql", classname: "ConnectivityTest.shop.orders" },
      { name: "b", classname: "ConnectivityTest.shop.orders" },
      { name: "c", classname: "ConnectivityTest.shop.orders" },
    ]);
    expect(
      cases.flatMap(({ children }) => children.map(({ name, attributes }) => ({ name, ...attributes }))),
    ).toEqual([
      { name: "system-out" },
      { name: "failure", message: "Failed: 1 path is open", type: "Open" },
      { name: "error", message: "Inconclusive: no witness", type: "TargetNotProven" },
    ]);
  });

  it("has the evidence as text", () => {
    const [suite] = parseXml(junitReport(report(reported()))).children;
    expect(suite && named(suite, "testcase")[0]?.children[0]?.text).toBe(
      [
        "as seen",
        "Deployment/orders → Service/mysql 10.96.0.7:3306: Denied, NoReply: Passed (AsExpected)",
        "  rounds ......, from node1",
        "  proof of the target Witness, of the source NodeContact, of the link SameNode",
        "  $ curl telnet://10.96.0.7:3306",
      ].join("\n"),
    );
  });

  it("counts a test whose spec cannot be read as an error, and one that is Pending too", () => {
    const unread = reported({ verdict: "Inconclusive", expectations: [] });
    const pending = reported({ expectations: [result({ verdict: "Pending", paths: [], pathCount: 0 })] });
    const root = parseXml(junitReport(report(unread, pending)));
    expect(root.attributes).toMatchObject({ tests: "2", failures: "0", errors: "2" });
  });

  it("is well-formed for any texts, and says what they say", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("]]>", "<x a='1'>&amp;\u0000", "\r\n\t", '"/><failure/>', "\uD800", "\uFFFE\u001B[31m"),
    );
    fc.assert(
      fc.property(hostile, hostile, (name, message) => {
        const failed = result({ name, message, verdict: "Failed", reason: "Open", paths: [], pathCount: 0 });
        const [suite] = parseXml(junitReport(report(reported({ expectations: [failed] })))).children;
        const [testcase] = suite ? named(suite, "testcase") : [];
        expect(testcase?.attributes["name"]).toBe(readable(name));
        expect(testcase?.children).toHaveLength(1);
        expect(testcase?.children[0]?.text).toBe(readable(message));
        expect(testcase?.children[0]?.attributes["message"]).toBe(`Failed: ${readable(message)}`);
      }),
    );
  });
});

/** What XML 1.0 can say, by https://www.w3.org/TR/xml/#charsets. */
const readable = (text: string) =>
  Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const isCharacter =
      [9, 10, 13].includes(code) ||
      (code >= 0x20 && code <= 0xd7ff) ||
      (code >= 0xe000 && code <= 0xfffd) ||
      code >= 0x10000;
    return isCharacter ? character : "\uFFFD";
  }).join("");
