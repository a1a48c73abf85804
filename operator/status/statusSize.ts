import { MAX_PATHS, MAX_PATHS_SHOWN, type PathStatus } from "../../crds/connectivitytest.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import type { ExpectationVerdict } from "../verdict/judge.ts";
import { rankOf } from "../verdict/severity.ts";

/** The limit for the expectations of a status; its other fields fit into the rest of the 256 KiB. */
const MAX_BYTES = 216 * 1024;

/**
 * Returns the verdicts with as many of their paths as fit into the status: at most 8 of an expectation and 256 in
 * all. The worst come first, so that passed ones are dropped. The ProbeRun has all of them.
 */
export function limitPaths<Item extends ExpectationVerdict>(verdicts: readonly Item[]): Item[] {
  let left = MAX_BYTES - sizeOf(verdicts.map((verdict) => ({ ...verdict, paths: [] })));
  const shown = new Set<PathStatus>();
  for (const { path } of inOrder(verdicts).slice(0, MAX_PATHS)) {
    left -= sizeOf(path);
    if (left < 0) break;
    shown.add(path);
  }
  return verdicts.map((verdict) => ({ ...verdict, paths: verdict.paths.filter((path) => shown.has(path)) }));
}

/** The worst verdicts first. Among equals, the worst path of every expectation comes before any second one. */
function inOrder(verdicts: readonly ExpectationVerdict[]): { path: PathStatus }[] {
  const rank = ({ path }: { path: { verdict: Verdict } }) => rankOf(path.verdict);
  return verdicts
    .flatMap(({ paths }) => paths.slice(0, MAX_PATHS_SHOWN).map((path, place) => ({ path, place })))
    .toSorted((one, other) => rank(other) - rank(one) || one.place - other.place);
}

/** The size in bytes, as JSON, including the comma after it. */
const sizeOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength + 1;
