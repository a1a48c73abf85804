import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import type { Check } from "../../crds/proberun/plannedpath.ts";
import { check } from "../testing/checks.ts";
import { sharedCurl, type SharedCurlOptions } from "./sharedCurl.ts";

/** With the real curl, on the loopback addresses alone, and with programs that misbehave in its place. */

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server on every address, which gets the path of each request. */
async function listen(behave: (socket: Socket, path: string) => void): Promise<number> {
  const server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    socket
      .on("error", () => undefined)
      .once("data", (request) => behave(socket, request.toString("latin1").split(" ")[1] ?? ""));
  });
  servers.push(server);
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  return z.object({ port: z.number() }).parse(server.address()).port;
}

function open(options: SharedCurlOptions = {}) {
  const parent = mkdtempSync(join(tmpdir(), "netverdict-shared-"));
  const curl = sharedCurl({ parent, ...options });
  onTestFinished(() => {
    curl.close();
    expect(readdirSync(parent)).toEqual([]);
    rmSync(parent, { recursive: true });
  });
  return curl;
}

interface More extends Partial<Check> {
  readonly timeoutMs?: number;
}

const to = (host: number, port: number, { timeoutMs = 2_000, ...more }: More = {}) => ({
  check: check(host, { ...more, port }),
  target: `127.0.0.${host}`,
  timeoutMs,
});
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const web = () => listen((socket) => void socket.end(OK));
const silent = () => listen(() => undefined);
/** Nothing listens there. */
const CLOSED = 1;

const KIBIBYTE = "x".repeat(1_024);
const [WHOLE, CUT_SHORT] = [{ matchesRequest: true }, { matchesRequest: false }];

