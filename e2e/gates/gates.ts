import { join } from "node:path";

import { argoRollouts } from "./askingGates.ts";
import { withProgram } from "./program.ts";
import { startScene } from "./scene.ts";
import type { Decision, GateState } from "./states.ts";

/** A gate that reads a test, by the library that it does so with. */
export interface Gate {
  readonly title: string;
  /** What the gate may do with a test of which the library says this word. */
  readonly decisions: Readonly<Record<string, readonly Decision[]>>;
  /** Whether times are compared with a clock when the gate reads the object. */
  readonly hasClock: boolean;
  /** Builds the program of the gate, and returns what its library says of each test at this time, in their order. */
  readonly wordsOf: (states: readonly GateState[], now: Date) => Promise<readonly string[]>;
}

/** The health script for Argo CD; docs/gates.md says where it belongs. */
export const ARGOCD_HEALTH = join(import.meta.dirname, "../../manifests/gates/argocd-health.lua");

export const gates: readonly Gate[] = [
  {
    title: "kstatus of cli-utils v0.37.2 (Flux, Helm 4, kpt)",
    decisions: { Current: ["go on"], InProgress: ["wait"], Failed: ["stop"] },
    hasClock: false,
    wordsOf: async (states) => withProgram("kstatus", async (ask) => ask(states.map(({ test }) => test))),
  },
  {
    title: "Argo CD 3.2.12 with our health script",
    decisions: { Healthy: ["go on"], Progressing: ["wait"], Suspended: ["wait"], Degraded: ["stop"] },
    hasClock: true,
    wordsOf: async (states) =>
      withProgram("argocd", async (ask) =>
        ask(
          states.map(({ test }) => test),
          { args: [ARGOCD_HEALTH] },
        ),
      ),
  },
  {
    title: `${argoRollouts.title} with \`maxAge\` alone`,
    decisions: argoRollouts.decisions,
    hasClock: true,
    wordsOf: measuredByAge,
  },
];

/** Serves the tests by the gate endpoint, and lets Argo Rollouts ask for the last verdict of each. */
async function measuredByAge(states: readonly GateState[], now: Date): Promise<readonly string[]> {
  const scene = await startScene({ now });
  try {
    const questions = states.map(({ test }, index) => {
      const name = `state-${index}`;
      scene.put("operator", { ...test, metadata: { ...test.metadata, name } });
      return argoRollouts.question({ ...scene.asked("operator", name), query: "maxAge=1m" });
    });
    return await withProgram(argoRollouts.folder, async (ask) => ask(questions));
  } finally {
    await scene.close();
  }
}
