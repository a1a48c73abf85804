import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { Failure, messageOf } from "../cluster/failure.ts";
import type { Kubectl } from "./kubectl.ts";

const objectSchema = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().default("") }),
});

/** Server-side apply: repeating it changes nothing, and what somebody else wrote into our fields is taken back. */
export async function apply(kubectl: Kubectl, manifest: string): Promise<void> {
  await kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], { input: manifest });
}

/**
 * Applies and waits until the API serves every new kind and every workload has rolled out. Fails after `seconds` with the
 * pods as they then are and the last lines of their logs.
 */
export async function deploy(kubectl: Kubectl, manifest: string, seconds = 120): Promise<void> {
  await apply(kubectl, manifest);
  for (const { kind, metadata } of objectsOf(manifest)) {
    const args = waitFor(kind, metadata);
    if (args === undefined) continue;
    await kubectl([...args, `--timeout=${seconds}s`], { seconds: seconds + 5 }).catch(
      async (error: unknown) => {
        throw new Failure(`${messageOf(error)}\n${await stateOf(kubectl, kind, metadata)}`);
      },
    );
  }
}

interface Name {
  readonly name: string;
  readonly namespace: string;
}

/** What has to come about before an object is of use, as arguments of kubectl; undefined if it is of use at once. */
export function waitFor(kind: string, { name, namespace }: Name): string[] | undefined {
  switch (kind) {
    case "CustomResourceDefinition":
      return ["wait", "--for=condition=Established", `crd/${name}`];
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
      return ["rollout", "status", `${kind}/${name}`, `--namespace=${namespace}`];
    case "Pod":
      return ["wait", "--for=condition=Ready", `pod/${name}`, `--namespace=${namespace}`];
    default:
      return undefined;
  }
}

async function stateOf(kubectl: Kubectl, kind: string, { name, namespace }: Name): Promise<string> {
  if (namespace === "") return "";
  const where = `--namespace=${namespace}`;
  const pods = await kubectl(["get", "pods", where, "-o", "wide"]).catch(messageOf);
  return `${pods}\n${await kubectl(["logs", `${kind}/${name}`, where, "--tail=10"]).catch(messageOf)}`;
}

/** The objects of a YAML text, each with its kind and name. */
export function objectsOf(manifest: string): z.infer<typeof objectSchema>[] {
  return parseAllDocuments(manifest).map((document) => objectSchema.parse(document.toJS()));
}
