import type { PodDifference } from "../../crds/proberun/proberun.ts";
import { shorten } from "../../probes/messageLength.ts";
import { differencesOf, type TriedPath } from "./evidence.ts";

/** Returns what admission made of the probe pod, by the first difference, and what to do about it. */
export function podDifferenceMessage(path: TriedPath): string {
  const [first, ...others] = differencesOf(path);
  if (!first) return "the probe pod differs from its source";
  const more = others.length === 0 ? "" : ` (${others.length} more)`;
  const words = first.field === "label" || first.field === "annotation" ? ofText(first) : ofField(first);
  return `${words}${more}; exempt pods that a ProbeRun controls from this admission, or restart the source so that it is admitted alike`;
}

function ofText({ field, key, planned, actual }: PodDifference): string {
  if (key === undefined) return `admission changed the ${field}s of the probe pod`;
  // The other annotations are as long as JSON.
  const pair = (value: string) =>
    field === "label" ? `${shorten(key, "key")}=${value}` : `the annotation ${shorten(key, "key")}`;
  if (planned === undefined)
    return `admission gave the probe pod ${pair(actual ?? "")}, which its source lacks`;
  if (actual === undefined) return `admission took ${pair(planned)} from the probe pod, which its source has`;
  return `admission gave the probe pod ${pair(shorten(actual, "value"))}, where its source has ${shorten(planned, "value")}`;
}

function ofField({ field, planned, actual }: PodDifference): string {
  if (field === "nodeName" && planned === undefined)
    return `the probe pod ran on ${shorten(actual ?? "", "value")}, which it must avoid`;
  const between = [
    planned === undefined ? "" : ` from ${shorten(planned || "none", "value")}`,
    actual === undefined ? "" : ` to ${shorten(actual || "none", "value")}`,
  ];
  return `admission changed ${field} of the probe pod${between.join("")}`;
}
