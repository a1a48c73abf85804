import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findGo, goEnvironment } from "../cluster/build/go.ts";
import { run } from "../process/command.ts";
import type { Decision } from "./states.ts";

/** A gate, by the library that it reads an object with. */
export interface Gate {
  readonly title: string;
  /** The folder with the Go program that asks the library: it reads objects by lines, and writes a word for each. */
  readonly folder: string;
  readonly args: readonly string[];
  /** What the gate does with an object of which the library says this word. */
  readonly decisions: Readonly<Record<string, Decision>>;
  /** Whether the library compares times of the object with its own clock. */
  readonly hasClock: boolean;
}

/** The health script for Argo CD; docs/gates.md says where it belongs. */
export const ARGOCD_HEALTH = join(import.meta.dirname, "../../manifests/gates/argocd-health.lua");

export const gates: readonly Gate[] = [
  {
    title: "kstatus of cli-utils v0.37.2 (Flux, Helm 4, kpt)",
    folder: "kstatus",
    args: [],
    decisions: { Current: "go on", InProgress: "wait", Failed: "stop" },
    hasClock: false,
  },
  {
    title: "Argo CD 3.2.12 with our health script",
    folder: "argocd",
    args: [ARGOCD_HEALTH],
    decisions: { Healthy: "go on", Progressing: "wait", Suspended: "wait", Degraded: "stop" },
    hasClock: true,
  },
];

/** Returns what the library of a gate says of each object, in their order. Builds the program first. */
export async function wordsOf(
  { folder, args }: Gate,
  objects: readonly object[],
): Promise<readonly string[]> {
  const place = await mkdtemp(join(tmpdir(), "netverdict-gate-"));
  try {
    const program = join(place, folder);
    const options = { cwd: join(import.meta.dirname, folder), env: goEnvironment(), seconds: 3_600 };
    await run(await findGo(), ["build", "-trimpath", "-buildvcs=false", "-o", program, "."], options);
    const input = objects.map((object) => `${JSON.stringify(object)}\n`).join("");
    return (await run(program, args, { input })).trim().split("\n");
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
