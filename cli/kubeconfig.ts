import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { CliError } from "./clusterError.ts";

export interface KubeconfigOptions {
  /** One file instead of those of KUBECONFIG. */
  readonly kubeconfig?: string | undefined;
  /** A context instead of the current one. */
  readonly context?: string | undefined;
}

/**
 * Loads the kubeconfig by the rules of kubectl: `--kubeconfig`, then the files of KUBECONFIG, then `~/.kube/config`, then
 * the service account of the pod. Of several files, the first one with a name, or with a current context, counts
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files).
 * Throws CliError.
 */
export function loadKubeconfig(
  { kubeconfig, context }: KubeconfigOptions,
  environment: NodeJS.ProcessEnv,
): KubeConfig {
  const files = kubeconfig === undefined ? defaultFiles(environment) : [kubeconfig];
  const config = mergeKubeconfigs(files.map(readKubeconfig));
  if (files.length === 0 && environment["KUBERNETES_SERVICE_HOST"] !== undefined) config.loadFromCluster();
  if (context !== undefined) config.setCurrentContext(context);
  const chosen: string | undefined = config.getCurrentContext();
  if (chosen === undefined || chosen === "") {
    const observation =
      files.length === 0 ? "there is no file" : `${files.join(", ")} has no current context`;
    throw new CliError(`kubeconfig: ${observation}. Set KUBECONFIG, --kubeconfig or --context.`);
  }
  if (config.getCurrentCluster() === null) {
    const known = config.getContexts().map(({ name }) => name);
    throw new CliError(
      `context ${chosen}: it does not exist or has no cluster. Use one of: ${known.join(", ") || "none"}.`,
    );
  }
  return config;
}

/** kubectl ignores files of KUBECONFIG that do not exist. */
function defaultFiles({ KUBECONFIG = "", HOME = homedir() }: NodeJS.ProcessEnv): string[] {
  const files = KUBECONFIG === "" ? [join(HOME, ".kube/config")] : KUBECONFIG.split(delimiter);
  return files.filter((file) => file !== "" && existsSync(file));
}

function readKubeconfig(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(`${file}: it cannot be read as a kubeconfig (${why}). Check the file.`);
  }
  return config;
}

function mergeKubeconfigs(configs: readonly KubeConfig[]): KubeConfig {
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap((config) => config.getClusters())),
    users: firstOfEachName(configs.flatMap((config) => config.getUsers())),
    contexts: firstOfEachName(configs.flatMap((config) => config.getContexts())),
    currentContext: configs.map((config) => config.getCurrentContext()).find(Boolean),
  });
  return merged;
}

const firstOfEachName = <Entry extends { readonly name: string }>(entries: readonly Entry[]): Entry[] =>
  entries.filter(({ name }, index) => entries.findIndex((other) => other.name === name) === index);
