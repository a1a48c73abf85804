import { unanswered, type Attempt } from "../tools/tool.ts";
import type { SearchOptions } from "./resolvConf.ts";

/** Replaces the domain of a name that is asked for as it is. */
const AS_IT_IS = ".";

interface Tried {
  readonly domain: string;
  readonly attempt: Attempt;
}

/**
 * Looks up a name as glibc's getaddrinfo and res_search do (resolv/res_query.c, __res_context_search). A name with a
 * trailing dot is asked for as it is. Others are completed by the domains of the search list in their order; a name with
 * at least `ndots` dots is first tried as it is, others last. After NXDOMAIN, after an answer without such a record, and
 * after SERVFAIL the next domain follows; any other failure leaves the list for the name as it is. The lookup ends when no
 * server answers. `ask` gets absolute names only, and returns `OUT_OF_TIME` if no time is left.
 */
export async function lookUpBySearchList(
  name: string,
  { search, ndots }: SearchOptions,
  ask: (absolute: string) => Promise<Attempt>,
): Promise<Attempt> {
  if (name.endsWith(".")) return ask(name);
  const isTriedFirst = name.split(".").length - 1 >= ndots;
  const tried: Tried[] = [];
  let [domain, ...others] = orderOf(search, isTriedFirst);
  while (domain !== undefined) {
    const attempt = await ask(absoluteName(name, domain));
    if (!ANSWERED.has(attempt.outcome)) return attempt;
    tried.push({ domain, attempt });
    if (attempt.outcome === "Resolved") return resolvedBy(tried, isTriedFirst);
    const isListLeft = !(isTriedFirst && tried.length === 1) && !goesOn(attempt);
    [domain, ...others] = isListLeft ? asItIsAmong(others, isTriedFirst) : others;
  }
  return failedWith(tried, isTriedFirst);
}

/** The root in the search list is the name as it is, which is then not tried again at the end. */
function orderOf(search: readonly string[], isTriedFirst: boolean): string[] {
  if (isTriedFirst) return [AS_IT_IS, ...search];
  return search.includes(AS_IT_IS) ? [...search] : [...search, AS_IT_IS];
}

const asItIsAmong = (others: readonly string[], isTriedFirst: boolean): string[] =>
  !isTriedFirst && others.includes(AS_IT_IS) ? [AS_IT_IS] : [];

/** An attempt without a result. */
export const OUT_OF_TIME = unanswered("ProbeError", "the timeout ended before the search list");
/** The outcomes of a lookup that a server answered. */
export const ANSWERED: ReadonlySet<Attempt["outcome"]> = new Set([
  "Resolved",
  "NameNotFound",
  "ResolverFailed",
]);

const absoluteName = (name: string, domain: string) =>
  domain === AS_IT_IS ? `${name}.` : `${name}.${domain.replaceAll(/^\.|\.$/g, "")}.`;

const goesOn = ({ outcome, hint }: Attempt) => outcome === "NameNotFound" || hint === "SERVFAIL";

/** The latency is that of all lookups together, as for the application. */
const latencyOf = (tried: readonly Tried[]) =>
  tried.reduce((sum, { attempt: { latencyMs = 0 } }) => sum + latencyMs, 0);

function resolvedBy(tried: readonly Tried[], isTriedFirst: boolean): Attempt {
  const { domain, attempt } = tried.at(-1) ?? { domain: AS_IT_IS, attempt: OUT_OF_TIME };
  const musl = muslEnd(tried.slice(0, -1), isTriedFirst);
  return {
    ...attempt,
    latencyMs: latencyOf(tried),
    answeredIn: { domain, ...(musl !== undefined && { muslEnds: musl }) },
  };
}

/**
 * Returns where musl's resolver ends without a result (src/network/lookup_name.c, name_from_dns_search): at the first
 * answer other than NXDOMAIN, and after the name as it is if that is tried first.
 */
function muslEnd(before: readonly Tried[], isTriedFirst: boolean): string | undefined {
  const end = isTriedFirst ? before[0] : before.find(({ attempt: { hint } }) => hint !== "NXDOMAIN");
  return end && `${end.attempt.hint ?? "no answer"} in ${end.domain}`.slice(0, 64);
}

/** Which failure counts: that of the name as it is if tried first, an answer without a record, SERVFAIL, the last one. */
function failedWith(tried: readonly Tried[], isTriedFirst: boolean): Attempt {
  const listed = tried.filter(({ domain }) => domain !== AS_IT_IS);
  const counting =
    (isTriedFirst ? tried[0] : undefined) ??
    listed.find(({ attempt: { hint } }) => hint === "No answer") ??
    listed.find(({ attempt: { hint } }) => hint === "SERVFAIL") ??
    tried.at(-1);
  return { ...(counting?.attempt ?? OUT_OF_TIME), latencyMs: latencyOf(tried) };
}
