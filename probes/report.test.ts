import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES, type Result } from "../crds/proberun/proberun.ts";
import { encodeReport, MAX_REPORT, parseReport } from "./report.ts";
import { check } from "./testing/checks.ts";

const checks = [check(3, { tool: "tcp" }), check(7)];
const results = [
  { path: 3, samples: "CCC", latencyMs: 0.8 },
  {
    path: 7,
    samples: "aaa",
    latencyMs: 12.5,
    httpStatus: 503,
    unfinished: { received: 600, promised: 100_000 },
    address: "2001:db8::1",
    answeredIn: { domain: "svc.cluster.local", muslEnds: "SERVFAIL in shop.svc.cluster.local" },
    hint: "words",
  },
];
const contact = { address: "192.0.2.11", first: 1_763_700_001_000, last: 1_763_700_012_000 };
const report = { startedAt: 1_763_700_000_000, complete: true, contact, results };
const wire = {
  t: report.startedAt,
  c: true,
  n: { a: contact.address, f: contact.first, l: contact.last },
  r: [
    { p: 3, s: "CCC" },
    { p: 7, s: "AAA" },
  ],
};

const WORD = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 64,
});
const BYTES = fc.integer({ min: 0, max: MAX_BODY_BYTES });
const RESULT = fc.record(
  {
    samples: fc.string({ unit: fc.constantFrom(..."Aac.RUExfn".split("")), maxLength: 60 }),
    latencyMs: fc.integer({ min: 0, max: 6_000_000 }).map((tenths) => tenths / 10),
    httpStatus: fc.integer({ min: 0, max: 999 }),
    answeredIn: fc.record({ domain: WORD, muslEnds: WORD }, { requiredKeys: ["domain"] }),
    unfinished: fc.record({ received: BYTES, promised: BYTES }, { requiredKeys: ["received"] }),
    address: fc.oneof(
      fc.ipV4(),
      fc.ipV6().filter((address) => address.length <= 45),
    ),
    hint: WORD,
  },
  { requiredKeys: ["samples"] },
);

describe("a report as a termination message", () => {
  it.each([
    ["with the contacts of the node", report],
    ["without any", { startedAt: 1, complete: true, results }],
    ["with the time when it was written", { ...report, writtenAt: report.startedAt + 12_345 }],
  ])("comes back %s", (_, told) => {
    expect(parseReport(encodeReport(told), checks)).toEqual({ ok: true, report: told });
  });

  it("comes back as it went, a few checks at a time", () => {
    fc.assert(
      fc.property(fc.array(RESULT, { maxLength: 12 }), fc.boolean(), (drawn, complete) => {
        const numbered = drawn.map((result, path): Result => ({ path, ...result }));
        const planned = numbered.map(({ path }) => check(path));
        const message = encodeReport({ startedAt: 1, complete, results: numbered });
        const parsed = parseReport(message, planned);
        expect(parsed).toEqual({ ok: true, report: { startedAt: 1, complete, results: numbered } });
      }),
    );
  });

  it("fits for the largest pod, with everything but the hints and the bytes of unfinished answers", () => {
    const largest = Array.from({ length: 24 }, (_, index) => ({
      path: 255 - index,
      samples: "A".repeat(60),
      latencyMs: 599_999.94,
      httpStatus: 503,
      unfinished: { received: MAX_BODY_BYTES, promised: MAX_BODY_BYTES },
      answeredIn: { domain: "d".repeat(64), muslEnds: "m".repeat(64) },
      address: "0000:0000:0000:0000:0000:ffff:255.255.255.255",
      hint: String.raw`"\ `.repeat(21),
    }));
    const longest = "0000:0000:0000:0000:0000:ffff:255.255.255.255";
    const message = encodeReport({
      ...report,
      writtenAt: report.startedAt + 60_000,
      contact: { ...contact, address: longest },
      results: largest,
    });
    const parsed = parseReport(
      message,
      largest.map(({ path }) => check(path)),
    );
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_REPORT);
    const [first] = parsed.ok ? parsed.report.results : [];
    expect(first).toEqual({
      ...largest[0],
      latencyMs: 599_999.9,
      unfinished: undefined,
      answeredIn: undefined,
      hint: undefined,
    });
  });

  it("cuts all hints to the same length before it drops them", () => {
    const some = Array.from({ length: 24 }, (_, path) => ({
      path,
      samples: "R".repeat(60),
      hint: "h".repeat(64),
    }));
    const parsed = parseReport(
      encodeReport({ ...report, results: some }),
      some.map(({ path }) => check(path)),
    );
    const hints = parsed.ok ? new Set(parsed.report.results.map(({ hint }) => hint?.length)) : new Set();
    expect([...hints]).toEqual([64]);
    const more = some.map((result) => ({
      ...result,
      address: "0000:0000:0000:0000:0000:ffff:255.255.255.255",
    }));
    const cut = parseReport(
      encodeReport({ ...report, results: more }),
      some.map(({ path }) => check(path)),
    );
    const lengths = cut.ok ? new Set(cut.report.results.map(({ hint }) => hint?.length)) : new Set();
    expect([...lengths]).toEqual([32]);
  });
});

