import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Binaries } from "./binaries.ts";
import { makeCgroups } from "./cgroups.ts";
import { controlPlane } from "./controlPlane.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { inside } from "./exec.ts";
import { apiServerIsReady, nodesOf } from "./health.ts";
import { kubectlFor } from "./kubectl.ts";
import { makeLinks } from "./links.ts";
import { importImage } from "./load.ts";
import { makeNamespaces } from "./namespaces.ts";
import { writeNodeFiles } from "./nodeFiles.ts";
import { makePki } from "./pki.ts";
import type { Report } from "./report.ts";
import { nodeName, nodeNumbers, pathsOf, type Spec } from "./spec.ts";
import { type Component, supervise } from "./supervision.ts";
import type { SystemImages } from "./systemImages.ts";
import { until } from "./until.ts";
import { containerd, kubelet, kubeProxy } from "./worker.ts";

/** What a cluster is made of. */
export interface Parts {
  readonly folders: Binaries;
  readonly images: SystemImages;
  readonly engine: Engine;
  readonly report: Report;
  /** Ends the work; what is there by then is the caller's to dismantle. */
  readonly interrupted: AbortSignal;
}

/** Starts a cluster and returns when its nodes and its DNS are ready; fails as soon as a component dies. */
export async function assemble(spec: Spec, parts: Parts): Promise<void> {
  const { folders, engine, report } = parts;
  await prepareFiles(spec, parts);
  const on = supervise(spec.name, parts.interrupted);
  const startOn = async (i: number, component: Component): Promise<void> => {
    const argv = await inside(spec.name, nodeName(i), component.argv);
    await on.start({ ...component, argv });
  };
  const context = { spec, folders, on, startOn, kubectl: kubectlFor(spec.name, folders) };
  await makeNamespaces(spec, folders, on);
  await makeLinks(spec);
  report("network namespaces and links are there");
  for (const component of controlPlane(spec, folders)) await startOn(1, component);
  const imported = Promise.all(nodeNumbers(spec).map((i) => startContainerd(context, i, parts)));
  // Awaited below; a failure before that must not count as unhandled.
  imported.catch(() => undefined);
  await on.guard(awaitApiServer(context));
  report("API server is ready");
  for (const i of nodeNumbers(spec)) await startOn(i, kubelet(spec, i, folders));
  await on.guard(engine.install(context));
  await on.guard(createDns(context, parts));
  report(`${engine.name}'s and CoreDNS's resources are created`);
  await on.guard(Promise.all([imported, ...nodeNumbers(spec).map((i) => startNetwork(context, i, engine))]));
  report(`images are imported, ${engine.name} enforces policies`);
  await on.guard(awaitNodes(context));
  report("nodes are Ready");
  await on.guard(
    context.kubectl(["-n", "kube-system", "rollout", "status", "deploy/coredns", "--timeout=60s"], {
      seconds: 70,
    }),
  );
  report("CoreDNS is Ready");
}

async function prepareFiles(spec: Spec, { folders, images }: Parts): Promise<void> {
  const { logs, pids } = pathsOf(spec.name);
  await mkdir(logs, { recursive: true });
  await mkdir(pids, { recursive: true });
  const nodes = nodeNumbers(spec).map((i) =>
    writeNodeFiles(spec, i, { folders, pause: images.pause.reference }),
  );
  await Promise.all([makePki(spec), makeCgroups(spec), ...nodes]);
}

/** Until the sandbox image is there every pod fails, so it comes first. */
async function startContainerd(
  { spec, folders, startOn }: EngineContext,
  i: number,
  { images }: Parts,
): Promise<void> {
  await startOn(i, containerd(spec, i, folders));
  for (const image of [images.pause, images.coredns]) await importImage(spec.name, i, image.archive);
}

async function awaitApiServer({ spec, on }: EngineContext): Promise<void> {
  await until("the API server is ready", () => apiServerIsReady(spec), { seconds: 60, signal: on.signal });
}

/** kube-proxy looks for its Node object only a few times, so it starts when that is there. */
async function startNetwork(context: EngineContext, i: number, engine: Engine): Promise<void> {
  const { spec, folders, startOn, on } = context;
  const registered = async (): Promise<true | undefined> =>
    (await nodesOf(spec.name)).some(({ name }) => name === nodeName(i)) ? true : undefined;
  const proxy = async (): Promise<void> => {
    await until(`${nodeName(i)} registers`, registered, { seconds: 60, everyMs: 200, signal: on.signal });
    await startOn(i, kubeProxy(spec, i, folders));
  };
  await Promise.all([engine.startNode(context, i), proxy()]);
}

async function createDns({ kubectl }: EngineContext, { images }: Parts): Promise<void> {
  const manifest = await readFile(join(import.meta.dirname, "manifests/coredns.yaml"), "utf8");
  await kubectl(["create", "-f", "-"], { input: manifest.replace("@COREDNS@", images.coredns.reference) });
}

async function awaitNodes({ spec, on }: EngineContext): Promise<void> {
  const allReady = async (): Promise<true | undefined> => {
    const ready = (await nodesOf(spec.name)).filter((node) => node.ready);
    return ready.length === spec.nodes ? true : undefined;
  };
  await until("all nodes are Ready", allReady, { seconds: 60, everyMs: 200, signal: on.signal });
}
