import { readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

import { parse, stringify } from "yaml";
import { z } from "zod";

import { cluster, kubectl, read } from "../harness/scenario.ts";
import { RESTRICTED } from "../harness/workload.ts";
import { apply } from "../kube/deploy.ts";
import { attempt } from "../process/command.ts";
import { until } from "../process/until.ts";
import type { PipelineStep, tektonStep } from "./pipelines.ts";

interface Machine {
  /** With the files of the repository. */
  readonly folder: string;
  /** The file with the credentials of the pipeline. */
  readonly kubeconfig: string;
}

/**
 * Runs the steps one after the other, as the runner of a pipeline does, until one fails. Returns the exit code of each that ran.
 * A step may give variables to those behind it, as on GitHub.
 */
export async function runSteps(
  steps: readonly PipelineStep[],
  { folder, kubeconfig }: Machine,
): Promise<ReadonlyMap<string, number>> {
  const variables = join(folder, "github-env");
  const codes = new Map<string, number>();
  await writeFile(variables, "");
  for (const { name, shell, script, env } of steps) {
    const [command = "", ...args] = shell;
    const file = join(folder, "script");
    await writeFile(file, script);
    const options = {
      cwd: folder,
      seconds: 150,
      env: {
        PATH: [dirname(process.execPath), dirname(cluster.kubectl), process.env["PATH"]].join(delimiter),
        RUNNER_TEMP: folder,
        GITHUB_ENV: variables,
        KUBECONFIG: kubeconfig,
        ...env,
        ...variablesIn(await readFile(variables, "utf8")),
      },
    };
    const { code } = await attempt(command, [...args, file], options);
    codes.set(name, code);
    if (code !== 0) break;
  }
  return codes;
}

const variablesIn = (text: string) =>
  Object.fromEntries(
    Array.from(text.matchAll(/^(\w+)=(.*)$/gm), ([, name = "", value = ""]) => [name, value]),
  );

const configSchema = z.looseObject({ users: z.array(z.looseObject({ name: z.string() })) });

/** A kubeconfig for the test cluster with the token of a ServiceAccount. */
export async function kubeconfigOf(namespace: string, account: string): Promise<string> {
  const flags = [`--namespace=${namespace}`, "--duration=2h"];
  const token = (await kubectl(["create", "token", account, ...flags])).trim();
  const config = configSchema.parse(parse(await readFile(cluster.kubeconfig, "utf8")));
  return stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

const ended = z.object({
  status: z.object({
    containerStatuses: z.tuple([
      z.object({ state: z.object({ terminated: z.object({ exitCode: z.int() }) }) }),
    ]),
  }),
});

/** Runs the step as a Pod, which is what a TaskRun is, and returns its exit code. The script is a file, as in Tekton's pods. */
export async function runAsPod(
  { name, script, securityContext }: ReturnType<typeof tektonStep>,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
): Promise<number> {
  const start = 'printf %s "$SCRIPT" > /tmp/script && chmod +x /tmp/script && exec /tmp/script';
  const container = {
    name,
    image: cluster.image,
    command: ["sh", "-c", start],
    env: [{ name: "SCRIPT", value: script }],
    securityContext,
  };
  const spec = {
    restartPolicy: "Never",
    serviceAccountName: "connectivity",
    securityContext: RESTRICTED.pod,
    containers: [container],
  };
  await apply(
    kubectl,
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: pod, namespace }, spec }),
  );
  return until(
    `Pod ${namespace}/${pod} has ended`,
    async () => {
      const raw: unknown = JSON.parse(await read(`/api/v1/namespaces/${namespace}/pods/${pod}`));
      return ended.parse(raw).status.containerStatuses[0].state.terminated.exitCode;
    },
    { seconds: 150, everyMs: 500 },
  );
}
