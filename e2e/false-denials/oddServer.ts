import { deployment } from "../harness/workload.ts";

/** Which port of `oddServer` does what. */
export const PORTS = { http: 8080, silent: 9000, closing: 9001, tls: 8443, nobody: 9003 } as const;

const ODD = `
const { CERTIFICATE: cert, KEY: key } = process.env;
const { createServer } = require("net");
const calm = (socket) => socket.on("error", () => {});
require("http").createServer(({ url }, response) => {
  response.statusCode = Number(url.slice(1)) || 200;
  response.end();
}).listen(${PORTS.http}, "::");
createServer((socket) => void calm(socket)).listen(${PORTS.silent}, "::");
createServer((socket) => void calm(socket).end()).listen(${PORTS.closing}, "::");
require("tls").createServer({ key, cert }, calm).listen(${PORTS.tls}, "::");`;

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** A server with a way to behave on each of PORTS: the HTTP one answers with the status that is its path. */
export function oddServer(place: Place, { key, certificate }: { key: string; certificate: string }) {
  return deployment({ ...place, script: ODD, environment: { KEY: key, CERTIFICATE: certificate } });
}

/** Connects to itself so often, as soon as it can, and keeps the connections. Process 1, which the kernel never stops, starts the server. */
const STARTER = `
const { SERVER, HELD } = process.env;
require("child_process").spawn(process.execPath, ["-e", SERVER], { stdio: "inherit" });
const hold = () => require("net").connect(${PORTS.http}, "::1").on("error", () => setTimeout(hold, 100));
for (let count = 0; count < Number(HELD); count += 1) hold();
setInterval(() => {}, 1000);`;

interface Queue {
  readonly backlog: number;
  /** How many connections the pod itself keeps waiting in it. */
  readonly held: number;
}

/**
 * A server that has stopped itself right after listen(2), as one does that is frozen or being debugged. The kernel goes on
 * accepting for it until the queue is full.
 */
export function stoppedServer(place: Place, { backlog, held }: Queue = { backlog: 511, held: 0 }) {
  const where = JSON.stringify({ port: PORTS.http, host: "::", backlog });
  const server = `require("net").createServer().listen(${where}, () => process.kill(process.pid, "SIGSTOP"))`;
  const environment = { SERVER: server, HELD: String(held) };
  return deployment({ ...place, script: STARTER, environment, readinessProbe: held === 0 });
}
