import type { Check } from "../crds/proberun/proberun.ts";
import type { Actual, Outcome } from "../crds/vocabulary.ts";

/** The meaning of one letter of a result's samples. */
export interface Sample {
  readonly outcome: Outcome;
  readonly actual: Actual;
  /** An answer of the requested kind and content. */
  readonly matchesRequest: boolean;
  /** The attempt ended while resolving its host. */
  readonly resolving: boolean;
}

const allowed = (outcome: Outcome, matchesRequest: boolean): Sample => ({
  outcome,
  actual: "Allowed",
  matchesRequest,
  resolving: false,
});
const denied = (outcome: Outcome): Sample => ({
  outcome,
  actual: "Denied",
  matchesRequest: false,
  resolving: false,
});
const unresolved = (outcome: Outcome): Sample => ({
  outcome,
  actual: "Unknown",
  matchesRequest: false,
  resolving: true,
});

const noStatement: Sample = {
  outcome: "ProbeError",
  actual: "Unknown",
  matchesRequest: false,
  resolving: false,
};

/** One letter per round. NXDOMAIN and SERVFAIL from a server that answered prove that the path to it is open. */
const ALPHABET = {
  A: allowed("Answered", true),
  a: allowed("Answered", false),
  C: allowed("Connected", true),
  c: allowed("Connected", false),
  P: allowed("Replied", true),
  N: allowed("Resolved", true),
  X: allowed("NameNotFound", false),
  F: allowed("ResolverFailed", false),
  ".": denied("NoReply"),
  R: denied("Refused"),
  U: denied("Unreachable"),
  E: noStatement,
  x: unresolved("NameNotFound"),
  f: unresolved("ResolverFailed"),
  n: unresolved("NoReply"),
  // Not tried in that round: the check had settled, or the runner had too little CPU.
  "-": noStatement,
} as const satisfies Record<string, Sample>;

export type Letter = keyof typeof ALPHABET;

export function isLetter(letter: string): letter is Letter {
  return Object.hasOwn(ALPHABET, letter);
}

/** Returns the meaning of a letter. A letter outside the alphabet means a failed attempt. */
export function describeSample(letter: string): Sample {
  return isLetter(letter) ? ALPHABET[letter] : ALPHABET.E;
}

const LETTERS = Object.keys(ALPHABET).filter(isLetter);

/** Returns the letter of an attempt; `E` for results that no tool can have. */
export function letterOf(seen: Omit<Sample, "actual">): Letter {
  const letter = LETTERS.find((candidate) => {
    const { outcome, matchesRequest, resolving } = ALPHABET[candidate];
    return outcome === seen.outcome && matchesRequest === seen.matchesRequest && resolving === seen.resolving;
  });
  return letter ?? "E";
}

const SPOKEN: Readonly<Record<Check["tool"], string>> = {
  http: "Aac.RUExfn-",
  tcp: "C.RUExfn-",
  icmp: "P.RUExfn-",
  dns: "NXF.RUE-",
};

/** Reports whether a tool can have this result; a report with another one is not from the runner. */
export function canSay(tool: Check["tool"], samples: string): boolean {
  return samples.split("").every((letter) => SPOKEN[tool].includes(letter));
}
