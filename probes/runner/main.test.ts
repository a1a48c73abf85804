import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Check } from "../../crds/proberun/proberun.ts";
import { parseReport } from "../report.ts";
import { check } from "../testing/checks.ts";

/** The real runner with the real curl and perl, on 127.0.0.1 alone. Needs nothing else: no root, no network. */

const MAIN = join(import.meta.dirname, "main.ts");
const servers: Server[] = [];
let folder = "";

async function listen(behave: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => behave(socket.on("error", () => socket.destroy())));
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return z.object({ port: z.number() }).parse(server.address()).port;
}

const local = (path: number, tool: Check["tool"], port: number) =>
  check(path, { tool, port, address: "127.0.0.1", provesSource: path === 0 });

interface Ending {
  /** Whether the runner is sent SIGTERM, by its output so far; again for each further output. Default: never. */
  readonly endWhen?: (trace: string) => boolean;
}

async function run(
  checks: readonly Check[],
  environment: Readonly<Record<string, string>> = {},
  { endWhen = () => false }: Ending = {},
) {
  const log = join(folder, `log-${checks[0]?.path}`);
  const probing = { rounds: 2, deniedRounds: 2, maxRounds: 6, interval: "200ms", timeout: "1s" };
  const child = spawn(process.execPath, [MAIN], {
    env: {
      NETVERDICT_CHECKS: JSON.stringify({ checks, probing }),
      NETVERDICT_TERMINATION_LOG: log,
      NETVERDICT_PORT: "0",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let trace = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    trace += chunk;
    if (endWhen(trace)) child.kill("SIGTERM");
  });
  const [code] = z.tuple([z.number().nullable(), z.unknown()]).parse(await once(child, "close"));
  return { code, trace, message: code === 0 ? readFileSync(log, "utf8") : "" };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "netverdict-"));
  for (const program of ["curl", "perl"])
    if (spawnSync(program, ["--version"]).status !== 0)
      throw new Error(`this test needs ${program}: apt-get install ${program}`);
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

// Real processes and real time: seconds on an idle machine, more on a busy one.
describe("the runner", { timeout: 60_000 }, () => {
  it("distinguishes what listens, greets, is silent, closes, answers and is not there", async () => {
    const sockets: Socket[] = [];
    const greeting = await listen((socket) => void socket.write("hello\n"));
    const silent = await listen((socket) => void sockets.push(socket));
    const closing = await listen((socket) => void socket.end());
    const web = await listen((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 204 No Content\r\n\r\n")),
    );
    const checks = [
      local(0, "tcp", greeting),
      local(1, "tcp", silent),
      local(2, "tcp", closing),
      local(3, "http", web),
      local(4, "http", silent),
      local(5, "tcp", 1),
    ];
    const { code, trace, message } = await run(checks);
    for (const socket of sockets) socket.destroy();
    const parsed = parseReport(message, checks);
    expect(code).toBe(0);
    const results = parsed.ok ? parsed.report.results : [];
    expect(parsed).toMatchObject({ ok: true, report: { complete: true } });
    // On a busy machine some attempts say nothing.
    expect(results.map(({ samples }) => [...new Set(samples.replaceAll(/[E-]/g, ""))].join(""))).toEqual([
      "C",
      "C",
      "C",
      "A",
      "c",
      "R",
    ]);
    expect(results[3]?.httpStatus).toBe(204);
    expect(results[5]?.hint).toBe("Connection refused");
    expect(trace).toContain("path 5 tcp 127.0.0.1:1 Refused (Connection refused)");
  });

  it("of a witness goes on until SIGTERM, and reports then, even if it gets another one", async () => {
    const port = await listen((socket) => void socket.end());
    const probing = { rounds: 2, deniedRounds: 2, maxRounds: 4, interval: "200ms", timeout: "1s" };
    const checks = [local(0, "tcp", port)];
    const settings = JSON.stringify({ checks, probing, untilEnded: true });
    const { code, message } = await run(
      checks,
      { NETVERDICT_CHECKS: settings },
      // A busy machine leaves rounds out.
      { endWhen: (trace) => /round (?:[6-9]|\d\d) /.test(trace) },
    );
    expect(code).toBe(0);
    const parsed = parseReport(message, checks);
    expect(parsed).toMatchObject({ ok: true, report: { complete: true } });
    expect(parsed.ok && parsed.report.results[0]?.samples).toMatch(/^[CE-]{6}/);
  });

  it("ends with an error, and without a report, on checks that it does not understand", async () => {
    const { code } = await run([], { NETVERDICT_CHECKS: '{"checks":[{"path":0,"tool":"gopher"}]}' });
    expect(code).toBe(1);
  });
});
