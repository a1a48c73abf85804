import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as netConnect, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { check } from "../testing/checks.ts";
import { tcpProcess, type TcpProcess } from "./tcpProcess.ts";

/** With the real tcp.pl, on the loopback addresses alone, and with programs that misbehave in its place. */

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(address: string) {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted++;
    socket.on("error", () => undefined);
  });
  servers.push(server);
  server.listen(0, address);
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { port, accepted: () => accepted };
}

const NEVER_ACCEPTS = `use Socket; $| = 1; socket S, AF_INET, SOCK_STREAM, 0; bind S, pack_sockaddr_in(0, INADDR_LOOPBACK);
  listen S, 0; print((unpack_sockaddr_in(getsockname S))[0], "\\n"); sleep 600`;

/** The queue of a listener that accepts nothing is full after one connection: then the kernel drops every SYN (listen(2)). */
async function listenWithoutAccepting(): Promise<number> {
  const listener = spawn("perl", ["-e", NEVER_ACCEPTS], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void listener.kill());
  const [said] = z.tuple([z.instanceof(Buffer)]).parse(await once(listener.stdout, "data"));
  const port = Number(said.toString());
  const first = netConnect(port, LOOPBACK);
  onTestFinished(() => void first.destroy());
  await once(first, "connect");
  return port;
}

function open(program?: readonly string[]): TcpProcess {
  const process = tcpProcess(program);
  onTestFinished(process.close);
  return process;
}

/** The program gets the port of an attempt as the third word of a line. */
const instead = (script: string) => open(["perl", "-e", `$| = 1; while (<STDIN>) { ${script} }`]);
const at = (port: number) => check(0, { tool: "tcp", port });
const LOOPBACK = "127.0.0.1";
/** Nothing listens there. */
const CLOSED = 1;

describe("the process for TCP", { timeout: 60_000 }, () => {
  // A machine that does not run a program for 200 ms between two steps makes it an ordinary connection.
  it("opens no connection, over either family, of a hundred that were possible", { retry: 3 }, async () => {
    const [four, six] = [await listen(LOOPBACK), await listen("::1")];
    const { connect } = open();
    const asked = Array.from({ length: 50 }, () => [
      connect(at(four.port), LOOPBACK, 2_000),
      connect(at(six.port), "::1", 2_000),
    ]).flat();
    const replies = (await Promise.all(asked)).map(({ reply }) => reply.state);
    expect(replies).toEqual(Array.from({ length: 100 }, () => "connected"));
    // An ordinary connection comes after all of these, and so they would have been accepted.
    await expect(
      fetch(`http://${LOOPBACK}:${four.port}`, { signal: AbortSignal.timeout(500) }),
    ).rejects.toThrow("The operation was aborted due to timeout");
    expect(four.accepted()).toBe(1);
    expect(six.accepted()).toBe(0);
  });

  it("answers each attempt with its own result", async () => {
    const { port } = await listen(LOOPBACK);
    const { connect } = open();
    const asked = [port, CLOSED, port].map(async (each) => (await connect(at(each), LOOPBACK, 2_000)).reply);
    expect(await Promise.all(asked)).toMatchObject([
      { state: "connected" },
      { state: "failed", error: "Connection refused" },
      { state: "connected" },
    ]);
  });

  it("is silent for as long as requested, and meanwhile answers the others", async () => {
    const [{ port }, silent] = [await listen(LOOPBACK), await listenWithoutAccepting()];
    const { connect } = open();
    const [nothing, something] = await Promise.all([
      connect(at(silent), LOOPBACK, 700),
      connect(at(port), LOOPBACK, 700),
    ]);
    expect([nothing.reply.state, something.reply.state]).toEqual(["silent", "connected"]);
    expect(nothing.elapsedMs).toBeGreaterThanOrEqual(700);
  });

  it("is killed, and started again, where it does not answer", async () => {
    const { connect } = instead(`my ($id, $address, $port) = split " "; sleep 60 if $port == 9;
      print qq({"id":$id,"state":"silent"}\\n);`);
    await expect(connect(at(9), LOOPBACK, 1)).rejects.toThrow("perl ended with SIGKILL");
    expect(await connect(at(8), LOOPBACK, 1)).toMatchObject({ reply: { id: 2, state: "silent" } });
  });

  it("fails all attempts in progress with its own last words when it ends", async () => {
    const { connect } = instead(`die "socket: Permission denied\\n" if /^2/;`);
    const both = [connect(at(8), LOOPBACK, 1_000), connect(at(9), LOOPBACK, 1_000)];
    expect(await Promise.allSettled(both)).toMatchObject([
      { status: "rejected", reason: { message: "socket: Permission denied\n" } },
      { status: "rejected", reason: { message: "socket: Permission denied\n" } },
    ]);
  });

  it("is not believed when it writes something else", async () => {
    const { connect } = instead(`print "open\\n"; sleep 60;`);
    await expect(connect(at(8), LOOPBACK, 1_000)).rejects.toThrow("perl wrote a line that is not a reply");
  });

  it("fails an attempt where it cannot be started", async () => {
    const { connect } = open(["no-such-program"]);
    await expect(connect(at(8), LOOPBACK, 1_000)).rejects.toThrow("spawn no-such-program ENOENT");
  });

  it("goes on where one attempt cannot be made", async () => {
    const { connect } = open();
    const both = [connect(at(CLOSED), "host.example", 1_000), connect(at(CLOSED), LOOPBACK, 1_000)];
    expect((await Promise.all(both)).map(({ reply }) => reply)).toMatchObject([
      { state: "failed", error: "not an address: host.example" },
      { state: "failed", error: "Connection refused" },
    ]);
  });
});
