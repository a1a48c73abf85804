import { openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

/** How often, in milliseconds. A container runtime takes longer than this to start a command in a container. */
const PERIOD = 25;
/** Where the kernel does not number its processes, this many periods pass until the processes are listed. */
const UNCONDITIONAL = 20;

export interface EnteredWatchOptions {
  /** The process id of the runner. Only the first process of a container sees no processes but those of the container. */
  readonly pid?: number;
  readonly proc?: string;
  /** Called with the name of each process that came from outside of the container. */
  readonly onEntered: (name: string) => void;
}

export interface EnteredWatch {
  /** Looks at once. */
  readonly look: () => void;
  readonly stop: () => void;
}

/**
 * Watches whether a user starts another process in the container, as `kubectl exec` does. Such a process could change the report, or
 * the tools. Its parent is outside of the container, and cannot be seen there: its number is 0. What it leaves behind gets another
 * parent, but keeps its session, and no process can join that of the runner (setsid(2)).
 */
export function watchEntered({
  pid = process.pid,
  proc = "/proc",
  onEntered,
}: EnteredWatchOptions): EnteredWatch {
  if (pid !== 1) return { look: () => undefined, stop: () => undefined };
  const isNew = watchNewest(proc);
  const look = () => {
    for (const name of enteredIn(proc, pid)) onEntered(name);
  };
  let periods = 0;
  const timer = setInterval(() => {
    if (isNew() || ++periods % UNCONDITIONAL === 0) look();
  }, PERIOD);
  look();
  return { look, stop: () => clearInterval(timer) };
}

/**
 * Returns a function that reports whether processes or threads were started since its last call. The last number in /proc/loadavg
 * is that of the newest one (proc_loadavg(5)). To read it costs a fiftieth of a list of all processes.
 */
function watchNewest(proc: string): () => boolean {
  const file = openSync(join(proc, "loadavg"), "r");
  const buffer = Buffer.alloc(128);
  let newest = "";
  return () => {
    const line = buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0));
    const before = newest;
    newest = line.slice(line.lastIndexOf(" "));
    return newest !== before;
  };
}

/** The names of the processes that came from outside of the container, and of those that they have started. */
function enteredIn(proc: string, own: number): string[] {
  const { session } = processAt(proc, String(own)) ?? {};
  return readdirSync(proc)
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(own))
    .flatMap((entry) => {
      const found = processAt(proc, entry);
      return found && (found.parent === "0" || found.session !== session) ? [found.name] : [];
    });
}

/** Fields of proc_pid_stat(5). The name may contain any character. Undefined: the process has ended. */
function processAt(proc: string, entry: string) {
  const [, name = "", parent, session] =
    /^\d+ \((.*)\) \S (\d+) \d+ (\d+) /s.exec(statOf(join(proc, entry))) ?? [];
  return parent === undefined ? undefined : { name, parent, session };
}

/** Empty: the process has ended. */
function statOf(folder: string): string {
  try {
    return readFileSync(join(folder, "stat"), "latin1");
  } catch {
    return "";
  }
}
