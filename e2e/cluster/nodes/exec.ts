import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { attempt, type Outcome, type RunOptions } from "../../process/command.ts";
import { Failure } from "../../process/failure.ts";
import { isOurs, marked } from "./marker.ts";
import { pathsOf } from "./spec.ts";

/** `lan` (the router), `wan` (the outside world) or a node: `node1`. */
export type Place = string;

/** The command line that runs a command at a place: in a node all its namespaces, elsewhere the network alone. */
export async function inside(name: string, place: Place, argv: readonly string[]): Promise<string[]> {
  const pid = await pidOf(name, place);
  const namespaces = place.startsWith("node") ? ["-m", "-n", "-p"] : ["-n"];
  return ["nsenter", "-t", String(pid), ...namespaces, "--", ...argv];
}

/** Runs a command at a place of a cluster, e.g. `exec(name, "node1", ["nft", "list", "ruleset"])`. */
export async function exec(
  name: string,
  place: Place,
  { argv, ...options }: RunOptions & { readonly argv: readonly string[] },
): Promise<Outcome> {
  const [command = "", ...args] = await inside(name, place, argv);
  return attempt(command, args, { env: marked(name), ...options });
}

/** As exec, for a command that must succeed; gives its standard output. */
export async function must(
  name: string,
  place: Place,
  command: RunOptions & { readonly argv: readonly string[] },
): Promise<string> {
  const { code, stdout, stderr } = await exec(name, place, command);
  if (code !== 0)
    throw new Failure(`${command.argv.join(" ")} in ${place}: exit code ${code}: ${stderr.trim()}`);
  return stdout;
}

/** The process that holds a place's namespaces, or runs a component (`felix-1`); fails if it is gone. */
export async function pidOf(name: string, place: Place): Promise<number> {
  const text = await readFile(join(pathsOf(name).pids, place), "utf8").catch(() => "");
  const pid = Number(text);
  if (pid > 0 && (await isOurs(name, pid))) return pid;
  throw new Failure(`cluster ${name} has no running ${place}. Remedy: npm run cluster -- up`);
}
