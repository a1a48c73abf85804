interface Spreading<Item> {
  readonly limit: number;
  readonly nodeOf: (item: Item) => string;
  readonly nameOf: (item: Item) => string;
  /** Nodes that come before the others. */
  readonly first?: readonly string[];
}

/**
 * Returns at most `limit` of the items, taken in turn from each node, so that they are on as many nodes as possible.
 * The items are ordered by name, so that the same cluster gives the same result.
 */
export function spreadOverNodes<Item>(
  items: readonly Item[],
  { limit, nodeOf, nameOf, first = [] }: Spreading<Item>,
): Item[] {
  const sorted = items.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const byNode = [...Map.groupBy(sorted, nodeOf)]
    .toSorted(([one], [other]) => Number(first.includes(other)) - Number(first.includes(one)))
    .map(([, group]) => group);
  const turns = Math.max(0, ...byNode.map((group) => group.length));
  return Array.from({ length: turns }, (_, turn) => byNode.flatMap((group) => group.slice(turn, turn + 1)))
    .flat()
    .slice(0, limit);
}
