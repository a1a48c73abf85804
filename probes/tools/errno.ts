import type { Outcome } from "../../crds/vocabulary.ts";

/**
 * The outcome of a connection attempt for each text of strerror(3). `Permission denied` is the errno of an ICMPv6
 * "administratively prohibited". `Operation not permitted` is a refusal by the node itself, like Cilium's for a
 * Service without backends. Texts that are not listed (no free port, no memory) say nothing about the network.
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

/** Returns the outcome for the text of an errno; undefined if it says nothing about the network. */
export function outcomeOfErrno(words: string): Outcome | undefined {
  return MEANINGS.find(([known]) => known === words)?.[1];
}
