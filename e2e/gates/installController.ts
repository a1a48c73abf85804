import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { argoRolloutsModule } from "../cluster/argoRollouts.ts";
import { downloadModule } from "../cluster/build/go.ts";
import { kubectl, load } from "../harness/scenario.ts";
import { timedReport } from "../process/report.ts";
import { buildController, type ControllerName } from "./controllerImage.ts";

const FLAGGER = {
  path: "github.com/fluxcd/flagger",
  version: "v1.36.1",
  sum: "h1:X2PumtNwZz9YSGaOtZLFm2zAKLgHhFkbNv8beg7ifyc=",
};

/** A controller as its project installs it. */
interface Installation {
  /** Of the namespace and of the Deployment. */
  readonly name: string;
  readonly manifest: () => Promise<string>;
}

const INSTALLATIONS: Readonly<Record<ControllerName, Installation>> = {
  argorollouts: { name: "argo-rollouts", manifest: argoRolloutsManifest },
  flagger: { name: "flagger", manifest: flaggerManifest },
  flux: { name: "kustomize-controller", manifest: fluxManifest },
};

/**
 * Installs a controller by its project's own manifest, with an image that is built, which takes minutes the first time, or found. Resolves to what
 * uninstalls it.
 */
export async function installController(controller: ControllerName): Promise<() => Promise<void>> {
  const { name, manifest } = INSTALLATIONS[controller];
  const { reference } = await buildController(controller, timedReport());
  await load(reference);
  const input = withImage(await manifest(), reference);
  const namespace = `--namespace=${name}`;
  await kubectl(["create", "namespace", name]);
  await kubectl(["apply", "--server-side", namespace, "-f", "-"], { input });
  const status = ["rollout", "status", `deployment/${name}`, namespace, "--timeout=120s"];
  await kubectl(status, { seconds: 125 });
  return async () => {
    const flags = ["--ignore-not-found", "--wait=false"];
    await kubectl(["delete", ...flags, namespace, "-f", "-"], { input });
    await kubectl(["delete", "namespace", name, ...flags]);
  };
}

async function argoRolloutsManifest(): Promise<string> {
  return readFile(join(await argoRolloutsModule(), "manifests/install.yaml"), "utf8");
}

/** With the provider kubernetes, which needs no service mesh and, without metrics, no Prometheus. */
async function flaggerManifest(): Promise<string> {
  const folder = join(await downloadModule(FLAGGER), "artifacts/flagger");
  const files = ["crd.yaml", "account.yaml", "deployment.yaml"];
  const parts = await Promise.all(files.map(async (file) => readFile(join(folder, file), "utf8")));
  return (
    parts
      .join("\n---\n")
      .replaceAll("namespace: default", "namespace: flagger")
      // Its probes run wget, which an image with nothing but the controller does not have.
      .replaceAll(
        /exec:\n\s+command:\n(\s+- (?:wget|--?\S+|http\S+)\n)+/g,
        "httpGet: {path: /healthz, port: 8080}\n",
      )
      .replace("- ./flagger\n", "- /bin/controller\n        - -mesh-provider=kubernetes\n")
  );
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

/** The kustomize-controller, which looks at a dependency again after two seconds, and not after thirty. */
async function fluxManifest(): Promise<string> {
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
  return parts
    .join("\n---\n")
    .replaceAll("namespace: system", "namespace: kustomize-controller")
    .replace("- --enable-leader-election\n", "- --requeue-dependency=2s\n");
}

const withImage = (manifest: string, image: string) =>
  manifest
    .replace(/image: \S+\/(argo-rollouts|flagger|kustomize-controller)(:\S+)?/, `image: ${image}`)
    .replace(/imagePullPolicy: \S+/, "imagePullPolicy: Never");
