import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Binaries } from "./build/binaries.ts";
import { makeCgroups } from "./nodes/cgroups.ts";
import { controlPlane } from "./nodes/controlPlane.ts";
import type { Engine, EngineContext } from "./cni/engine.ts";
import { inside, must } from "./nodes/exec.ts";
import { apiServerIsReady, nodesOf } from "./nodes/health.ts";
import { kubectlFor } from "./nodes/adminKubectl.ts";
import { makeLinks } from "./nodes/links.ts";
import { awaitContainerd, importImage } from "./nodes/load.ts";
import { makeNamespaces } from "./nodes/namespaces.ts";
import { writeNodeFiles } from "./nodes/nodeFiles.ts";
import { makePki } from "./pki.ts";
import type { Report } from "../process/report.ts";
import { nodeName, nodeNumbers, pathsOf, ranges, type Spec } from "./nodes/spec.ts";
import { supervise } from "./nodes/supervision.ts";
import type { SystemImages } from "./build/systemImages.ts";
import { until } from "../process/until.ts";
import { containerd, kubelet, kubeProxy } from "./nodes/worker.ts";

/** What a cluster is made of. */
export interface Parts {
  readonly folders: Binaries;
  readonly images: SystemImages;
  readonly engine: Engine;
  readonly report: Report;
  /** Ends the work; what is there by then is the caller's to dismantle. */
  readonly interrupted: AbortSignal;
}

type Context = EngineContext & Parts;

/** Starts a cluster and returns when its nodes and its DNS are ready; fails as soon as a component dies. */
export async function assemble(spec: Spec, parts: Parts): Promise<void> {
  await writeFiles(spec, parts);
  const context = contextOf(spec, parts);
  const phases = [
    ["network namespaces and links are there", connect],
    ["API server is ready, images are imported", startControlPlane],
    [`resources of ${parts.engine.name} and CoreDNS are created`, createResources],
    ["nodes are Ready, policies are enforced", startNodes],
    ["CoreDNS is Ready and answers", awaitDns],
  ] as const;
  for (const [reached, phase] of phases) {
    await context.on.guard(phase(context));
    parts.report(reached);
  }
}

function contextOf(spec: Spec, parts: Parts): Context {
  const on = supervise(spec.name, parts.interrupted);
  const kubectl = kubectlFor(spec.name, parts.folders.base, on.signal);
  const startOn: EngineContext["startOn"] = async (i, component) => {
    const argv = await inside(spec.name, nodeName(i), component.argv);
    await on.start({ ...component, argv });
  };
  return { ...parts, spec, on, kubectl, startOn };
}

async function writeFiles(spec: Spec, { folders, images, engine }: Parts): Promise<void> {
  const { logs, pids } = pathsOf(spec.name);
  await mkdir(logs, { recursive: true });
  await mkdir(pids, { recursive: true });
  const pause = images.pause.reference;
  const ofNodes = nodeNumbers(spec).map((i) => writeNodeFiles(spec, i, { folders, pause }));
  await Promise.all([makePki(spec, engine.users), makeCgroups(spec), ...ofNodes]);
}

async function connect({ spec, folders, on }: Context): Promise<void> {
  await makeNamespaces(spec, folders, on);
  await makeLinks(spec);
}

/** Images are imported while the API server starts. Kubelets follow: they give up when it does not answer. */
async function startControlPlane(context: Context): Promise<void> {
  const { spec, folders, startOn, on } = context;
  for (const component of controlPlane(spec, folders)) await startOn(1, component);
  const ready = until("the API server is ready", () => apiServerIsReady(spec), {
    seconds: 60,
    signal: on.signal,
  });
  await Promise.all([ready, ...nodeNumbers(spec).map((i) => startContainerd(context, i))]);
  for (const i of nodeNumbers(spec)) await startOn(i, kubelet(spec, i, folders));
}

async function startContainerd({ spec, folders, images, startOn, on }: Context, i: number): Promise<void> {
  await startOn(i, containerd(spec, i, folders));
  await awaitContainerd(spec.name, i, on.signal);
  for (const image of [images.pause, images.coredns]) await importImage(spec.name, i, image.archive);
}

async function createResources(context: Context): Promise<void> {
  const { engine, images, kubectl } = context;
  await engine.install(context);
  const manifest = await readFile(join(import.meta.dirname, "manifests/coredns.yaml"), "utf8");
  await kubectl(["create", "-f", "-"], { input: manifest.replace("@COREDNS@", images.coredns.reference) });
}

async function startNodes(context: Context): Promise<void> {
  const { spec, engine, on } = context;
  const numbers = nodeNumbers(spec);
  await Promise.all(numbers.flatMap((i) => [engine.startNode(context, i), startProxy(context, i)]));
  const allReady = async (): Promise<true | undefined> => {
    const ready = (await nodesOf(spec.name)).filter((node) => node.ready);
    return ready.length === spec.nodes ? true : undefined;
  };
  await until("all nodes are Ready", allReady, { seconds: 60, everyMs: 200, signal: on.signal });
}

/** kube-proxy asks for its Node object only a few times, so it starts when that is there. */
async function startProxy({ spec, folders, startOn, on }: Context, i: number): Promise<void> {
  const registered = async (): Promise<true | undefined> =>
    (await nodesOf(spec.name)).some(({ name }) => name === nodeName(i)) ? true : undefined;
  const limits = { seconds: 60, everyMs: 200, signal: on.signal };
  await until(`${nodeName(i)} registers`, registered, limits);
  await startOn(i, kubeProxy(spec, i, folders));
}

/** A pod can be Ready some moments before kube-proxy sends its Service's connections to it. */
async function awaitDns({ spec, kubectl, on }: Context): Promise<void> {
  // The first pod of a node may have to wait until an engine has compiled its programs.
  const rollout = ["rollout", "status", "deploy/coredns", "--timeout=180s"];
  await kubectl(["-n", "kube-system", ...rollout], { seconds: 190 });
  for (const i of nodeNumbers(spec)) {
    const connects = async (): Promise<true> => {
      await must(spec.name, nodeName(i), {
        argv: ["bash", "-c", `: < /dev/tcp/${ranges.dns}/53`],
        seconds: 5,
      });
      return true;
    };
    await until(`DNS answers on ${nodeName(i)}`, connects, { seconds: 20, signal: on.signal });
  }
}
