import type { Engine } from "../cni/engine.ts";
import { type CgroupFacts, readCgroups } from "./cgroupRights.ts";
import { readRooms, type Room } from "./disk.ts";
import { type GoFacts, readGo } from "./goFacts.ts";
import { type KernelBuild, type KernelOption, readKernelBuild } from "./kernelBuild.ts";
import { availableMemory } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { type Answer, askDebian, askNpm } from "./registries.ts";
import { placesOf, type Refusal, type Right, tryPlaces } from "./rights.ts";
import { readSystem, type System } from "./system.ts";

/** What the kernel permits. */
export interface KernelFacts {
  readonly cgroups: CgroupFacts | undefined;
  readonly refusals: readonly Refusal[];
  /** How the kernel was built, for rights that cannot be tried yet. */
  readonly kernelBuild: KernelBuild | undefined;
  /** What they need of it. */
  readonly kernelOptions: readonly KernelOption[];
}

/** What was seen of a machine. Undefined: not looked at, since nothing needs it. */
export interface MachineFacts extends KernelFacts {
  readonly system: System;
  readonly go: GoFacts | undefined;
  readonly rooms: readonly Room[];
  /** Bytes that are available. */
  readonly memory: number | undefined;
  readonly debianMirror: Answer | undefined;
  readonly npmRegistry: Answer | undefined;
}

/** Looks at everything at once that these needs depend on; a few seconds where registries are asked, else 0.1 s. */
export async function readFacts(engine: Engine, needs: Needs): Promise<MachineFacts> {
  const { programs, packages, images } = needs;
  const system = await readSystem();
  if (system.platform !== "linux") return nothingOf(system);
  const takesPackages = packages.length > 0 || images;
  const [ofKernel, go, memory, debianMirror, npmRegistry] = await Promise.all([
    readKernel(engine, system, packages),
    programs.length > 0 ? readGo(programs) : undefined,
    programs.length > 0 ? availableMemory() : undefined,
    takesPackages && system.hasApt ? askDebian(system.codename) : undefined,
    images ? askNpm() : undefined,
  ]);
  const rooms = await readRooms(go?.folders);
  return { system, ...ofKernel, go, rooms, memory, debianMirror, npmRegistry };
}

/** Rights are tried where this process is root and their tools are there; for others the kernel's build is read. */
export async function readKernel(
  engine: Engine,
  { userId, kernel }: System,
  missing: readonly string[],
): Promise<KernelFacts> {
  const cgroups = await readCgroups();
  const places = placesOf(engine.name, cgroups.version);
  const isRoot = userId === 0;
  const canBeTried = (right: Right): boolean =>
    isRoot && (right.package === undefined || !missing.includes(right.package));
  const untried = places.flatMap(({ rights }) => rights.filter((right) => !canBeTried(right)));
  const kernelOptions = untried.flatMap(({ options = [] }) => options);
  const [refusals, kernelBuild] = await Promise.all([
    isRoot ? tryPlaces(places, canBeTried) : [],
    kernelOptions.length > 0 ? readKernelBuild(kernel) : undefined,
  ]);
  return { cgroups, refusals, kernelBuild, kernelOptions };
}

function nothingOf(system: System): MachineFacts {
  return {
    system,
    cgroups: undefined,
    refusals: [],
    kernelBuild: undefined,
    kernelOptions: [],
    go: undefined,
    rooms: [],
    memory: undefined,
    debianMirror: undefined,
    npmRegistry: undefined,
  };
}
