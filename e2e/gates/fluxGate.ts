import { randomBytes } from "node:crypto";

import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { deploySource, hasReached, publish, reconcileAgain } from "./fluxSource.ts";
import type { GateAtWork } from "./gateRows.ts";
import { type Version, versionOf, webDeployment } from "./gatedWeb.ts";
import { blocksUnder } from "./helmShell.ts";
import { installController } from "./installController.ts";

/** The files of the source besides the Deployments, for a version. */
type SourceFiles = (namespace: string, version: Version) => Readonly<Record<string, string>>;

/** The Kustomization that decides, in docs/gates.md. */
const GATE = "gate";

/** Flux with its kustomize-controller, a source, and a staging and a production of `web` in namespaces of their own. */
export async function startFlux(files: SourceFiles) {
  const uninstall = await installController("flux");
  const staging = await makeNamespace("flux-staging");
  const production = await makeNamespace("flux-production");
  await deploySource(staging.name);
  const recipes = blocksUnder("Flux: a Job", { page: "docs/gates.md", language: "yaml" });
  const [kustomizations = "", between = ""] = recipes;
  const input = inNamespaces([kustomizations, between].join("\n---\n"), staging.name, production.name);
  const apply = ["apply", `--namespace=${staging.name}`, "-f", "-"];
  await kubectl(apply, { input: input.replaceAll("timeout: 5m", "timeout: 90s") });
  const published = new Map<string, string>();

  const decides = async (revision: string) =>
    hasReached(staging.name, revision, { gate: GATE, behind: "production" });
  const atWork: GateAtWork = {
    namespace: staging.name,
    goesThrough: async (version) => {
      const revision = `main@sha1:${randomBytes(20).toString("hex")}`;
      published.set(version.number, revision);
      const deployments = {
        "staging/deployment.yaml": labelledDeployment(staging.name, version),
        "production/deployment.yaml": labelledDeployment(production.name, version),
      };
      await publish(staging.name, { ...deployments, ...files(staging.name, version) }, revision);
      return decides(revision);
    },
    retry: async (version) => {
      await reconcileAgain(staging.name, GATE);
      return decides(published.get(version.number) ?? "");
    },
    inUse: async () => versionOf(production.name),
  };
  const stop = async () => {
    await staging.remove();
    await production.remove();
    await uninstall();
  };
  return { atWork, stop };
}

/** The examples are for namespaces of these names. */
export const inNamespaces = (text: string, staging: string, production: string) =>
  text
    .replaceAll(/(?<=amespace: )staging\b/g, staging)
    .replaceAll(/(?<=amespace: )production\b/g, production);

/** Flux copies this label, as the page says. */
function labelledDeployment(namespace: string, version: Version): string {
  const { metadata, ...others } = webDeployment(namespace, version);
  const labels = { "app.kubernetes.io/version": version.number };
  return JSON.stringify({ ...others, metadata: { ...metadata, labels } });
}
