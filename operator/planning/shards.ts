import { MAX_CHECKS_PER_POD } from "../../crds/proberun/proberun.ts";

/**
 * Deals the checks of one source to as few probe pods as hold them. A pod can vouch for its own network only by an
 * Allowed check that is a sign of life, and only in the family of that check; `vouchesFor` names it. So every pod gets one
 * for each family for which the source has any: they are dealt in turn first, family by family, and a pod that would go
 * without tries one of them a second time.
 */
export function shard<Item>(
  items: readonly Item[],
  vouchesFor: (item: Item) => string | undefined,
): Item[][] {
  if (items.length <= MAX_CHECKS_PER_POD) return items.length === 0 ? [] : [[...items]];
  const byFamily = Map.groupBy(items, vouchesFor);
  const others = byFamily.get(undefined) ?? [];
  byFamily.delete(undefined);
  const controls = [...byFamily.values()];
  const room = MAX_CHECKS_PER_POD - controls.length; // a place is kept for each control tried twice
  const count = Math.ceil(items.length / room);
  const dealt = [...controls.flat(), ...others];
  const shards = Array.from({ length: count }, (_, turn) =>
    dealt.filter((_item, index) => index % count === turn),
  );
  return shards.map((dealtTo) => [...controls.flatMap((family) => lacking(dealtTo, family)), ...dealtTo]);
}

/** The first of the controls, where none of them was dealt. */
function lacking<Item>(dealt: readonly Item[], controls: readonly Item[]): readonly Item[] {
  return controls.some((control) => dealt.includes(control)) ? [] : controls.slice(0, 1);
}
