import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { Failure, messageOf } from "./failure.ts";

export interface RunOptions {
  /** After this the command is killed and the call fails. */
  readonly seconds?: number;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Kills the command when aborted. */
  readonly signal?: AbortSignal;
  /** Gets each line of standard error as soon as it is written. */
  readonly onLine?: (line: string) => void;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end and returns its result; fails only if it cannot start or exceeds its time (60 s). */
export async function attempt(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const { seconds = 60, input = "", env = process.env, onLine, ...rest } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const child = spawn(command, args, { env, ...rest, stdio: "pipe", killSignal: "SIGKILL" });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  if (onLine !== undefined) createInterface({ input: child.stderr }).on("line", onLine);
  // A command that ends without reading its input breaks the pipe; its exit code says more than that error.
  child.stdin.on("error", () => undefined).end(input);
  const limit = setTimeout(() => {
    child.kill("SIGKILL");
    reject(new Failure(`${command} ${args.join(" ")}: stopped after ${seconds} s\n${tail(said.stderr)}`));
  }, seconds * 1000);
  child.on("error", (error) => {
    const { signal } = rest;
    const why = signal?.aborted
      ? messageOf(signal.reason)
      : `${command} cannot be started (${error.message})`;
    reject(new Failure(why));
  });
  child.on("close", (code) => resolve({ code: code ?? 1, ...said }));
  return promise.finally(() => clearTimeout(limit));
}

/** Runs a command that must succeed; gives what it wrote to standard output. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await attempt(command, args, options);
  if (code === 0) return stdout;
  throw new Failure(
    `${command} ${args.join(" ")}: exit code ${code}\n${tail(`${stdout}\n${stderr}`.trim())}`,
  );
}

/** The last lines of a text, indented, none so long that it hides the others. */
export function tail(text: string, lines = 20): string {
  return text
    .trimEnd()
    .split("\n")
    .slice(-lines)
    .map((line) => `    ${line.slice(0, 240)}`)
    .join("\n");
}
