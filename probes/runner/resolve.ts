import type { Family } from "../../crds/vocabulary.ts";

/** A host's address, or the failure of its resolution. */
export type Resolved =
  | { readonly address: string }
  | { readonly outcome: "NameNotFound" | "ResolverFailed" | "NoReply"; readonly hint: string };

/** libc's resolver: the address, or a rejection with an error that has a `code`. */
export type Lookup = (host: string, family: Family) => Promise<string>;
export type Resolve = (host: string, family: Family) => Promise<Resolved>;

const OUTCOMES: ReadonlyMap<unknown, "NameNotFound" | "ResolverFailed"> = new Map([
  ["ENOTFOUND", "NameNotFound"],
  ["EAI_ADDRFAMILY", "NameNotFound"],
  // "Temporary failure": a failing server, a refused query, or no server at all; libc does not distinguish them.
  ["EAI_AGAIN", "ResolverFailed"],
  ["EAI_FAIL", "ResolverFailed"],
]);

/**
 * Resolves as the source's programs would, with a timeout of `timeoutMs`. A lookup cannot be cancelled, so later
 * rounds share a lookup of the same name that is still in progress: a dead resolver does not accumulate lookups.
 * Other errors are thrown.
 */
export function resolveBy(lookup: Lookup, timeoutMs: number): Resolve {
  const underWay = new Map<string, Promise<Resolved>>();
  return (host, family) => {
    const key = `${family} ${host}`;
    const shared = underWay.get(key) ?? lookUpHost(lookup, host, family).finally(() => underWay.delete(key));
    underWay.set(key, shared);
    return withTimeout(timeoutMs, shared);
  };
}

async function lookUpHost(lookup: Lookup, host: string, family: Family): Promise<Resolved> {
  try {
    return { address: await lookup(host, family) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const outcome = OUTCOMES.get(code);
    if (outcome === undefined) throw error;
    return { outcome, hint: String(code) };
  }
}

function withTimeout(timeoutMs: number, lookup: Promise<Resolved>): Promise<Resolved> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => resolve({ outcome: "NoReply", hint: "the resolver did not answer" }),
      timeoutMs,
    );
    lookup.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
