import type { Engine } from "../cni/engine.ts";
import { Failure } from "../../process/failure.ts";
import { bytesToWrite, memoryProblems } from "./buildCost.ts";
import { cgroupProblems, readCgroups } from "./cgroupRights.ts";
import { diskProblems } from "./disk.ts";
import { type MachineFacts, readFacts } from "./facts.ts";
import { goProblems } from "./goFacts.ts";
import { kernelProblems } from "./kernelBuild.ts";
import { type Needs, needsOf, type Purpose } from "./needs.ts";
import { listOf, type Problem } from "./problem.ts";
import { registryProblems } from "./registries.ts";
import { placesOf, type Right, rightProblems, tryPlaces } from "./rights.ts";
import { notLinux, systemProblems } from "./system.ts";

/**
 * Finds out whether this machine can build and run a cluster, before anything is built: within 5 seconds, in 0.1 s where
 * everything is built and installed. Returns what is still to be made; fails with everything that is missing at once.
 */
export async function preflight(engine: Engine, purpose: Purpose): Promise<Needs> {
  const needs = await needsOf(engine, purpose);
  failOn(problemsOf(await readFacts(engine, needs), needs));
  return needs;
}

/** Tries what could not be tried before these packages were installed; fails with all that does not work. */
export async function checkInstalled(engine: Engine, packages: readonly string[]): Promise<void> {
  const places = placesOf(engine.name, (await readCgroups()).version);
  const isNew = (right: Right): boolean => right.package !== undefined && packages.includes(right.package);
  failOn(rightProblems(await tryPlaces(places, isNew)));
}

/** Everything that the machine lacks for these needs; what is not known is not a problem. */
export function problemsOf(facts: MachineFacts, needs: Needs): readonly Problem[] {
  const { system, cgroups, kernelBuild, go } = facts;
  if (system.platform !== "linux") return [notLinux(system.platform)];
  return [
    ...systemProblems(system, needs.packages),
    ...rightProblems(facts.refusals),
    ...(kernelBuild === undefined ? [] : kernelProblems(kernelBuild, facts.kernelOptions)),
    ...(cgroups === undefined ? [] : cgroupProblems(cgroups)),
    ...(go === undefined ? [] : goProblems(go)),
    ...diskProblems(facts.rooms, bytesToWrite(needs)),
    ...(facts.memory === undefined ? [] : memoryProblems(facts.memory, needs.programs)),
    ...registryProblems({ modules: go?.proxy, debian: facts.debianMirror, npm: facts.npmRegistry }),
  ];
}

function failOn(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Failure(listOf(problems));
}
