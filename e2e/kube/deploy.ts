import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { Failure, messageOf } from "../process/failure.ts";
import type { Kubectl } from "./kubectl.ts";

const objectSchema = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().default("") }),
});

/** Server-side apply: repeating it changes nothing, and changes of other clients to these fields are reverted. */
export async function apply(kubectl: Kubectl, manifest: string): Promise<void> {
  await kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], { input: manifest });
}

/**
 * Applies and waits until the API serves every new kind and every workload has rolled out: one kubectl for all workloads
 * of a namespace. Fails after `seconds` with the pods as they then are and the last lines of their logs.
 */
export async function deploy(kubectl: Kubectl, manifest: string, seconds = 120): Promise<void> {
  await apply(kubectl, manifest);
  for (const wait of waitsFor(objectsOf(manifest))) {
    const { command, names, namespace } = wait;
    const where = namespace === "" ? [] : [`--namespace=${namespace}`];
    // kubectl gives each of several objects that time.
    await kubectl([...command, ...names, ...where, `--timeout=${seconds}s`], { seconds: seconds + 5 }).catch(
      async (error: unknown) => {
        throw new Failure(`${messageOf(error)}\n${await stateOf(kubectl, wait)}`);
      },
    );
  }
}

/** Objects of one namespace that one kubectl can wait for. */
interface Wait {
  readonly command: readonly string[];
  /** Kind/name of each. */
  readonly names: readonly string[];
  readonly namespace: string;
}

type Named = z.infer<typeof objectSchema>;

/** In the order in which each is first needed. */
function waitsFor(objects: readonly Named[]): Wait[] {
  const waiting = objects.flatMap(({ kind, metadata: { name, namespace } }) => {
    const command = waitFor(kind);
    return command === undefined ? [] : [{ command, name: `${kind}/${name}`, namespace }];
  });
  const together = Map.groupBy(waiting, ({ command, namespace }) => [...command, namespace].join(" "));
  return [...together.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, names: group.map(({ name }) => name) }];
  });
}

/** The condition under which an object is ready for use, as arguments of kubectl; undefined if it is of use at once. */
function waitFor(kind: string): readonly string[] | undefined {
  switch (kind) {
    case "CustomResourceDefinition":
      return ["wait", "--for=condition=Established"];
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
      return ["rollout", "status"];
    case "Pod":
      return ["wait", "--for=condition=Ready"];
    default:
      return undefined;
  }
}

async function stateOf(kubectl: Kubectl, { names, namespace }: Wait): Promise<string> {
  if (namespace === "") return "";
  const where = `--namespace=${namespace}`;
  const pods = await kubectl(["get", "pods", where, "-o", "wide"]).catch(messageOf);
  const logs = names.map(async (name) => kubectl(["logs", name, where, "--tail=10"]).catch(messageOf));
  return [pods, ...(await Promise.all(logs))].join("\n");
}

/** The objects of a YAML text, each with its kind and name. */
export function objectsOf(manifest: string): Named[] {
  return parseAllDocuments(manifest).map((document) => objectSchema.parse(document.toJS()));
}
