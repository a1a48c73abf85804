import { MAX_CHECKS_PER_POD, type PlannedPath, type PlannedPod } from "../../crds/proberun/proberun.ts";

/** The items that pods of one kind try, on as many pods as needed. */
export interface PodGroup<Item> {
  /** If empty, the group gets one pod that tries nothing itself. */
  readonly items: readonly Item[];
  /** Plans the pod that gets these items; its `index` is unique within the plan. */
  readonly podFor: (index: number, items: readonly Item[]) => PlannedPod;
}

/** A pod, and its checks. */
export interface PodAssignment<Item> {
  readonly pod: PlannedPod;
  readonly items: readonly Item[];
}

/**
 * Assigns the items of each group to the fewest pods that hold them. `vouchesFor` returns the family for which an item proves
 * the network of its pod, if any: each pod gets one for every family for which its group has any (`shard`).
 */
export function assignToPods<Item>(
  groups: readonly PodGroup<Item>[],
  vouchesFor: (item: Item) => string | undefined = () => undefined,
): PodAssignment<Item>[] {
  return groups
    .flatMap(({ items, podFor }) => {
      const shards = items.length === 0 ? [[]] : shard(items, vouchesFor);
      return shards.map((own) => ({ own, podFor }));
    })
    .map(({ own, podFor }, index) => ({ pod: podFor(index, own), items: own }));
}

/** The place of a path in a plan. */
export interface PathPlace {
  readonly id: number;
  /** The name of its pod. */
  readonly pod: string;
}

/** The paths of all pods, numbered in the order of the pods. */
export function numberPaths<Item>(
  assignments: readonly PodAssignment<Item>[],
  pathFor: (item: Item, place: PathPlace) => PlannedPath,
): PlannedPath[] {
  return assignments
    .flatMap(({ pod, items }) => items.map((item) => ({ item, pod: pod.name })))
    .map(({ item, pod }, id) => pathFor(item, { id, pod }));
}

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
