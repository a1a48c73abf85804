import { MAX_CHECKS_PER_POD } from "../../crds/proberun/proberun.ts";

/**
 * Assigns the checks of one source to as few probe pods as possible. Only an `Allowed` check marked `signOfLife`
 * proves that a pod's network works, and only for the family of that check; `provenFamily` returns that family. So
 * every pod gets one such check for each family for which the source has any. These are assigned first, in turn,
 * family by family. A pod that would have none repeats one of them.
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
  const room = MAX_CHECKS_PER_POD - controls.length; // each repeated control needs a place
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

/** The first of the controls, if none of them was assigned. */
function missingControl<Item>(ordered: readonly Item[], controls: readonly Item[]): readonly Item[] {
  return controls.some((control) => ordered.includes(control)) ? [] : controls.slice(0, 1);
}
