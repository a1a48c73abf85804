import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { runTest } from "../harness/runTest.ts";
import { refuseConnections } from "../faults/podFirewall.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { expectationStatusOf } from "../harness/expectationStatus.ts";
import { deployment, server } from "../harness/workload.ts";

/** One port for each way to be open: all in one pod, and all told by one run. The readiness probe asks the first. */
const PORT = {
  lucky: 8080,
  open: 8081,
  flapsDenied: 8082,
  flapsAllowed: 8083,
  openAtFirst: 8084,
  closedAtFirst: 8085,
  leaks: 8086,
} as const;

const LISTENERS = `
const answer = (_, response) => response.end("ok");
for (const port of ${JSON.stringify(Object.values(PORT))})
  require("http").createServer(answer).listen(port, "::");`;

const toward = (name: keyof typeof PORT, expected: "Allowed" | "Denied") => ({
  name: name.toLowerCase(),
  from: { podSelector: { matchLabels: { app: "client" } } },
  to: { podSelector: { matchLabels: { app: "doors" } } },
  tcp: { port: PORT[name] },
  expect: expected,
});

let test: ConnectivityTest;

beforeAll(async () => {
  const { name: here, remove } = await makeNamespace("settled");
  const client = server({ namespace: here, name: "client" });
  const doors = deployment({ namespace: here, name: "doors", script: LISTENERS });
  await deploy(kubectl, [client, JSON.stringify(doors)].join("\n---\n"));
  await refuseConnections(
    { namespace: here, name: "doors" },
    {
      [PORT.flapsDenied]: "EverySecond",
      [PORT.flapsAllowed]: "EverySecond",
      [PORT.openAtFirst]: "AllButFirstTwo",
      [PORT.lucky]: "AllButFirstTwo",
      [PORT.closedAtFirst]: "FirstTwo",
      [PORT.leaks]: "FirstTwo",
    },
  );
  const expectations = [
    toward("open", "Allowed"),
    toward("flapsDenied", "Denied"),
    toward("flapsAllowed", "Allowed"),
    toward("openAtFirst", "Denied"),
    toward("lucky", "Allowed"),
    toward("closedAtFirst", "Allowed"),
    toward("leaks", "Denied"),
  ];
  test = await runTest({ namespace: here }, { expectations, ipFamilies: ["IPv4"] });
  return remove;
});

const reported = (name: keyof typeof PORT) => expectationStatusOf(test, name.toLowerCase());

itReports(
  {
    when: "a path that flaps permanently",
    expect: "Denied",
    verdict: "Failed",
    reason: "OpenSometimes",
    says: /was open in \d+ of \d+ rounds/,
    expectation: "flapsdenied",
  },
  async () => test,
);

itReports(
  {
    when: "a path that flaps permanently",
    expect: "Allowed",
    verdict: "Inconclusive",
    reason: "Unsettled",
    says: /was open in \d+ of \d+ rounds/,
    expectation: "flapsallowed",
  },
  async () => test,
);

itReports(
  {
    when: "only the first rounds succeed: a path that is open for the first two seconds, and then closed",
    expect: "Allowed",
    verdict: "Failed",
    reason: "Blocked",
    says: /open for the first \d s of the pod's life/,
    expectation: "lucky",
  },
  async () => test,
);

itReports(
  {
    when: "a path that is closed for the first two seconds, and then open",
    expect: "Denied",
    verdict: "Failed",
    reason: "Open",
    says: /closed for the first \d s of the pod's life/,
    expectation: "leaks",
  },
  async () => test,
);

it("a path that flaps is tried to the last round", () => {
  for (const name of ["flapsDenied", "flapsAllowed"] as const)
    expect(reported(name).tried).toMatch(/^(RC){7}R?$/);
});

it("a path that is open for its first two rounds is Denied, and the status reports how long it was open", () => {
  const { verdict, message, tried, samples, settledAfter } = reported("openAtFirst");
  expect(verdict).toBe("Passed");
  expect(tried).toMatch(/^CCR{5,}$/);
  const seconds = samples.indexOf("R");
  expect(settledAfter).toBe(`${seconds}s`);
  expect(message).toContain(`open for the first ${seconds} s of the pod's life`);
});

it("a path that is closed for its first two rounds is Allowed, and the status reports how long it was closed", () => {
  const { verdict, message, tried, samples, settledAfter } = reported("closedAtFirst");
  expect(verdict).toBe("Passed");
  expect(tried).toMatch(/^RRC{3,}$/);
  const seconds = samples.indexOf("C");
  expect(settledAfter).toBe(`${seconds}s`);
  expect(message).toContain(`closed for the first ${seconds} s of the pod's life`);
});
