import type { ProbeRunSpec } from "../crds/proberun.ts";
import type { RunRecord } from "./evidence.ts";

/** The record of pods that the API server would not even have planned. */
export function unheard(spec: ProbeRunSpec, words: string): RunRecord {
  const message = words.slice(0, 512);
  const pods = spec.pods.map(({ name }) => ({ name, phase: "NotRun" as const, message, refused: true }));
  return { spec, status: { phase: "Finished", pods, results: [] } };
}
