import { z } from "zod";
import type { Api } from "../../runtime/api.ts";
import { type InstallableKind, NETWORK_POLICY, type PolicyKind } from "./kinds.ts";

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

/** A kind that the API server serves. */
export type Served<Kind extends InstallableKind> = Kind & {
  /** The path of its group and version: `/apis/networking.k8s.io/v1`. */
  readonly api: string;
};

/** Returns those of some kinds that are installed. */
export type Discovery<Kind extends InstallableKind> = () => Promise<readonly Served<Kind>[]>;

export type ServedKind = Served<PolicyKind>;
/** Returns the kinds of policies that are installed. */
export type ServedKinds = Discovery<PolicyKind>;

const networkPolicy: ServedKind = { ...NETWORK_POLICY, api: "/apis/networking.k8s.io/v1" };

/** For a cluster where no other kind can be installed. */
export const networkPoliciesAlone: ServedKinds = async () => [networkPolicy];

/**
 * Asks the API server which of these kinds are installed, each time: a policy of a kind that was installed a moment ago
 * decides from then on.
 */
export const createDiscovery =
  <Kind extends InstallableKind>(api: Pick<Api, "get">, kinds: readonly Kind[]): Discovery<Kind> =>
  () =>
    discover(api, kinds);

/**
 * Each kind in the version that the API server prefers of those that have it. Every account may ask for that
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles). One request, and one for each version
 * of a group that is installed.
 */
async function discover<Kind extends InstallableKind>(
  api: Pick<Api, "get">,
  kinds: readonly Kind[],
): Promise<Served<Kind>[]> {
  const { groups } = groupListSchema.parse(await api.get("/apis"));
  const wanted = new Set(kinds.flatMap((kind) => kind.groups));
  const apis = await Promise.all(
    groups.filter(({ name }) => wanted.has(name)).flatMap((group) => versionsOf(group, api)),
  );
  return kinds.flatMap((kind) => {
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
