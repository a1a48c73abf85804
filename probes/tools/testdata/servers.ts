import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createSocket } from "node:dgram";
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** What the far end of the recordings runs: one port for each way to behave, and a name server. See record.ts. */

const HTTP: Readonly<Record<number, string>> = {
  8080: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  8081: "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.2:8080/\r\nContent-Length: 0\r\n\r\n",
  8082: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
  8083: "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
  8084: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\ncut short",
};

/** What port 8085 wants of a request, besides a method that curl does not choose by itself. */
const WANTED = [/^(HEAD|OPTIONS) \/ HTTP\/1\.1\r\n/, /\r\nHost: shop\.example\r\n/, /\r\nX-Tenant: blue\r\n/];
const statusOf = (request: string) =>
  WANTED.every((part) => part.test(request)) ? "200 OK" : "421 Misdirected Request";

const KIBIBYTE = "x".repeat(1_024);
const CHUNK = `400\r\n${KIBIBYTE}\r\n`;
const head = (...lines: readonly string[]) => `${["HTTP/1.1 200 OK", ...lines].join("\r\n")}\r\n\r\n`;
const [LONG, CHUNKED] = ["Content-Length: 100000", "Transfer-Encoding: chunked"];

/** Port 8086: a response by the path of its request, and what becomes of the connection: see RFC 9112 §6.3 and §8. */
const FRAMED: Readonly<Record<string, readonly [response: string, then: "Open" | "End" | "Reset"]>> = {
  "/stalled": [`${head(LONG)}${KIBIBYTE}`, "Open"],
  "/no-body": [head(LONG), "Open"],
  "/reset": [`${head(LONG)}${KIBIBYTE}`, "Reset"],
  "/half-head": [`HTTP/1.1 200 OK\r\n${LONG}\r\nServer: `, "Open"],
  "/half-head-closed": ["HTTP/1.1 200 OK\r\nServer: ", "End"],
  "/redirect-stalled": [`HTTP/1.1 302 Found\r\nLocation: /\r\n${LONG}\r\n\r\n${KIBIBYTE}`, "Open"],
  "/failure-stalled": [`HTTP/1.1 503 Service Unavailable\r\n${LONG}\r\n\r\n${KIBIBYTE}`, "Open"],
  "/chunks": [`${head(CHUNKED)}${CHUNK}0\r\n\r\n`, "Open"],
  "/chunks-and-length": [`${head(LONG, CHUNKED)}${CHUNK}0\r\n\r\n`, "Open"],
  "/chunks-unending": [`${head("Content-Type: text/event-stream", CHUNKED)}${CHUNK}`, "Open"],
  "/chunks-cut-short": [`${head(CHUNKED)}${CHUNK}`, "End"],
  "/until-closed": [`${head()}${KIBIBYTE}`, "End"],
  "/until-closed-unending": [`${head()}${KIBIBYTE}`, "Open"],
  "/until-closed-reset": [`${head()}${KIBIBYTE}`, "Reset"],
  "/no-content": [`HTTP/1.1 204 No Content\r\n${LONG}\r\n\r\n`, "Open"],
  "/not-modified": [`HTTP/1.1 304 Not Modified\r\n${LONG}\r\n\r\n`, "Open"],
  "/early-hints": [`HTTP/1.1 103 Early Hints\r\n\r\n${head("Content-Length: 0")}`, "Open"],
  "/early-hints-alone": ["HTTP/1.1 103 Early Hints\r\n\r\n", "Open"],
  "/early-hints-closed": ["HTTP/1.1 103 Early Hints\r\n\r\n", "End"],
};

function framed(socket: Socket): void {
  socket.once("data", (request) => {
    const [, path = ""] = request.toString("latin1").split(" ");
    const [response, then] = FRAMED[path] ?? [HTTP[8082] ?? "", "End"];
    socket.write(response, () => {
      if (then === "End") socket.end();
      // Else the reset would overtake the response.
      if (then === "Reset") setTimeout(() => socket.resetAndDestroy(), 100);
    });
  });
}

const answer = (text: string) => (socket: Socket) => void socket.once("data", () => socket.end(text));
const choosy = (socket: Socket) =>
  void socket.once("data", (request) =>
    socket.end(`HTTP/1.1 ${statusOf(request.toString("latin1"))}\r\nContent-Length: 0\r\n\r\n`),
  );
const BEHAVIOURS: Readonly<Record<number, (socket: Socket) => void>> = {
  ...Object.fromEntries(Object.entries(HTTP).map(([port, text]) => [port, answer(text)])),
  8085: choosy,
  8086: framed,
  3306: (socket) => void socket.write("J\0\0\0\n8.4.0\0greeting of a database\n"),
  9000: () => undefined,
  9001: (socket) => void socket.end(),
  9002: (socket) => void socket.resetAndDestroy(),
  9004: answer(""),
};

for (const [port, behave] of Object.entries(BEHAVIOURS)) {
  createServer((socket) => behave(socket.on("error", () => socket.destroy()))).listen(Number(port), "::");
}

