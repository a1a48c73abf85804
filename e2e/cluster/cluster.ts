import { assemble, type Parts } from "./assemble.ts";
import { type Binaries, binaries } from "./build/binaries.ts";
import { limitCpu, podCpuSeconds } from "./nodes/cgroups.ts";
import type { Outcome, RunOptions } from "../process/command.ts";
import { dismantle } from "./dismantle.ts";
import type { Engine } from "./cni/engine.ts";
import { engineNamed } from "./cni/registry.ts";
import { exec, type Place } from "./nodes/exec.ts";
import { Failure } from "../process/failure.ts";
import { claimIndex } from "./nodes/freeIndex.ts";
import type { EngineName } from "./build/groups.ts";
import {
  apiServerIsReady,
  type ComponentHealth,
  componentsOf,
  type NodeHealth,
  nodesOf,
} from "./nodes/health.ts";
import type { ImageRequest } from "./build/images.ts";
import { kubectlPath } from "./nodes/adminKubectl.ts";
import { killComponent } from "./nodes/kill.ts";
import { loadImage } from "./nodes/load.ts";
import { withLock } from "../process/lock.ts";
import { prepare } from "./build/prepare.ts";
import { recipeKey } from "./recipe.ts";
import type { Report } from "../process/report.ts";
import { stepsTo } from "./setup.ts";
import { signalComponent } from "./nodes/signal.ts";
import { dataFolder, nameFromPath, nodeName, nodeNumbers, pathsOf } from "./nodes/spec.ts";
import { isAsWanted, readState, type State, writeState } from "./nodes/state.ts";
import { buildSystemImages } from "./build/systemImages.ts";

