import type { Check } from "../crds/proberun.ts";
import { familyOf } from "../crds/words.ts";
import type { Contact } from "./contact.ts";
import { roundSpread } from "./pace.ts";
import { describeSample } from "./samples.ts";

/** What showed, from outside a check, that its pod's network was up; in rounds. */
export interface Life {
  /** The first round in which another check of the same pod got through. */
  readonly observedFrom?: number | undefined;
  /** The first and the last round that began while the pod's own node kept reaching it. */
  readonly contact?: { readonly from: number; readonly to: number } | undefined;
}

/** Everything that one probe pod tells. */
export interface Told {
  readonly checks: readonly Check[];
  readonly samplesOf: (check: Check) => string;
  readonly contact: Contact | undefined;
  /** Epoch milliseconds of the first round, by the same clock as the contact. */
  readonly startedAt: number | undefined;
  /** Milliseconds from the start of one round to the next. */
  readonly interval: number;
}

/** The signs of life that count for a check. */
export function lifeOf(check: Check, told: Told): Life {
  return { observedFrom: observedFrom(check, told), contact: contactRounds(check, told) };
}

/** A check never vouches for itself: its own denials would then be proven by its own lucky round. */
function observedFrom(check: Check, { checks, samplesOf }: Told): number | undefined {
  const firsts = checks
    .filter((other) => other.path !== check.path && other.signOfLife)
    .map((other) =>
      samplesOf(other)
        .split("")
        .findIndex((letter) => describeSample(letter).actual === "Allowed"),
    )
    .filter((round) => round >= 0);
  return firsts.length === 0 ? undefined : Math.min(...firsts);
}

/**
 * The rounds all of whose attempts began between two contacts. The kubelet comes by one family only, and says nothing
 * about the other.
 */
function contactRounds({ family }: Check, told: Told): Life["contact"] {
  const { contact, startedAt, interval, checks } = told;
  if (contact === undefined || startedAt === undefined || familyOf(contact.address) !== family)
    return undefined;
  const from = Math.max(0, Math.ceil((contact.first - startedAt) / interval));
  const to = Math.floor((contact.last - roundSpread(checks.length) - startedAt) / interval);
  return from <= to ? { from, to } : undefined;
}
