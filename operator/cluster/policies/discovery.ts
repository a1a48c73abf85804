import { z } from "zod";
import type { Api } from "../../runtime/api.ts";
import { NETWORK_POLICY, POLICY_KINDS, type PolicyKind } from "./kinds.ts";

const groupListSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      versions: z.array(z.object({ version: z.string() })),
      preferredVersion: z.object({ version: z.string() }).optional(),
    }),
  ),
});
type Group = z.infer<typeof groupListSchema>["groups"][number];

const resourceListSchema = z.object({ resources: z.array(z.object({ name: z.string() })).default([]) });

/** A kind of policy that the API server serves. */
export interface ServedKind extends PolicyKind {
  /** The path of its group and version: `/apis/networking.k8s.io/v1`. */
  readonly api: string;
}

/** Returns the kinds of policies that are installed. */
export type ServedKinds = () => Promise<readonly ServedKind[]>;

const networkPolicy: ServedKind = { ...NETWORK_POLICY, api: "/apis/networking.k8s.io/v1" };

/** For a cluster where no other kind can be installed. */
export const networkPoliciesAlone: ServedKinds = async () => [networkPolicy];

/** How long what is installed is remembered, in milliseconds. */
const REMEMBERED = 60_000;

/** Asks the API server which kinds are installed, at most once a minute. */
export function createDiscovery(api: Pick<Api, "get">, now: () => Date): ServedKinds {
  let known: { readonly kinds: readonly ServedKind[]; readonly until: number } | undefined;
  return async () => {
    if (known && now().getTime() < known.until) return known.kinds;
    const kinds = await discover(api);
    known = { kinds, until: now().getTime() + REMEMBERED };
    return kinds;
  };
}

/**
 * Each kind in the version that the API server prefers of those that have it. Every account may ask for that
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles). One request, and one for each version
 * of a group that is installed.
 */
async function discover(api: Pick<Api, "get">): Promise<ServedKind[]> {
  const { groups } = groupListSchema.parse(await api.get("/apis"));
  const wanted = new Set(POLICY_KINDS.flatMap((kind) => kind.groups));
  const apis = await Promise.all(
    groups.filter(({ name }) => wanted.has(name)).flatMap((group) => versionsOf(group, api)),
  );
  return POLICY_KINDS.flatMap((kind) => {
    const [served] = kind.groups.flatMap((name) =>
      apis.filter(({ group, plurals }) => group === name && plurals.has(kind.plural)),
    );
    return served ? [{ ...kind, api: served.path }] : [];
  });
}

function versionsOf({ name, versions, preferredVersion }: Group, api: Pick<Api, "get">) {
  const preferred = preferredVersion?.version;
  const ordered = versions.toSorted(
    (one, other) => Number(other.version === preferred) - Number(one.version === preferred),
  );
  return ordered.map(async ({ version }) => {
    const path = `/apis/${name}/${version}`;
    const { resources } = resourceListSchema.parse(await api.get(path));
    return { group: name, path, plurals: new Set(resources.map((resource) => resource.name)) };
  });
}
