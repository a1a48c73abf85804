import { MAX_CHECKS_PER_POD } from "../crds/proberun.ts";

/**
 * Deals the checks of one source to as few probe pods as hold them. A pod can vouch for its own network only by an
 * Allowed check that is a sign of life, so every pod gets one where the source has any: they are dealt in turn first,
 * and a pod that would go without tries one of them a second time.
 */
export function shard<Item>(items: readonly Item[], isControl: (item: Item) => boolean): Item[][] {
  if (items.length <= MAX_CHECKS_PER_POD) return items.length === 0 ? [] : [[...items]];
  const room = MAX_CHECKS_PER_POD - 1; // one place is kept for a control tried twice
  const count = Math.ceil(items.length / room);
  const dealt = [...items.filter(isControl), ...items.filter((item) => !isControl(item))];
  const shards = Array.from({ length: count }, (_, turn) =>
    dealt.filter((_item, index) => index % count === turn),
  );
  const [control] = dealt.filter(isControl);
  return shards.map((dealtTo) =>
    control === undefined || dealtTo.some(isControl) ? dealtTo : [control, ...dealtTo],
  );
}
