import { MAX_CHECKS_PER_POD } from "../../crds/proberun/proberun.ts";

/**
 * Deals the checks of one source to as few probe pods as hold them. A pod can vouch for its own network only by an
 * Allowed check that is a sign of life, and only in the family of that check; `provenFamily` names it. So every pod gets one
 * for each family for which the source has any: they are dealt in turn first, family by family, and a pod that would go
 * without tries one of them a second time.
 */
export function shard<Item>(
  items: readonly Item[],
  provenFamily: (item: Item) => string | undefined,
): Item[][] {
  if (items.length <= MAX_CHECKS_PER_POD) return items.length === 0 ? [] : [[...items]];
  const byFamily = Map.groupBy(items, provenFamily);
  const others = byFamily.get(undefined) ?? [];
  byFamily.delete(undefined);
  const controls = [...byFamily.values()];
  const room = MAX_CHECKS_PER_POD - controls.length; // a place is kept for each control tried twice
  const count = Math.ceil(items.length / room);
  const ordered = [...controls.flat(), ...others];
  const shards = Array.from({ length: count }, (_, turn) =>
    ordered.filter((_item, index) => index % count === turn),
  );
  return shards.map((assigned) => [
    ...controls.flatMap((family) => missingControl(assigned, family)),
    ...assigned,
  ]);
}

/** The first of the controls, where none of them was dealt. */
function missingControl<Item>(ordered: readonly Item[], controls: readonly Item[]): readonly Item[] {
  return controls.some((control) => ordered.includes(control)) ? [] : controls.slice(0, 1);
}
