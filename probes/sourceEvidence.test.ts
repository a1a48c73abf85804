import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sourceEvidenceOf, type PodSamples } from "./sourceEvidence.ts";
import { check } from "./testing/checks.ts";

const saying = (samples: readonly string[]) => (of: { path: number }) => samples[of.path] ?? "";
const told = (more: Partial<PodSamples>): PodSamples => ({
  checks: [],
  samplesOf: () => "",
  contact: undefined,
  startedAt: 100_000,
  interval: 1_000,
  ...more,
});

describe("the rounds in which other checks got through", () => {
  const checks = [check(0, { provesSource: true }), check(1, { provesSource: true }), check(2)];

  it.each([
    ["the first answer of another check", ["", "..A", "A"], { from: 2, to: 2 }],
    ["the earliest of several, whatever the answer", ["", ".X", ""], { from: 1, to: 1 }],
    ["from the first answer to the last", ["", "..AAA", ""], { from: 2, to: 4 }],
    ["nothing after the last answer", ["", "AA...", ""], { from: 0, to: 1 }],
    ["one stretch across a round that got nowhere", ["", "AA.A", ""], { from: 0, to: 3 }],
    ["a new stretch after two", ["", "AA..A", ""], { from: 4, to: 4 }],
    ["one stretch across rounds that said nothing", ["", "A-E.EA", ""], { from: 0, to: 5 }],
    ["nothing of a check that is no sign of life", ["", "...", "AAA"], undefined],
    ["nothing of its own", ["AAA", "", ""], undefined],
    ["nothing of a name that did not resolve", ["", "xfn", ""], undefined],
    [
      "nothing of a resolver that failed, which may be a proxy on the pod's own node",
      ["", "FFF", ""],
      undefined,
    ],
    ["one stretch across answers of such a resolver", ["", "NFFN", ""], { from: 0, to: 3 }],
  ])("are %s", (_, samples, expected) => {
    const sourceEvidence = sourceEvidenceOf(
      check(0, { provesSource: true }),
      told({ checks, samplesOf: saying(samples) }),
    );
    expect(sourceEvidence.observed).toEqual(expected);
  });

  it("may come from any other check", () => {
    const sourceEvidence = sourceEvidenceOf(check(2), told({ checks, samplesOf: saying(["..A", ".A", ""]) }));
    expect(sourceEvidence.observed).toEqual({ from: 1, to: 2 });
  });

  it("are one stretch where one check relieves another, even if it gets nowhere then", () => {
    const sourceEvidence = sourceEvidenceOf(
      check(2),
      told({ checks, samplesOf: saying(["AAA...", "...AAA"]) }),
    );
    expect(sourceEvidence.observed).toEqual({ from: 0, to: 5 });
  });

  it("say nothing of the other address family", () => {
    const samplesOf = saying(["AAA", "AAA"]);
    expect(
      sourceEvidenceOf(check(2, { family: "IPv6" }), told({ checks, samplesOf })).observed,
    ).toBeUndefined();
  });
});

describe("the rounds between the contacts of the node", () => {
  const address = "192.0.2.11";

  it.for([
    ["all since the first contact up to the last", 101_500, 110_500, { from: 2, to: 10 }],
    ["those that began at the very contacts", 102_000, 104_000, { from: 2, to: 4 }],
    ["none below zero: the node may come before the first round", 99_000, 101_000, { from: 0, to: 1 }],
    ["none for a single contact between two rounds", 101_500, 101_500, undefined],
    ["none for contacts that ended before the first round", 95_000, 99_000, undefined],
  ] as const)("are %s", ([, first, last, expected]) => {
    expect(sourceEvidenceOf(check(0), told({ contact: { address, first, last } })).contact).toEqual(expected);
  });

  it("follow the pod's own pace", () => {
    const contact = { address, first: 101_000, last: 112_000 };
    expect(sourceEvidenceOf(check(0), told({ contact, interval: 5_000 })).contact).toEqual({
      from: 1,
      to: 2,
    });
  });

  it("begin with all their attempts before the last contact", () => {
    const checks = Array.from({ length: 24 }, (_, path) => check(path));
    const contact = (last: number) =>
      sourceEvidenceOf(check(0), told({ checks, contact: { address, first: 100_000, last } })).contact;
    expect(contact(110_574)).toEqual({ from: 0, to: 9 });
    expect(contact(110_575)).toEqual({ from: 0, to: 10 });
  });

  it("are none in the other address family, none unknown, and none without a clock", () => {
    const contact = { address, first: 100_000, last: 110_000 };
    expect(sourceEvidenceOf(check(0, { family: "IPv6" }), told({ contact })).contact).toBeUndefined();
    expect(sourceEvidenceOf(check(0), told({})).contact).toBeUndefined();
    expect(sourceEvidenceOf(check(0), told({ contact, startedAt: undefined })).contact).toBeUndefined();
  });

  it("all began between the two contacts", () => {
    const time = fc.integer({ min: 90_000, max: 170_000 });
    fc.assert(
      fc.property(time, time, fc.integer({ min: 200, max: 10_000 }), (first, last, interval) => {
        const { contact } = sourceEvidenceOf(check(0), told({ contact: { address, first, last }, interval }));
        fc.pre(contact !== undefined);
        expect(100_000 + contact.from * interval).toBeGreaterThanOrEqual(first);
        expect(100_000 + contact.to * interval).toBeLessThanOrEqual(last);
      }),
    );
  });
});
