import { missingPackages } from "../build/debianPackages.ts";
import type { EngineName } from "../build/groups.ts";
import type { Engine } from "../cni/engine.ts";
import { Failure } from "../../process/failure.ts";
import { bytesToWrite, memoryProblems } from "./buildCost.ts";
import { cgroupProblems, readCgroups } from "./cgroupRights.ts";
import { diskProblems } from "./disk.ts";
import { type KernelFacts, type MachineFacts, readFacts, readKernel } from "./facts.ts";
import { goProblems } from "./goFacts.ts";
import { kernelProblems } from "./kernelBuild.ts";
import { type Needs, needsOf, packageLists, type Purpose } from "./needs.ts";
import { listOf, type Problem } from "./problem.ts";
import { registryProblems } from "./registries.ts";
import { ownSubjects, placesOf, type Right, rightProblems, tryPlaces } from "./rights.ts";
import { notLinux, readSystem, systemProblems } from "./system.ts";

/**
 * Finds out whether this machine can build and run a cluster, before anything is built: in 0.1 s where everything is built
 * and installed, within 5 seconds where registries are asked, later on a busy machine. Returns what is still to be made; fails with everything that is missing at once.
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
  const { system, cgroups, go } = facts;
  if (system.platform !== "linux") return [notLinux(system.platform)];
  return [
    ...systemProblems(system, needs.packages),
    ...problemsOfKernel(facts),
    ...(cgroups === undefined ? [] : cgroupProblems(cgroups)),
    ...(go === undefined ? [] : goProblems(go)),
    ...diskProblems(facts.rooms, bytesToWrite(needs)),
    ...(facts.memory === undefined ? [] : memoryProblems(facts.memory, needs.programs)),
    ...registryProblems({ modules: go?.proxy, debian: facts.debianMirror, npm: facts.npmRegistry }),
  ];
}

/** What the machine lacks that this engine needs and not every other one: `CONFIG_NFT_QUEUE`. */
export async function engineLacks(engine: Engine): Promise<readonly string[]> {
  const [system, missing] = await Promise.all([readSystem(), missingPackages(packageLists(engine))]);
  return ownLacks(engine.name, await readKernel(engine, system, missing));
}

/** Of what the kernel lacks, what this engine needs and not every other one. */
export function ownLacks(engine: EngineName, facts: KernelFacts): readonly string[] {
  const own = ownSubjects(engine);
  return problemsOfKernel(facts)
    .map(({ subject }) => subject)
    .filter((subject) => own.includes(subject));
}

function problemsOfKernel({ refusals, kernelBuild, kernelOptions }: KernelFacts): readonly Problem[] {
  const ofBuild = kernelBuild === undefined ? [] : kernelProblems(kernelBuild, kernelOptions);
  return [...rightProblems(refusals), ...ofBuild];
}

function failOn(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Failure(listOf(problems));
}
