import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { z } from "zod";

import { kubectl } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { run } from "../process/command.ts";
import { until } from "../process/until.ts";

const SOURCE = "gitrepositories.source.toolkit.fluxcd.io";
const KUSTOMIZATION = "kustomizations.kustomize.toolkit.fluxcd.io";

/** Answers with what the path of the URL encodes, so that it has no state. */
const DECODER = `require("http").createServer((request, response) =>
  response.end(Buffer.from(request.url.slice(1).replace(".tar.gz", ""), "base64url"))).listen(8080, "::")`;

/** A GitRepository `web` without Git: this harness writes its status, as Flux's source-controller would. */
export async function deploySource(namespace: string): Promise<void> {
  await deploy(kubectl, server({ namespace, name: "artifacts", script: DECODER }));
  const spec = { url: "https://git.example.com/web", interval: "1h" };
  const metadata = { name: "web", namespace };
  const source = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", metadata, spec };
  await apply(kubectl, JSON.stringify(source));
}

/** Publishes these files as the revision. Their contents are YAML or JSON. */
export async function publish(
  namespace: string,
  files: Readonly<Record<string, string>>,
  revision: string,
): Promise<void> {
  const archive = await packed(files);
  const name = `${archive.toString("base64url")}.tar.gz`;
  const artifact = {
    url: `http://artifacts.${namespace}.svc.cluster.local/${name}`,
    path: "web.tar.gz",
    revision,
    digest: `sha256:${createHash("sha256").update(archive).digest("hex")}`,
    size: archive.length,
    lastUpdateTime: new Date().toISOString(),
  };
  const patch = `--patch=${JSON.stringify({ status: { artifact } })}`;
  const flags = [`--namespace=${namespace}`, "--subresource=status", "--type=merge"];
  await kubectl(["patch", SOURCE, "web", ...flags, patch]);
}

async function packed(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-source-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, "files", dirname(name)), { recursive: true });
      await writeFile(join(folder, "files", name), text);
    }
    const archive = join(folder, "web.tar.gz");
    await run("tar", ["--create", "--gzip", `--file=${archive}`, `--directory=${folder}/files`, "."]);
    return await readFile(archive);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const kustomizationSchema = z.object({
  metadata: z.object({ generation: z.int() }),
  status: z
    .object({
      observedGeneration: z.int().default(-1),
      lastHandledReconcileAt: z.string().default(""),
      lastAppliedRevision: z.string().default(""),
      lastAttemptedRevision: z.string().default(""),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string(), reason: z.string() }))
        .default([]),
    })
    .prefault({}),
});

/** What Flux says of a Kustomization. */
export async function kustomization(namespace: string, name: string) {
  const text = await kubectl(["get", KUSTOMIZATION, name, `--namespace=${namespace}`, "-o", "json"]);
  const { status } = kustomizationSchema.parse(JSON.parse(text));
  const conditionOf = (wanted: string) => status.conditions.find(({ type }) => type === wanted);
  return { ...status, ready: conditionOf("Ready"), reconciling: conditionOf("Reconciling") };
}

/** Makes Flux reconcile a Kustomization again, as `flux reconcile` does, and waits until it has begun. */
export async function reconcileAgain(namespace: string, name: string): Promise<void> {
  const token = new Date().toISOString();
  const annotation = `reconcile.fluxcd.io/requestedAt=${token}`;
  await kubectl(["annotate", "--overwrite", KUSTOMIZATION, name, `--namespace=${namespace}`, annotation]);
  await until(
    `Kustomization ${namespace}/${name} is reconciled again`,
    async () => {
      const { lastHandledReconcileAt } = await kustomization(namespace, name);
      return lastHandledReconcileAt === token ? true : undefined;
    },
    { seconds: 120, everyMs: 1_000 },
  );
}

/** Whether the revision has passed the gate and reached the Kustomization behind it, once the gate has decided. */
export async function hasReached(
  namespace: string,
  revision: string,
  { gate, behind }: { readonly gate: string; readonly behind: string },
): Promise<boolean> {
  return until(
    `Kustomization ${namespace}/${gate} has decided about ${revision}`,
    async () => {
      const [first, last] = [await kustomization(namespace, gate), await kustomization(namespace, behind)];
      if (last.lastAppliedRevision === revision && last.ready?.status === "True") return true;
      const hasEnded = first.reconciling?.reason === "ProgressingWithRetry";
      const hasTried = first.lastAttemptedRevision === revision && hasEnded;
      if (hasTried && first.ready?.reason === "HealthCheckFailed") return false;
      throw new Error(JSON.stringify({ first, last }));
    },
    { seconds: 200, everyMs: 1_000 },
  );
}
