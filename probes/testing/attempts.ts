import { vi } from "vitest";
import type { AttemptDependencies } from "../runner/attempt.ts";
import type { Resolved } from "../runner/resolve.ts";
import type { SharedAttempt } from "../runner/sharedCurl.ts";
import type { TimedReply } from "../runner/tcpProcess.ts";
import type { Exit } from "../tools/tool.ts";

/** Attempts for tests: what the tools said, in the order in which they are started. */

export const ended = (more: Partial<Exit>): Exit => ({
  code: 0,
  signal: null,
  stdout: "",
  stderr: "",
  elapsedMs: 5,
  ...more,
});
export const written = (more: object) =>
  JSON.stringify({
    exitcode: 0,
    errormsg: null,
    http_code: 0,
    num_connects: 0,
    size_download: 0,
    size_header: 0,
    time_connect: 0,
    time_total: 0.002,
    ...more,
  });
export const HEADERS = "12:00:00.000001 < HTTP/1.1 200 OK\r\n12:00:00.000002 < \r\n";
export const ok = ended({ stdout: written({ http_code: 200, num_connects: 1 }), stderr: HEADERS });
export const dropped = ended({ code: 28, stdout: written({ exitcode: 28 }) });
export const connectedThen = (exitcode: number) =>
  ended({ code: exitcode, stdout: written({ exitcode, num_connects: 1, time_connect: 0.001 }) });
export const lookedUp = (answer: string) => ended({ code: 1, stdout: answer });

interface Scene {
  readonly exits?: readonly (Exit | Error)[];
  readonly reply?: TimedReply;
  /** Default: each http attempt has a process of its own. */
  readonly shared?: SharedAttempt;
  readonly resolved?: Resolved;
  readonly late?: boolean;
  readonly nameServers?: readonly string[];
  readonly search?: AttemptDependencies["searchOptions"];
}

export function dependencies({
  exits = [ok],
  reply = { reply: { id: 1, state: "silent" }, elapsedMs: 2_001 },
  shared,
  resolved = { address: "192.0.2.9" },
  late = false,
  nameServers = [],
  search = { search: [], ndots: 1 },
}: Scene) {
  const left = [...exits];
  const exec = vi.fn<AttemptDependencies["exec"]>(async () => {
    const exit = left.shift() ?? new Error("one process too many");
    if (exit instanceof Error) throw exit;
    return exit;
  });
  const connect = vi.fn<AttemptDependencies["connect"]>(async () => reply);
  const request = vi.fn<AttemptDependencies["request"]>(() => Promise.resolve(shared));
  const resolve = vi.fn<AttemptDependencies["resolve"]>(() => Promise.resolve(resolved));
  return {
    exec,
    connect,
    request,
    resolve,
    nameServers,
    searchOptions: search,
    timeoutMs: 2_000,
    now: () => 1_000,
    laggedSince: (instant: number) => late && instant === 1_000,
  };
}
