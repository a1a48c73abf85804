import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  CONDITION_MESSAGE_LENGTH,
  MAX_EXPECTATION_MESSAGE,
  MAX_MESSAGE_BEFORE_SINCE,
} from "../crds/teststatus.ts";
import { verdictSchema } from "../crds/vocabulary.ts";
import {
  externalMessage,
  fitBeforeSince,
  fitConditionMessage,
  fitMessage,
  fitQuote,
  fitSentence,
  shorten,
  withSince,
} from "./messageLength.ts";

const text = fc.string({ maxLength: 2_000, size: "max" });
const end = fc.string({ maxLength: 100 });

it("a message of any length fits its field, with its whole end", () => {
  fc.assert(
    fc.property(text, end, (message, last) => {
      for (const [fitted, longest] of [
        [fitMessage(message, last), MAX_EXPECTATION_MESSAGE],
        [fitBeforeSince(message, last), MAX_MESSAGE_BEFORE_SINCE],
      ] as const) {
        expect(fitted.length).toBeLessThanOrEqual(longest);
        expect(fitted.endsWith(last)).toBe(true);
      }
      expect(fitSentence(message).length).toBeLessThanOrEqual(MAX_MESSAGE_BEFORE_SINCE);
      expect(externalMessage(message).length).toBeLessThanOrEqual(MAX_EXPECTATION_MESSAGE);
      expect(fitConditionMessage(message).length).toBeLessThanOrEqual(CONDITION_MESSAGE_LENGTH);
    }),
  );
});

it.each(verdictSchema.options)("a full message has room for the time since when it is %s", (verdict) => {
  const full = fitSentence("x".repeat(2_000));
  const message = withSince(full, verdict, new Date("2026-11-21T14:03:59Z"));
  expect(message).toBe(`${full}; ${verdict} since 2026-11-21 14:03 UTC`);
  expect(message.length).toBeLessThanOrEqual(MAX_EXPECTATION_MESSAGE);
});

it("a quoted message is cut in the middle, and the sentence around it is not", () => {
  const message = fitQuote(
    "The pod did not start: ",
    `${"a".repeat(400)}${"b".repeat(400)}.\n`,
    ". Check it",
  );
  expect(message.length).toBeLessThanOrEqual(MAX_MESSAGE_BEFORE_SINCE);
  expect(message).toMatch(/^The pod did not start: a+ … b+\. Check it$/);
});

it("a quoted message keeps at least 80 characters, however long the sentence around it is", () => {
  expect(fitQuote("x".repeat(600), "q".repeat(600), "")).toMatch(/^x{600}q{38} … q{38}$/);
});

it("a part is one line without control characters, cut to the length of its kind", () => {
  expect(shorten("node-1\u0007\nnode-2", "node")).toBe("node-1 node-2");
  expect(shorten("n".repeat(253), "node")).toBe(`${"n".repeat(62)}…`);
});
