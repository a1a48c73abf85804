import { z } from "zod";
import type { SearchOptions } from "../../runner/resolvConf.ts";

/** One lookup by glibc's getaddrinfo, with the search list of the pod. */
export interface Search extends SearchOptions {
  readonly name: string;
}

/** What a domain answers to every name; `target` has an address. See servers.ts. */
const ANSWERS = ["nxdomain", "nodata", "servfail", "refused"];

/** Two domains of which the second has the name, or neither; a name that exists as it is (target), or does not (web). */
export const SEARCHES: readonly Search[] = [
  ...ANSWERS.flatMap((first) =>
    [...ANSWERS.filter((second) => second !== first), "target"].flatMap((second) =>
      ["web", "target", "servfail"].map((name) => ({ name, ndots: 5, search: [first, second] })),
    ),
  ),
  ...["web.a", "target.a", "nodata.a", "servfail.a", "refused.a"].flatMap((name) =>
    [1, 2].map((ndots) => ({ name, ndots, search: ["nxdomain", "target"] })),
  ),
  { name: "web.", ndots: 5, search: ["target"] },
  { name: "target.", ndots: 5, search: ["refused"] },
  { name: "target", ndots: 1, search: [] },
  { name: "target", ndots: 1, search: ["refused", "nxdomain", "target"] },
].map((each) => ({ ...each, search: each.search.map((domain) => `${domain}.search`) }));

/** `asked`: the names that the server was asked for, in their order. */
export const recordedSearchesSchema = z.array(
  z.object({
    name: z.string(),
    ndots: z.number(),
    search: z.array(z.string()),
    found: z.boolean(),
    asked: z.array(z.string()),
  }),
);
