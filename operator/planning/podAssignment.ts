import type { PlannedPath, PlannedPod } from "../../crds/proberun/proberun.ts";
import { shard } from "./shards.ts";

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
