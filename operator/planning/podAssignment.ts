import type { PlannedPath, PlannedPod } from "../../crds/proberun/proberun.ts";
import { shard } from "./shards.ts";

/** What is to be tried by pods of one kind: as many of them as it takes. */
export interface PodGroup<Item> {
  /** None: one pod that tries nothing itself. */
  readonly items: readonly Item[];
  /** Plans the pod that gets these items; its `index` is unique within the plan. */
  readonly podFor: (index: number, items: readonly Item[]) => PlannedPod;
}

/** A pod, and what it tries. */
export interface PodAssignment<Item> {
  readonly pod: PlannedPod;
  readonly items: readonly Item[];
}

/**
 * Assigns the items of each group to as few pods as hold them. `vouchesFor` names the family for which an item shows that
 * its pod's network is up, if any: each pod gets one for every family for which its group has any (`shard`).
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

/** Where a path stands in a plan. */
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
