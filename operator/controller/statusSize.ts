import { MAX_PATHS, MAX_PATHS_SHOWN, type PathStatus } from "../../crds/connectivitytest.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import type { ExpectationVerdict } from "../verdict/judge.ts";
import { rankOf } from "../verdict/severity.ts";

/** For the expectations of a status; what else stands there fits into the rest of the 256 KiB. */
const MAX_BYTES = 216 * 1024;

/**
 * The verdicts with as many of their paths as the status has room for: at most 8 of an expectation and 256 in all, the
 * worst first, so that passed ones give way. The ProbeRun has all of them.
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

/** The worst verdicts first, and among equals the worst path of every expectation before any second one. */
function inOrder(verdicts: readonly ExpectationVerdict[]): { path: PathStatus }[] {
  const rank = ({ path }: { path: { verdict: Verdict } }) => rankOf(path.verdict);
  return verdicts
    .flatMap(({ paths }) => paths.slice(0, MAX_PATHS_SHOWN).map((path, place) => ({ path, place })))
    .toSorted((one, other) => rank(other) - rank(one) || one.place - other.place);
}

/** In bytes, as JSON, the comma after it included. */
const sizeOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength + 1;
