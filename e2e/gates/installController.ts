import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { argoRolloutsModule } from "../cluster/argoRollouts.ts";
import { downloadModule } from "../cluster/build/go.ts";
import type { Kubectl } from "../kube/kubectl.ts";

const FLAGGER = {
  path: "github.com/fluxcd/flagger",
  version: "v1.36.1",
  sum: "h1:X2PumtNwZz9YSGaOtZLFm2zAKLgHhFkbNv8beg7ifyc=",
};

/** Installs Argo Rollouts by its own manifest, with this image. Resolves to what uninstalls it. */
export async function installArgoRollouts(kubectl: Kubectl, image: string): Promise<() => Promise<void>> {
  const manifest = await readFile(join(await argoRolloutsModule(), "manifests/install.yaml"), "utf8");
  return install(kubectl, { name: "argo-rollouts", manifest: withImage(manifest, image) });
}

/** The same for Flagger with the provider kubernetes, which needs no service mesh and, without metrics, no Prometheus. */
export async function installFlagger(kubectl: Kubectl, image: string): Promise<() => Promise<void>> {
  const folder = join(await downloadModule(FLAGGER), "artifacts/flagger");
  const files = ["crd.yaml", "account.yaml", "deployment.yaml"];
  const parts = await Promise.all(files.map(async (file) => readFile(join(folder, file), "utf8")));
  const manifest = parts
    .join("\n---\n")
    .replaceAll("namespace: default", "namespace: flagger")
    // Its probes run wget, which an image with nothing but the controller does not have.
    .replaceAll(
      /exec:\n\s+command:\n(\s+- (?:wget|--?\S+|http\S+)\n)+/g,
      "httpGet: {path: /healthz, port: 8080}\n",
    )
    .replace("- ./flagger\n", "- /bin/controller\n        - -mesh-provider=kubernetes\n");
  return install(kubectl, { name: "flagger", manifest: withImage(manifest, image) });
}

const KUSTOMIZE_CONTROLLER = {
  path: "github.com/fluxcd/kustomize-controller",
  version: "v1.9.6",
  sum: "h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=",
};

/** Only its definitions of sources are used: {@link ./fluxSource.ts} writes the status of a source. */
const SOURCE_CONTROLLER = {
  path: "github.com/fluxcd/source-controller",
  version: "v1.9.6",
  sum: "h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=",
};

/** The same for the kustomize-controller of Flux, which looks at a dependency again after two seconds, and not after thirty. */
export async function installFlux(kubectl: Kubectl, image: string): Promise<() => Promise<void>> {
  const folder = join(await downloadModule(KUSTOMIZE_CONTROLLER), "config");
  const sources = join(await downloadModule(SOURCE_CONTROLLER), "config/crd/bases");
  const kinds = ["buckets", "externalartifacts", "gitrepositories", "ocirepositories"];
  const files = [
    ...kinds.map((kind) => join(sources, `source.toolkit.fluxcd.io_${kind}.yaml`)),
    join(folder, "crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml"),
    ...["role", "role_binding", "leader_election_role", "leader_election_role_binding"].map((name) =>
      join(folder, `rbac/${name}.yaml`),
    ),
    join(folder, "rbac/cluster_role_binding.yaml"),
    join(folder, "manager/deployment.yaml"),
  ];
  const parts = await Promise.all(files.map(async (file) => readFile(file, "utf8")));
  const manifest = parts
    .join("\n---\n")
    .replaceAll("namespace: system", "namespace: kustomize-controller")
    .replace("- --enable-leader-election\n", "- --requeue-dependency=2s\n");
  return install(kubectl, { name: "kustomize-controller", manifest: withImage(manifest, image) });
}

const withImage = (manifest: string, image: string) =>
  manifest
    .replace(/image: \S+\/(argo-rollouts|flagger|kustomize-controller)(:\S+)?/, `image: ${image}`)
    .replace(/imagePullPolicy: \S+/, "imagePullPolicy: Never");

interface Installation {
  /** Of the namespace and of the Deployment. */
  readonly name: string;
  readonly manifest: string;
}

async function install(kubectl: Kubectl, { name, manifest }: Installation): Promise<() => Promise<void>> {
  const namespace = `--namespace=${name}`;
  await kubectl(["create", "namespace", name]);
  await kubectl(["apply", "--server-side", namespace, "-f", "-"], { input: manifest });
  const status = ["rollout", "status", `deployment/${name}`, namespace, "--timeout=120s"];
  await kubectl(status, { seconds: 125 });
  return async () => {
    const flags = ["--ignore-not-found", "--wait=false"];
    await kubectl(["delete", ...flags, namespace, "-f", "-"], { input: manifest });
    await kubectl(["delete", "namespace", name, ...flags]);
  };
}
