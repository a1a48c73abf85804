import {
  CONDITION_MESSAGE_LENGTH,
  MAX_EXPECTATION_MESSAGE,
  MAX_MESSAGE_BEFORE_SINCE,
} from "../crds/teststatus.ts";
import type { Verdict } from "../crds/vocabulary.ts";
import { oneLine, printable, truncateMiddle } from "./printable.ts";

// How long the parts of a message may be, and how each is cut. The limits of the fields are in crds/teststatus.ts.

/** The maximum length of a part of a message; the status has each in full. */
const PART_LENGTHS = {
  /** The name of a node, or of several. */
  node: 63,
  container: 63,
  /** The value of a label or of another field. */
  value: 63,
  /** The error message of a tool. */
  hint: 64,
  /** The name of another object, or a selector. */
  name: 72,
  host: 100,
  /** The namespace and name of a ProbeGrant. */
  grant: 128,
  /** The key of a label or annotation. */
  key: 128,
  /** A name with an address. */
  target: 144,
  /** Why a pod was not scheduled. */
  cause: 160,
  /** How a policy treats source and twin differently. */
  difference: 300,
  /** A message within a remark. */
  quote: 200,
} as const;

/** Returns a part of a message as one line, cut to the length of its kind. */
export const shorten = (text: string, part: keyof typeof PART_LENGTHS) => oneLine(text, PART_LENGTHS[part]);

/** The message of another program as an own message of a condition, a finding or a probe pod. */
export const externalMessage = (text: string) => printable(text, MAX_EXPECTATION_MESSAGE);

/** The message of an expectation as one line, with room for the end that says since when. */
export const fitSentence = (text: string) => oneLine(text, MAX_MESSAGE_BEFORE_SINCE);

/** The same, with an end that is never cut. */
export const fitBeforeSince = (text: string, end: string) => truncateEnd(text, end, MAX_MESSAGE_BEFORE_SINCE);

/** The message of an expectation or a finding, with an end that is never cut. */
export const fitMessage = (text: string, end = "") => truncateEnd(text, end, MAX_EXPECTATION_MESSAGE);

export const fitConditionMessage = (text: string) => truncateEnd(text, "", CONDITION_MESSAGE_LENGTH);

const truncateEnd = (text: string, end: string, longest: number) =>
  `${text.slice(0, longest - end.length)}${end}`;

/** At least this much of a quoted message is kept. */
const MIN_QUOTE = 80;

/**
 * A sentence with the message of another program in it, whose own words are never cut: as much of the message as there
 * is room for. The message loses its full stop, since the sentence goes on.
 */
export function fitQuote(before: string, quoted: string, after: string): string {
  const room = Math.max(MIN_QUOTE, MAX_MESSAGE_BEFORE_SINCE - before.length - after.length);
  return `${before}${truncateMiddle(quoted.replace(/[.\s]+$/, ""), room)}${after}`;
}

/**
 * Adds the end of every message of an expectation: `; Failed since 2026-11-21 14:03 UTC`. It is rounded to the minute,
 * which users compare with their rollouts; `lastTransitionTime` has the seconds. At most 42 characters, for which
 * messages leave room.
 */
export const withSince = (message: string, verdict: Verdict, time: Date) =>
  fitMessage(message, `; ${verdict} since ${time.toISOString().slice(0, 16).replace("T", " ")} UTC`);
