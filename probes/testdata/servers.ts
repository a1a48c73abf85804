import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";

/** What the far end of the recordings runs: one port for each way to behave, and a name server. See record.ts. */

const HTTP: Readonly<Record<number, string>> = {
  8080: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  8081: "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.2:8080/\r\nContent-Length: 0\r\n\r\n",
  8082: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
  8083: "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
  8084: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\ncut short",
};

const answer = (text: string) => (socket: Socket) => void socket.once("data", () => socket.end(text));
const BEHAVIOURS: Readonly<Record<number, (socket: Socket) => void>> = {
  ...Object.fromEntries(Object.entries(HTTP).map(([port, text]) => [port, answer(text)])),
  3306: (socket) => void socket.write("J\0\0\0\n8.4.0\0greeting of a database\n"),
  9000: () => undefined,
  9001: (socket) => void socket.end(),
  9002: (socket) => void socket.resetAndDestroy(),
  9004: answer(""),
};

for (const [port, behave] of Object.entries(BEHAVIOURS)) {
  createServer((socket) => behave(socket.on("error", () => socket.destroy()))).listen(Number(port), "::");
}

const A = 1;
const AAAA = 28;
const record = (type: number, data: Uint8Array) =>
  Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);
const ADDRESSES: Readonly<Record<number, Uint8Array>> = {
  [A]: Uint8Array.of(192, 0, 2, 2),
  [AAAA]: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
};
/** `target.example`, as a name server writes it. */
const ALIAS_TARGET = Buffer.from("\x06target\x07example\0", "latin1");
const RCODES: Readonly<Record<string, number>> = { servfail: 2, nxdomain: 3, refused: 5 };

/** Answers by the first label of the name; `silent` never. */
function answerTo(query: Buffer): Buffer | undefined {
  const end = query.indexOf(0, 12) + 5;
  const label = query.toString("latin1", 13, 13 + (query[12] ?? 0)).toLowerCase();
  const type = query[end - 3] ?? A;
  if (label === "silent") return undefined;
  const found = label === "target" ? record(type, ADDRESSES[type] ?? Buffer.alloc(0)) : Buffer.alloc(0);
  const alias = label === "alias" ? record(5, ALIAS_TARGET) : Buffer.alloc(0);
  const known = ["target", "alias", "nodata"].includes(label);
  const rcode = RCODES[label] ?? (known ? 0 : 3);
  const answers = found.length + alias.length > 0 ? 1 : 0;
  const header = Buffer.from([0x85, 0x80 | rcode, 0, 1, 0, answers, 0, 0, 0, 0]);
  return Buffer.concat([query.subarray(0, 2), header, query.subarray(12, end), found, alias]);
}

const names = createSocket({ type: "udp6" });
names.on("message", (query, { address, port }) => {
  const reply = answerTo(query);
  if (reply) names.send(reply, port, address);
});
names.bind(53, "::", () => process.stdout.write("ready\n"));