describe("a message from a hostile container", () => {
  it.each([
    ["nothing", "", "it is empty"],
    ["blanks", "   ", "it is empty"],
    ["a flood", JSON.stringify({ ...wire, x: "x".repeat(MAX_REPORT) }), "it is longer than 4096 bytes"],
    ["no JSON", "panic: boom", "it is not JSON"],
    ["another document", "[]", "it is not a report"],
    ["an unknown field", JSON.stringify({ ...wire, x: 1 }), "it is not a report"],
    ["a number beyond all bounds", JSON.stringify(wire).replace('"s":"CCC"', '"s":"CCC","l":1e999'), "r.0.l"],
    ["bytes that are no number", JSON.stringify({ ...wire, r: [{ p: 3, s: "A", b: ["600"] }] }), "r.0.b"],
    ["a negative latency", JSON.stringify({ ...wire, r: [{ p: 3, s: "C", l: -1 }] }), "r.0.l"],
    ["a time that RFC 3339 cannot write", JSON.stringify({ ...wire, t: Date.UTC(10_000, 0, 1) }), "at t"],
    ["a contact from a name", JSON.stringify({ ...wire, n: { ...wire.n, a: "node-1" } }), "n.a"],
    ["a contact without an end", JSON.stringify({ ...wire, n: { a: contact.address, f: 1 } }), "n.l"],
    ["letters of no alphabet", JSON.stringify({ ...wire, r: [{ p: 3, s: "<b>" }] }), "r.0.s"],
    [
      "an address that is none",
      JSON.stringify({ ...wire, r: [{ p: 3, s: "C", a: "evil.example" }] }),
      "r.0.a",
    ],
    [
      "a path that was not planned",
      JSON.stringify({ ...wire, r: [...wire.r, { p: 9, s: "" }] }),
      "path 9 was not",
    ],
    ["a path that is missing", JSON.stringify({ ...wire, r: [{ p: 3, s: "CCC" }] }), "path 7 is missing"],
    ["a path twice", JSON.stringify({ ...wire, r: [...wire.r, { p: 3, s: "." }] }), "reported twice"],
    [
      "letters of another tool",
      JSON.stringify({
        ...wire,
        r: [
          { p: 3, s: "AAA" },
          { p: 7, s: "A" },
        ],
      }),
      "path 3 has",
    ],
  ])("%s is refused", (_, message, problem) => {
    const parsed = parseReport(message, checks);
    expect(parsed).toMatchObject({ ok: false });
    expect(parsed.ok || parsed.problem).toContain(problem);
  });

  it("loses control characters from its hints", () => {
    const message = JSON.stringify({
      ...wire,
      r: [
        { p: 3, s: "R", w: "\u001b[31mred\n\u0000x" },
        { p: 7, s: "A" },
      ],
    });
    expect(parseReport(message, checks)).toMatchObject({
      ok: true,
      report: { results: [{ hint: "[31mred x" }, {}] },
    });
  });

  it("never throws, for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (message) => {
        expect(parseReport(message, checks).ok).toBe(false);
      }),
    );
  });
});
