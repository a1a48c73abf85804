/**
 * At most `limit` of the items, taken in turn from each node, so that as many nodes as possible are met. The order is
 * that of the items' names, so that the same cluster gives the same choice.
 */
export function spreadOverNodes<Item>(
  items: readonly Item[],
  {
    limit,
    nodeOf,
    nameOf,
  }: { limit: number; nodeOf: (item: Item) => string; nameOf: (item: Item) => string },
): Item[] {
  const sorted = items.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const byNode = [...Map.groupBy(sorted, nodeOf).values()];
  const turns = Math.max(0, ...byNode.map((group) => group.length));
  return Array.from({ length: turns }, (_, turn) => byNode.flatMap((group) => group.slice(turn, turn + 1)))
    .flat()
    .slice(0, limit);
}
