import { beforeAll, expect, it, onTestFinished } from "vitest";

import { allRunsOf } from "../../harness/runs.ts";
import { cluster, kubectl, read } from "../../harness/scenario.ts";
import { stage } from "../../harness/stage.ts";
import type { FolderStatus } from "../../harness/folderStatus.ts";
import { named, waitForVerdict } from "../../kube/connectivityTests.ts";

const [near = "", far = ""] = cluster.nodes;
const colours = stage(import.meta.dirname, { values: async () => ({ "worker-1": near, "worker-2": far }) });
const NODES = { namespace: "", name: "nodes-and-red" };
let reported: FolderStatus;

beforeAll(async () => {
  await colours.apply("policies.yaml");
  reported = await colours.judge();
});

/** What each pod could do with each other one: `call` at TCP 80, `ping`. */
function matrixOf(namespace: string): Record<string, string> {
  const test = reported.tests.find(({ metadata }) => metadata.namespace === namespace);
  const paths = (test?.status.expectations ?? [])
    .flatMap((expectation) => expectation.paths)
    .filter(({ to }) => to.startsWith("Deployment/"));
  const pairs = Map.groupBy(paths, ({ from, to }) => `${colourOf(from)} → ${colourOf(to)}`);
  return Object.fromEntries(
    [...pairs].map(([pair, found]) => [
      pair,
      found
        .filter(({ actual }) => actual === "Allowed")
        .map(({ address }) => (/:\d+$/.test(address) ? "call" : "ping"))
        .toSorted()
        .join(" and "),
    ]),
  );
}

const colourOf = (workload: string) => workload.replace("Deployment/", "");

it("every expectation holds, in dev, in prod and for the ingress", () => {
  expect(reported.tests.map(({ status }) => `${status.verdict}: ${status.message}`)).toEqual([
    "Passed: 9 of 9 expectations hold",
    "Passed: 4 of 4 expectations hold",
    "Passed: 3 of 3 expectations hold",
  ]);
});

it("in dev red is called by blue and calls green, whose answers come back although green may not call", () => {
  expect(matrixOf("dev")).toEqual({
    "red → red": "",
    "red → green": "call",
    "red → blue": "",
    "green → red": "",
    "green → green": "call and ping",
    "green → blue": "call and ping",
    "blue → red": "call",
    "blue → green": "call and ping",
    "blue → blue": "call and ping",
  });
});

it("in prod every service is called and none is pinged, and no pod of prod calls green", () => {
  // All of them have passed; a status shows the worst eight.
  expect(reported.expectation("nobody-pings-anybody").pathCount).toBe(9);
  expect(matrixOf("prod")).toEqual({
    "red → red": "call",
    "red → green": "",
    "red → blue": "call",
    "green → red": "call",
    "green → green": "",
    "green → blue": "call",
    "blue → red": "call",
    "blue → green": "",
    "blue → blue": "call",
  });
});

it("by way of the controller blue reaches green, which sees the controller's address and not blue's", async () => {
  const answer = await colours.kubectl("prod", ["exec", "deployment/blue", "--", "node", "-e", FETCH]);
  const address = [
    "get",
    "pods",
    "--selector=app=ingress-controller,pod-template-hash",
    "-o=jsonpath={.items[*].status.podIPs[*].ip}",
  ];
  const controller = (await colours.kubectl("ingress", address)).split(" ");
  const [, caller = ""] = /^green-\S+ was called from (\S+)$/.exec(answer.trim()) ?? [];
  expect(controller).toContain(caller);
});

const FETCH = `fetch("http://ingress-controller.${colours.namespace("ingress")}").then(async (answer) => process.stdout.write(await answer.text()))`;

it("a node calls and pings the pods on it, however closed they are; another node does not", async () => {
  onTestFinished(async () => {
    await kubectl(["delete", ...named(NODES), "--ignore-not-found", "--wait=false"]);
  });
  await colours.apply("nodes.yaml");
  const { status } = await waitForVerdict(read, NODES);
  expect(status.message).toBe("4 of 4 expectations hold");
  expect(status.expectations?.map(({ name, paths: [path] }) => [name, path?.from, path?.node])).toEqual([
    ["its-own-node-calls-red", `Node/${near}`, near],
    ["its-own-node-pings-red", `Node/${near}`, near],
    ["another-node-calls-green", `Node/${far}`, far],
    ["another-node-never-calls-red", `Node/${far}`, far],
  ]);
  const { proof } = status.expectations?.[3]?.paths[0] ?? {};
  expect(proof).toMatchObject({ source: "Observed" });
  expect(["Observed", "Witness"]).toContain(proof?.target);
  expect(["Observed", "LinkWitness"]).toContain(proof?.link);
  // Beside the witnesses, since the probe pods are on the network of their nodes as well.
  const branches = (await allRunsOf(NODES.name)).filter(({ metadata }) => metadata.name.endsWith("-nodes"));
  expect(branches.map(({ metadata }) => metadata.namespace)).toEqual(["netverdict-witness"]);
});
