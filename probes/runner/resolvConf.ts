/** How a relative name is completed (resolv.conf(5)). */
export interface SearchOptions {
  /** The domains in their order; `.` is the root. */
  readonly search: readonly string[];
  /** A name with at least this number of dots is first tried as it is. */
  readonly ndots: number;
}

/** glibc's limit, RES_MAXNDOTS (resolv.h). */
const MOST_NDOTS = 15;

/** Returns the search options of a resolv.conf as glibc reads them: of several `search` or `domain` lines, the last counts. */
export function searchOptionsOf(resolvConf: string): SearchOptions {
  const lines = resolvConf.split("\n").map((line) => line.trim().split(/[ \t]+/));
  const [keyword, ...domains] = lines.findLast(([first]) => first === "search" || first === "domain") ?? [];
  const options = lines.filter(([first]) => first === "options").flatMap((words) => words.slice(1));
  const ndots = options.findLast((option) => /^ndots:\d/.test(option))?.slice("ndots:".length);
  return {
    search: keyword === "domain" ? domains.slice(0, 1) : domains,
    ndots: Math.min(ndots === undefined ? 1 : Number.parseInt(ndots, 10), MOST_NDOTS),
  };
}
