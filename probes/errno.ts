import type { Outcome } from "../crds/words.ts";

/**
 * What the words of strerror(3) amount to when they are the answer to a connection attempt. `Permission denied` is how
 * ICMPv6 "administratively prohibited" arrives, `Operation not permitted` a refusal by the node itself, as Cilium's for
 * a Service without backends. Words not listed here (no free port, no memory) say nothing about the network.
 */
const MEANINGS: readonly (readonly [words: string, Outcome])[] = [
  ["Connection refused", "Refused"],
  ["No route to host", "Unreachable"],
  ["Network is unreachable", "Unreachable"],
  ["Host is down", "Unreachable"],
  ["Permission denied", "Unreachable"],
  ["Operation not permitted", "Unreachable"],
  ["Protocol not available", "Unreachable"],
  ["Message too long", "Unreachable"],
  ["Connection timed out", "NoReply"],
];

/** The outcome behind the words of an errno; undefined if they say nothing about the network. */
export function outcomeOfErrno(words: string): Outcome | undefined {
  return MEANINGS.find(([known]) => known === words)?.[1];
}