/** A value of ASN.1 in DER (X.690 §8.1): its tag, its length, and what it is made of. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** A new certificate (RFC 5280 §4.1) for one name, signed by its own key alone. */
function selfSigned(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = der(0x30, Buffer.from("06082a8648ce3d040302", "hex"));
  const commonName = der(0x30, Buffer.from("0603550403", "hex"), der(0x0c, Buffer.from(name)));
  const subject = der(0x30, der(0x31, commonName));
  const validity = der(
    0x30,
    der(0x17, Buffer.from("200101000000Z")),
    der(0x17, Buffer.from("491231235959Z")),
  );
  const alternative = der(0x30, der(0x82, Buffer.from(name)));
  const extension = der(0x30, Buffer.from("0603551d11", "hex"), der(0x04, alternative));
  const toSign = der(
    0x30,
    der(0xa0, Buffer.from("020102", "hex")),
    der(0x02, Buffer.of(1, ...randomBytes(8))),
    ecdsaWithSha256,
    subject,
    validity,
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, extension)),
  );
  const signature = der(0x03, Buffer.of(0), sign("sha256", toSign, privateKey));
  const encoded = der(0x30, toSign, ecdsaWithSha256, signature).toString("base64");
  const cert = `-----BEGIN CERTIFICATE-----\n${encoded}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }) };
}

const certified = selfSigned("target.example");
createTlsServer(certified, answer(HTTP[8080] ?? ""))
  .on("tlsClientError", () => undefined)
  .listen(8443, "::");

/** The same over HTTP/2, in which the end of a response is a flag (RFC 9113 §8.1): port 8444. */
const STREAMS: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  "/": (stream) => void stream.end(KIBIBYTE),
  "/stalled": (stream) => void stream.write(KIBIBYTE),
  "/unending": (stream) => void stream.write(KIBIBYTE),
  "/reset": (stream) => void stream.write(KIBIBYTE, () => stream.destroy(new Error("reset"))),
};
createSecureServer(certified)
  .on("sessionError", () => undefined)
  .on("stream", (stream, { ":path": path = "" }) => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200, ...(path === "/stalled" && { "content-length": 100_000 }) });
    STREAMS[path]?.(stream);
  })
  .listen(8444, "::");

const A = 1;
const CNAME = 5;
const AAAA = 28;
const SRV = 33;
/** `target.example`, as a name server writes it. */
const TARGET = Buffer.from("\x06target\x07example\0", "latin1");
const DATA: Readonly<Record<number, Uint8Array>> = {
  [A]: Uint8Array.of(192, 0, 2, 2),
  [CNAME]: TARGET,
  [AAAA]: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
  [SRV]: Buffer.concat([Uint8Array.of(0, 0, 0, 100, 0x1f, 0x90), TARGET]),
};
/** The types of record that a name has, by its first label; what asks for another type gets none, or the alias. */
const RECORDS: Readonly<Record<string, readonly number[]>> = {
  target: [A, AAAA],
  truncated: [A, AAAA],
  alias: [CNAME],
  _http: [SRV],
  nodata: [],
};
const RCODES: Readonly<Record<string, number>> = { servfail: 2, nxdomain: 3, refused: 5 };
const record = (type: number, data: Uint8Array) =>
  Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);

/** Every label of the name asked for, in small letters. */
function labelsOf(query: Buffer): string[] {
  const labels = [];
  for (let at = 12; (query[at] ?? 0) > 0; at += 1 + (query[at] ?? 0)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + (query[at] ?? 0)).toLowerCase());
  }
  return labels;
}

/**
 * What is known of a name by its first label; `inner` is inner.shop.example alone. In the domains `servfail.search`,
 * `target.search` … every name is known as the domain's first label.
 */
function knownAs(query: Buffer): string {
  const labels = labelsOf(query);
  if (labels.at(-1) === "search") return labels.at(-2) ?? "";
  return labels.join(".") === "inner.shop.example" ? "target" : (labels[0] ?? "");
}

const isTruncated = (name: string, over: "UDP" | "TCP") => name === "truncated" && over === "UDP";

function answersTo(name: string, asked: number): Buffer {
  const type = RECORDS[name]?.find((each) => each === asked || each === CNAME);
  const data = type === undefined ? undefined : DATA[type];
  return type !== undefined && data ? record(type, data) : Buffer.alloc(0);
}

/** `silent` never gets one, `truncated` by TCP alone. */
function answerTo(query: Buffer, over: "UDP" | "TCP"): Buffer | undefined {
  const name = knownAs(query);
  if (name === "silent") return undefined;
  const end = query.indexOf(0, 12) + 5;
  const cut = isTruncated(name, over);
  const answers = cut ? Buffer.alloc(0) : answersTo(name, query[end - 3] ?? A);
  const rcode = RCODES[name] ?? (name in RECORDS ? 0 : 3);
  const count = Math.sign(answers.length);
  const header = Buffer.from([0x85 | (cut ? 2 : 0), 0x80 | rcode, 0, 1, 0, count, 0, 0, 0, 0]);
  return Buffer.concat([query.subarray(0, 2), header, query.subarray(12, end), answers]);
}

/** Over TCP each message has its length before it (RFC 1035 §4.2.2). */
createServer((socket) => {
  socket
    .on("error", () => socket.destroy())
    .once("data", (message) => {
      const reply = answerTo(message.subarray(2), "TCP");
      if (labelsOf(message.subarray(2))[0] === "closed") socket.end();
      else if (reply) socket.end(Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 0xff), reply]));
    });
}).listen(53, "::");

const names = createSocket({ type: "udp6" });
names.on("message", (query, { address, port }) => {
  process.stdout.write(`${labelsOf(query).join(".")}.\n`);
  const reply = answerTo(query, "UDP");
  if (reply) names.send(reply, port, address);
});
names.bind(53, "::", () => process.stdout.write("ready\n"));
