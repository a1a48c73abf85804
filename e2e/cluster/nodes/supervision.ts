import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { tail } from "../../process/command.ts";
import { Failure } from "../../process/failure.ts";
import { marked } from "./marker.ts";
import { pathsOf } from "./spec.ts";

/** A program of the cluster that must run as long as the cluster does. */
export interface Component {
  /** Also the name of its log and of its file under pid/: `kubelet-1`. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts components, and ends every wait as soon as one of them has died. */
export interface Supervision {
  /** Starts a component; it outlives this process. Gives its process id. */
  start(component: Component): Promise<number>;
  /** As the promise, but rejects with the last lines of a component's log if that dies first. */
  guard<T>(work: Promise<T>): Promise<T>;
  /** Aborted at the first death. */
  readonly signal: AbortSignal;
}

/** `interrupted` ends the waits as a death does. */
export function supervise(name: string, interrupted: AbortSignal): Supervision {
  const paths = pathsOf(name);
  const death = new AbortController();
  const signal = AbortSignal.any([death.signal, interrupted]);
  const ended = Promise.withResolvers<never>();
  // Possibly no caller waits at the moment of the death; the next guard reports it.
  ended.promise.catch(() => undefined);
  signal.addEventListener("abort", () => ended.reject(asError(signal.reason)));

  const died = async (component: string, how: string): Promise<void> => {
    const log = join(paths.logs, `${component}.log`);
    const text = await readFile(log, "utf8").catch(() => "");
    death.abort(new Failure(`${component} ended (${how}). The last lines of ${log}:\n${tail(text)}`));
  };
  return {
    signal,
    guard: async (work) => Promise.race([work, ended.promise]),
    start: async (component) => {
      const child = await launch(name, component);
      child.on("error", (error) => void died(component.name, error.message));
      child.on("exit", (code, killedBy) => void died(component.name, killedBy ?? `exit code ${code}`));
      return child.pid ?? 0;
    },
  };
}

/** Starts a component of a cluster, which outlives this process, and writes its process id where `pidOf` reads it. */
export async function launch(
  name: string,
  { name: component, argv, env = {} }: Component,
): Promise<ChildProcess> {
  const paths = pathsOf(name);
  const [command = "", ...args] = argv;
  const log = await open(join(paths.logs, `${component}.log`), "a");
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: marked(name, { ...process.env, ...env }),
  });
  child.unref();
  await log.close();
  await writeFile(join(paths.pids, component), String(child.pid ?? 0));
  return child;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Failure(String(reason));
}