/** By path: a response, whether the connection is closed then, and what the attempt reports of an answer with status 200. */
const FRAMED: Readonly<Record<string, readonly [response: string, isClosed: boolean, reported: object]>> = {
  "/whole": [OK, false, WHOLE],
  "/stalled": [
    `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${KIBIBYTE}`,
    false,
    { ...CUT_SHORT, unfinished: { received: 1_024, promised: 100_000 }, wentSilent: true },
  ],
  "/half-head": [
    "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nServer: ",
    false,
    { ...CUT_SHORT, unfinished: { received: 0, promised: 100_000 }, wentSilent: true },
  ],
  "/half-head-closed": ["HTTP/1.1 200 OK\r\nServer: ", true, { ...CUT_SHORT, unfinished: { received: 0 } }],
  "/status-line-closed": ["HTTP/1.1 200 OK\r\n", true, { ...CUT_SHORT, unfinished: { received: 0 } }],
  "/chunks-cut-short": [
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n${KIBIBYTE}\r\n`,
    true,
    { ...CUT_SHORT, unfinished: { received: 1_024 } },
  ],
  "/until-closed": [`HTTP/1.1 200 OK\r\n\r\n${KIBIBYTE}`, true, WHOLE],
  "/until-closed-unending": [
    `HTTP/1.1 200 OK\r\n\r\n${KIBIBYTE}`,
    false,
    { ...WHOLE, unfinished: { received: 1_024 } },
  ],
  "/early-hints": [`HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n${OK}`, false, WHOLE],
  "/early-hints-alone": [
    "HTTP/1.1 103 Early Hints\r\n\r\n",
    false,
    { ...CUT_SHORT, httpStatus: 103, unfinished: { received: 0 }, wentSilent: true },
  ],
};

describe("the curl that http attempts share", { timeout: 60_000 }, () => {
  it("distinguishes the ends of responses by the headers of each", async () => {
    const port = await listen((socket, path) => {
      const [response, isClosed] = FRAMED[path] ?? ["", true];
      socket.write(response, () => isClosed && socket.end());
    });
    const { request } = open();
    const asked = Object.keys(FRAMED).map((urlPath, place) => to(place + 1, port, { urlPath }));
    const shared = await Promise.all(asked.map(request));
    const attempts = shared.map((each) => each && { ...each.attempt, latencyMs: 0 });
    const answer = { outcome: "Answered", httpStatus: 200, latencyMs: 0 };
    expect(attempts).toEqual(Object.values(FRAMED).map(([, , reported]) => ({ ...answer, ...reported })));
  });

  it("answers each as soon as its own transfer ends, and leaves what needs a trace to others", async () => {
    const [up, down] = [await web(), await silent()];
    const { request } = open();
    const ended: number[] = [];
    const asked = [
      to(1, down, { timeoutMs: 3_000 }),
      to(2, up),
      to(3, CLOSED),
      to(4, up, { scheme: "HTTPS", insecureSkipTLSVerify: true }),
      to(5, up),
    ];
    const results = await Promise.all(
      asked.map(async (each) => {
        const result = await request(each);
        ended.push(each.check.path);
        return result?.attempt;
      }),
    );
    expect(results).toMatchObject([
      { outcome: "Connected", wentSilent: true },
      { outcome: "Answered", matchesRequest: true, httpStatus: 200 },
      undefined,
      undefined,
      { outcome: "Answered" },
    ]);
    expect(ended.at(-1)).toBe(1);
  });

  it("is kept from no answer by the most headers that another response may have", async () => {
    const up = await web();
    const flood = await listen(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${"a:\r\n".repeat(76_800)}`),
    );
    const { request } = open();
    const asked = [flood, ...Array.from({ length: 19 }, () => up)].map((port, place) =>
      to(place + 1, port, { timeoutMs: 5_000 }),
    );
    const [flooded, ...others] = await Promise.all(asked.map(request));
    expect(flooded?.attempt).toMatchObject({ outcome: "Answered", matchesRequest: false });
    expect(others.map((each) => each?.attempt.outcome)).toEqual(Array.from(others, () => "Answered"));
  });

  it("uses no connection twice", async () => {
    let connections = 0;
    const port = await listen((socket) => {
      connections++;
      socket.write(OK);
    });
    const { request } = open();
    const both = [to(1, port), to(2, port)];
    // Twice the same two at once: two processes.
    const results = await Promise.all([...both, ...both].map(request));
    expect(results.map((each) => each?.attempt.outcome)).toEqual(Array.from(results, () => "Answered"));
    expect(connections).toBe(4);
  });

  it("was late where it did not run at the end of the timeout", async () => {
    const script = '"$@" & sleep 1; kill -STOP $!; sleep 1; kill -CONT $!; wait $!';
    const { request } = open({ program: ["sh", "-c", script, "sh", "curl"] });
    const port = await silent();
    const results = await Promise.all(
      [to(1, port, { timeoutMs: 1_500 }), to(2, port, { timeoutMs: 1_500 })].map(request),
    );
    expect(results).toMatchObject([
      { attempt: { wentSilent: true }, wasLate: true },
      { attempt: { wentSilent: true }, wasLate: true },
    ]);
  });

  it.each([
    ["was killed", ["sh", "-c", "kill -KILL $$"], "sh ended with SIGKILL"],
    ["cannot be started", ["no-such-program"], "spawn no-such-program ENOENT"],
    ["has too many arguments", ["sh", "x".repeat(4_000_000)], "spawn E2BIG"],
  ])("fails each of its attempts where it %s", async (_, program, message) => {
    const { request } = open({ program });
    const both = await Promise.allSettled([to(1, CLOSED), to(2, CLOSED)].map(request));
    expect(both).toMatchObject([
      { status: "rejected", reason: { message } },
      { status: "rejected", reason: { message } },
    ]);
  });

  it("leaves all answers whose headers cannot be written to processes of their own", async () => {
    // Every write to a file fails as on a full disk. curl reports success.
    const script = 'trap "" XFSZ; ulimit -f 0; exec "$@"';
    const { request } = open({ program: ["sh", "-c", script, "sh", "curl"] });
    const [up, down] = [await web(), await silent()];
    const asked = [to(1, up), to(2, down), to(3, up)];
    const results = await Promise.all(asked.map(request));
    expect(results).toMatchObject([undefined, { attempt: { wentSilent: true } }, undefined]);
  });

  it("leaves a URL that curl rejects to a process of its own, and makes the attempts beside it", async () => {
    const up = await web();
    const asked = [to(1, up), to(2, up, { host: "[" }), to(3, up)];
    const { request } = open();
    const results = await Promise.all(asked.map(request));
    expect(results.map((each) => each?.attempt.outcome)).toEqual(["Answered", undefined, "Answered"]);
  });

  it.each([
    ["cannot be read", "#0 {"],
    ["contains line separators of Unicode", '#0 "\u2028#1 {}\u2029"'],
  ])("leaves an attempt at once where the line of its result %s", async (_, line) => {
    const script = 'echo "$0"; exec sleep 30';
    const { request } = open({ program: ["sh", "-c", script, line] });
    const [first, second] = [to(1, CLOSED), to(2, CLOSED)];
    const [left, killed] = [request(first), request(second).catch(String)];
    expect(await Promise.race([left, killed])).toBeUndefined();
    expect(await killed).toBe("Error: sh ended with SIGKILL");
  });

  it("leaves all attempts without a result to processes of their own where it ends by itself", async () => {
    const { request } = open({ program: ["sh", "-c", "echo what?; exit 2"] });
    expect(await Promise.all([to(1, CLOSED), to(2, CLOSED)].map(request))).toEqual([undefined, undefined]);
  });

  it("is not used for one attempt alone, and starts no two processes at once", async () => {
    const { request } = open({ program: ["no-such-program"] });
    const startedAt = performance.now();
    expect(await request(to(1, CLOSED))).toBeUndefined();
    // The same address and port.
    const same = Array.from({ length: 5 }, () => to(1, CLOSED));
    expect(await Promise.all(same.map(request))).toEqual(Array.from(same, () => undefined));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(4 * 25);
  });

  it("is not used where no folder can be written to, and says so", async () => {
    const say = vi.fn<(line: string) => void>();
    const { request } = open({ parent: "/proc/none", say });
    expect(await Promise.all([to(1, CLOSED), to(2, CLOSED)].map(request))).toEqual([undefined, undefined]);
    expect(say.mock.calls[0]?.[0]).toMatch(/^each http attempt starts a process of its own: .*ENOENT/);
  });
});
