import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { cluster, kubectl } from "../harness/scenario.ts";
import { attempt, type Outcome } from "../process/command.ts";
import { Failure } from "../process/failure.ts";
import { ROOT } from "../runner/vitestRun.ts";

/** Returns the code blocks of a language in a section of a page, which begins with that heading. */
export function blocksUnder(
  heading: string,
  { page, language }: { page: string; language: string },
): string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const [section = ""] = text.split(/^#+ /m).filter((part) => part.startsWith(`${heading}\n`));
  const blocks = section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"));
  return Array.from(blocks, ([, block = ""]) => block);
}

/** Runs commands in a shell, with this Helm, for the test cluster. A page's name of the image means that of this checkout. */
export async function tryShell(program: string, commands: string): Promise<Outcome> {
  const PATH = [dirname(program), dirname(cluster.kubectl), process.env["PATH"]].join(delimiter);
  const env = { ...process.env, PATH, KUBECONFIG: cluster.kubeconfig };
  const script = `set -e\n${commands.replaceAll("REGISTRY/netverdict:TAG", cluster.image)}`;
  return attempt("sh", ["-c", script], { cwd: ROOT, env, seconds: 150 });
}

/** The same, and fails if a command does. */
export async function shell(program: string, commands: string): Promise<string> {
  const { code, stdout, stderr } = await tryShell(program, commands);
  if (code === 0) return stdout;
  throw new Failure(`${commands}: exit code ${code}\n${stdout}\n${stderr}`);
}

/** Waits until the operator of this namespace has rolled out. */
export async function operatorIn(namespace: string): Promise<void> {
  const rollout = ["rollout", "status", "deployment/netverdict", `--namespace=${namespace}`];
  await kubectl([...rollout, "--timeout=90s"], { seconds: 95 });
}

/** Which of the objects of manifests/ the cluster has, if they are installed into that namespace; sorted. */
export async function installedObjects(namespace: string): Promise<string[]> {
  const manifest = await kubectl(["kustomize", join(ROOT, "manifests")]);
  const args = [
    `--kubeconfig=${cluster.kubeconfig}`,
    "get",
    "--ignore-not-found",
    "--output=name",
    "--filename=-",
  ];
  const input = manifest.replaceAll("netverdict-system", namespace);
  const { stdout } = await attempt(cluster.kubectl, args, { input });
  return stdout
    .trim()
    .split("\n")
    .toSorted((one, other) => (one < other ? -1 : 1));
}
