import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { hostname } from "node:os";
import { parseArgs } from "node:util";

/**
 * A web server to be reached, or not. Its arguments are the ports on which it answers every request with its own name and
 * the address that it was called from: `80 5000`.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    /** Answers with what this server answers, as an ingress controller does: who calls it is out of sight there. */
    "forward-to": { type: "string" },
    /** A port where connections are taken and not a word is said. */
    silent: { type: "string", multiple: true, default: [] },
  },
});

const target = values["forward-to"];
for (const port of positionals) listen(target === undefined ? greeter() : proxy(target), port);
for (const port of values.silent) listen(createServer(), port);
// The first process of a container dies of no signal that it does not handle.
process.on("SIGTERM", () => process.exit(0));

function greeter(): HttpServer {
  return createHttpServer(({ socket }, response) => {
    const caller = socket.remoteAddress?.replace("::ffff:", "");
    response.end(`${hostname()} was called from ${caller}\n`);
  });
}

function proxy(to: string): HttpServer {
  return createHttpServer(({ url = "/" }, response) => {
    void fetch(new URL(url, to), { signal: AbortSignal.timeout(1_000) })
      .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
      .catch((error: unknown) => response.writeHead(502).end(`${String(error)}\n`));
  });
}

/** On every address of both families. */
function listen(server: Server, port: string): void {
  server.listen(Number(port), "::", () => console.log(`listens on ${port}`));
}
