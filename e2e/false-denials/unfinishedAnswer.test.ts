import { deploy } from "../kube/deploy.ts";
import { dropLargePackets } from "../faults/podFirewall.ts";
import { itReportsOfSharedRun, pods, type Case, type Probe } from "../harness/sharedRun.ts";
import { kubectl } from "../harness/scenario.ts";
import { deployment } from "../harness/workload.ts";

/** At 8080 as its path says; at 8081 the whole answer, headers first, which the network drops but for small packets. */
const REPORT = `
const { createServer } = require("http");
const ANSWERS = {
  "/stalled": (response) => {
    response.writeHead(200, { "Content-Length": 100000 });
    response.write("x".repeat(600));
  },
  "/cut-short": (response) => {
    response.writeHead(200, { "Content-Length": 100000 });
    response.write("x".repeat(600), () => response.destroy());
  },
  "/": (response) => response.end("ok"),
};
createServer(({ url }, response) => ANSWERS[url](response)).listen(8080, "::");
createServer((_, response) => {
  response.writeHead(200, { "Content-Length": 100000 });
  response.flushHeaders();
  setTimeout(() => response.end("x".repeat(100000)), 100);
}).listen(8081, "::");`;

const client = pods("client");
const report = (port: number, path: string): Probe => ({
  from: client,
  to: pods("report"),
  http: { port, path, status: [200] },
});
const unfinished = (when: string, probe: Probe, says: string | RegExp): Case => ({
  when,
  expect: "Allowed",
  verdict: "Failed",
  reason: "UnexpectedAnswer",
  says,
  probe,
});

const STALLED = "the server sends the headers and 600 of 100000 bytes, and then nothing";
const LARGE =
  "the network drops large packets: small answers get through, and of a large one only the headers";
const MTU = "bytes came. Check the MTU on the way from the target";

itReportsOfSharedRun("unfinished", {
  cases: {
    stalled: unfinished(STALLED, report(8080, "/stalled"), `but only 600 of 100000 ${MTU}`),
    "cut-short": unfinished(
      "the server closes the connection after 600 of 100000 bytes",
      report(8080, "/cut-short"),
      `but only 600 of 100000 ${MTU}`,
    ),
    large: unfinished(LARGE, report(8081, "/"), `but only 0 of 100000 ${MTU}`),
    "never-stalled": {
      ...unfinished(STALLED, report(8080, "/stalled"), "but only 600 of 100000 bytes came"),
      expect: "Denied",
      reason: "Open",
    },
  },
  besides: [{ name: "small", expect: "Allowed", ...report(8080, "/") }],
  spec: { ipFamilies: ["IPv4"] },
  async prepare(namespace) {
    const servers = [
      deployment({ namespace, name: "client" }),
      deployment({ namespace, name: "report", script: REPORT }),
    ];
    await deploy(kubectl, servers.map((object) => JSON.stringify(object)).join("\n---\n"));
    await dropLargePackets({ namespace, name: "report" }, 8081);
  },
});
