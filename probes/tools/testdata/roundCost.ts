import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { exec } from "../../runner/exec.ts";
import { sharedCurl } from "../../runner/sharedCurl.ts";
import { check } from "../../testing/checks.ts";
import { STAGGER } from "../../timing.ts";
import { http } from "../http.ts";
import type { SharedRequest } from "../sharedHttp.ts";

/**
 * Measures the CPU of a round of http attempts: each with a curl of its own, and as the runner makes them. Prints rows for
 * docs/bench.md:
 *
 *     node probes/tools/testdata/roundCost.ts [rounds] [attempts]
 *
 * Needs curl. Everything happens on the loopback addresses.
 */

const [rounds, attempts] = z
  .tuple([z.coerce.number().default(10), z.coerce.number().default(20)])
  .parse([process.argv[2], process.argv[3]]);

/** Answers on one port, and is silent on the other. In a process of its own, whose CPU is not that of a round. */
const SERVERS = `const { createServer } = require("node:net");
const ok = (socket) => socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"));
const silent = (socket) => socket.on("error", () => {}).resume();
const ports = [ok, silent].map((behave) => createServer(behave).listen(0).address().port);
console.log(JSON.stringify(ports));`;

type Round = (requests: readonly SharedRequest[]) => Promise<unknown>;

const alone = ({ check: one, target, timeoutMs }: SharedRequest) =>
  exec(http.commandLine(one, target, timeoutMs), { limitMs: 9_000 }).then((exit) => http.classify(exit, one));

const eachAlone: Round = (requests) =>
  Promise.all(
    requests.map(async (request, place) => {
      await wait(place * STAGGER);
      return alone(request);
    }),
  );

const curl = sharedCurl();
const together: Round = (requests) =>
  Promise.all(
    requests.map(async (request) => (await curl.request(request))?.attempt ?? (await alone(request))),
  );

/** The CPU time of this process and of those that it has waited for, in milliseconds (proc(5)). */
function cpuMs(): { own: number; children: number } {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  const ticks = (...places: readonly number[]) =>
    places.reduce((sum, place) => sum + Number(fields[place]) * 10, 0);
  return { own: ticks(11, 12), children: ticks(13, 14) };
}

async function cost(round: Round, port: number): Promise<string> {
  const requests = Array.from({ length: attempts }, (_, host): SharedRequest => ({
    check: check(host, { port }),
    target: `127.0.0.${host + 1}`,
    timeoutMs: 1_000,
  }));
  const before = cpuMs();
  for (let turn = 0; turn < rounds; turn++) await round(requests);
  const after = cpuMs();
  const perRound = (from: number, to: number) => ((to - from) / rounds).toFixed(0);
  return `${perRound(before.children, after.children)} | ${perRound(before.own, after.own)}`;
}

const servers = spawn(process.execPath, ["-e", SERVERS], { stdio: ["ignore", "pipe", "inherit"] });
const [said] = z.tuple([z.instanceof(Buffer)]).parse(await once(servers.stdout, "data"));
const [answering, silent] = z.tuple([z.number(), z.number()]).parse(JSON.parse(said.toString()));
const TARGETS = { "that answer": answering, "that are silent": silent, "that refuse": 1 };
for (const [name, port] of Object.entries(TARGETS)) {
  // In turns, so that other work on the machine hits both.
  for (const turn of [1, 2]) {
    const row = [await cost(eachAlone, port), await cost(together, port)].join(" | ");
    process.stdout.write(`| ${attempts} targets ${name}, ${turn} | ${row} |\n`);
  }
}
curl.close();
servers.kill();
