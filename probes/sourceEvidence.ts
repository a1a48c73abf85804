import type { Check } from "../crds/proberun/proberun.ts";
import { familyOf, type Actual } from "../crds/vocabulary.ts";
import type { NodeContact } from "./nodeContact.ts";
import { describeSample } from "./samples.ts";
import { roundSpread } from "./timing.ts";

/** The first and the last round of a stretch. */
interface Rounds {
  readonly from: number;
  readonly to: number;
}

/** What showed, from outside a check, that its pod's network was up; in rounds. */
export interface SourceEvidence {
  /** From the first to the last round in which other checks of the same pod succeeded, without a gap. */
  readonly observed?: Rounds | undefined;
  /** The rounds that started while the pod's own node kept reaching it. */
  readonly contact?: Rounds | undefined;
}

/** One round may fail because of a lost packet. After two consecutive failures, the evidence starts again. */
const LONGEST_ROUND_GAP = 1;

/** Everything that one probe pod reports. */
export interface PodSamples {
  readonly checks: readonly Check[];
  readonly samplesOf: (check: Check) => string;
  readonly contact: NodeContact | undefined;
  /** Epoch milliseconds of the first round, by the same clock as the contact. */
  readonly startedAt: number | undefined;
  /** Milliseconds from the start of one round to the next. */
  readonly interval: number;
}

/** Returns the evidence that the pod's network was up for a check. */
export function sourceEvidenceOf(check: Check, pod: PodSamples): SourceEvidence {
  return { observed: observedRounds(check, pod), contact: contactRounds(check, pod) };
}

/**
 * The latest stretch of rounds in which other checks succeeded. A check never proves its own network, because its denials
 * would then depend on a single success of its own. A round without a result, for lack of CPU, is not a gap.
 */
function observedRounds({ path, family }: Check, { checks, samplesOf }: PodSamples): Rounds | undefined {
  const signs = checks
    .filter((other) => other.path !== path && other.provesSource && other.family === family)
    .map(samplesOf);
  const rounds = Math.max(0, ...signs.map(({ length }) => length));
  let stretch: Rounds | undefined;
  let failed = 0;
  for (let round = 0; round < rounds; round++) {
    const seen = signs.map((samples) => shown(samples[round] ?? "-"));
    if (seen.includes("Allowed")) {
      stretch = { from: failed > LONGEST_ROUND_GAP ? round : (stretch?.from ?? round), to: round };
      failed = 0;
    } else if (seen.includes("Denied")) failed++;
  }
  return stretch;
}

/**
 * What one attempt shows of the pod's network. A resolver that failed may be a proxy on the pod's own node, which rejects the query
 * itself (as Cilium's does).
 */
function shown(letter: string): Actual {
  const { actual, outcome } = describeSample(letter);
  return outcome === "ResolverFailed" ? "Unknown" : actual;
}

/**
 * The rounds whose attempts all started between two contacts. The kubelet uses one family only, which proves nothing
 * about the other.
 */
function contactRounds({ family }: Check, pod: PodSamples): SourceEvidence["contact"] {
  const { contact, startedAt, interval, checks } = pod;
  if (contact === undefined || startedAt === undefined || familyOf(contact.address) !== family)
    return undefined;
  const from = Math.max(0, Math.ceil((contact.first - startedAt) / interval));
  const to = Math.floor((contact.last - roundSpread(checks.length) - startedAt) / interval);
  return from <= to ? { from, to } : undefined;
}
