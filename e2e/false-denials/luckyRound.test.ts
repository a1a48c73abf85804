import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { runTest } from "../harness/runTest.ts";
import { kubectl, namespace } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";

/** Answers the first request, then listens no more, and lives on. */
const ONCE = `
const server = require("http").createServer((_, response) => response.end("ok", () => server.close()));
server.listen(8080, "::");
setInterval(() => {}, 1000);
`;

const from = { podSelector: { matchLabels: { app: "client" } } };
const once = {
  name: "once",
  from,
  to: { podSelector: { matchLabels: { app: "once" } } },
  http: { port: 8080 },
  expect: "Allowed",
};
const web = { ...once, name: "web", to: { podSelector: { matchLabels: { app: "web" } } } };

itReports(
  {
    when: "only the first round succeeds: the server answers one request and never again",
    expect: "Allowed",
    verdict: "Failed",
    reason: "TargetDown",
    says: "open for the first",
  },
  async () => {
    const here = await namespace("lucky");
    const servers = [
      server({ namespace: here, name: "client" }),
      server({ namespace: here, name: "web" }),
      server({ namespace: here, name: "once", readinessProbe: false, script: ONCE }),
    ];
    await deploy(kubectl, servers.join("\n---\n"));
    return runTest({ namespace: here }, { expectations: [once, web] });
  },
);