/** A running cluster. */
export interface Cluster {
  readonly name: string;
  /** Path of the administrator's kubeconfig; valid for every process of this machine. */
  readonly kubeconfig: string;
  /** Path of a kubectl of the cluster's own version. */
  readonly kubectl: string;
  readonly nodes: readonly string[];
  /** What connects its pods. */
  readonly engine: EngineName;
  /** True if `clusterUp` found it running: then it is not the caller's to stop. */
  readonly foundRunning: boolean;
  /** Runs a command in the namespaces of "node1", or in the network of "wan" (the outside world) or "lan". */
  exec(place: Place, argv: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Imports an image into every node: the path of an oci-archive, or the reference that buildImage gave. */
  load(image: string): Promise<void>;
  /** Stops a component, such as "felix-1", or lets it go on. */
  signal(component: string, signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Kills a component by SIGKILL. Resolves, when it has ended, to a function that starts it again. */
  kill(component: string): Promise<() => Promise<void>>;
  /** Lets all pods of the node of this number have so many processors together; undefined: as many as there are. */
  limitCpu(i: number, processors: number | undefined): Promise<void>;
  /** The CPU seconds that all pods have used, those that have ended among them. */
  podCpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** The report of `status`. */
export interface ClusterStatus {
  readonly name: string;
  /** What connects its pods, and its version: `cilium 1.20.2`. */
  readonly engine: string;
  readonly kubeconfig: string;
  /** True if every component runs, the API server is ready and every node is Ready. */
  readonly healthy: boolean;
  readonly apiServer: boolean;
  readonly nodes: readonly NodeHealth[];
  readonly components: readonly ComponentHealth[];
  /** Folder with one log per component. */
  readonly logs: string;
}

interface UpOptions {
  readonly report: Report;
  readonly name?: string;
  /** How many there are to be; left out: as many as the running cluster has, one where none runs. */
  readonly nodes?: number;
  /** What is to connect the pods; left out: what the running cluster has, Calico where none runs. */
  readonly engine?: EngineName;
  /** Images to build before it starts, with the rest of what takes long. */
  readonly images?: readonly ImageRequest[];
  /** Takes down what is half built. */
  readonly interrupted?: AbortSignal;
}

/** Starts this checkout's cluster, or finds it healthy; one that is half dead or of another recipe is replaced. */
export async function clusterUp(options: UpOptions): Promise<Cluster> {
  const { report, name = nameFromPath(), interrupted = new AbortController().signal } = options;
  return withLock({ name: dataFolder(name), seconds: 1800, report }, async () => {
    const found = await readState(name);
    const engine = chosenEngine(options, found);
    await prepare(await stepsTo(engine, { name, images: options.images ?? [], report, interrupted }), report);
    const folders = await binaries(engine.programs);
    const nodes = options.nodes ?? found?.nodes ?? 1;
    const wanted = { nodes, engine: engine.name, recipe: await recipeKey(engine.name, folders) };
    if (found && isAsWanted(found, wanted) && (await clusterStatus(name))?.healthy) {
      return handle(found, folders, true);
    }
    const images = await buildSystemImages(folders);
    interrupted.throwIfAborted();
    await dismantle(name);
    const state = { ...wanted, name, index: await claimIndex(name) };
    await start(state, { folders, images, engine, report, interrupted });
    return handle(state, folders, false);
  });
}

/** Reports if the user requests another engine than the cluster has, because the cluster is then replaced. */
function chosenEngine({ engine: asked, report }: UpOptions, found: State | undefined): Engine {
  const engine = engineNamed(asked ?? found?.engine ?? "calico");
  if (found !== undefined && found.engine !== engine.name)
    report(`cluster ${found.name} runs ${found.engine}: it is replaced by one that runs ${engine.name}`);
  return engine;
}

/** Leaves nothing half built, but keeps the logs of a start that failed. */
async function start(state: State, parts: Parts): Promise<void> {
  try {
    await writeState(state);
    await assemble(state, parts);
  } catch (error) {
    await dismantle(state.name, { keepLogs: true });
    parts.interrupted.throwIfAborted();
    parts.report(`not up; the logs of all components stay in ${pathsOf(state.name).logs}`);
    throw error;
  }
}

/** Ends a cluster and all that belongs to it; fails if anything is left. Nothing to do if there is none. */
export async function clusterDown(name: string = nameFromPath()): Promise<void> {
  await withLock({ name: dataFolder(name), seconds: 1800 }, () => dismantle(name));
}

/** How a cluster is; undefined if there is none. */
export async function clusterStatus(name: string = nameFromPath()): Promise<ClusterStatus | undefined> {
  const state = await readState(name);
  if (state === undefined) return undefined;
  const components = await componentsOf(name);
  const apiServer = (await apiServerIsReady(state)) === true;
  const nodes = apiServer ? await nodesOf(name).catch(() => []) : [];
  const nodesReady = nodes.length === state.nodes && nodes.every((node) => node.ready);
  const healthy = apiServer && nodesReady && components.every((component) => component.alive);
  const { logs, kubeconfig } = pathsOf(name);
  const { version } = engineNamed(state.engine).programs;
  const engine = `${state.engine} ${version}`;
  return { name, engine, kubeconfig: kubeconfig("admin"), healthy, apiServer, nodes, components, logs };
}

/** The running cluster, without starting one; fails if there is none. */
export async function openCluster(name: string = nameFromPath()): Promise<Cluster> {
  const state = await readState(name);
  if (state === undefined) throw new Failure(`cluster ${name} does not run. Remedy: npm run cluster -- up`);
  return handle(state, await binaries(engineNamed(state.engine).programs), true);
}

function handle(spec: State, folders: Binaries, foundRunning: boolean): Cluster {
  const { name } = spec;
  return {
    name,
    kubeconfig: pathsOf(name).kubeconfig("admin"),
    kubectl: kubectlPath(folders.base),
    nodes: nodeNumbers(spec).map(nodeName),
    engine: spec.engine,
    foundRunning,
    exec: async (place, argv, options = {}) => exec(name, place, { ...options, argv }),
    load: async (image) => loadImage(spec, image),
    signal: async (component, signal) => signalComponent(name, component, signal),
    kill: async (component) => killComponent(name, component),
    limitCpu: async (i, processors) => limitCpu(name, i, processors),
    podCpuSeconds: async () => {
      const ofNodes = await Promise.all(nodeNumbers(spec).map((i) => podCpuSeconds(name, i)));
      return ofNodes.reduce((sum, seconds) => sum + seconds, 0);
    },
    stop: async () => clusterDown(name),
  };
}
