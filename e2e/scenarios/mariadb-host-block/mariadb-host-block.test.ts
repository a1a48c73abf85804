import { expect, it } from "vitest";

import { connectionsIn, probeRunsOf, witnessRunsFor } from "../../harness/runs.ts";
import { cluster, kubectl } from "../../harness/scenario.ts";
import { stage } from "../../harness/stage.ts";

const [node = ""] = cluster.nodes;
const INTERNAL_IP = 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}';

const database = stage(import.meta.dirname, {
  values: async () => {
    const [ipv4 = ""] = (await kubectl(["get", "node", node, `--output=${INTERNAL_IP}`])).split(" ");
    return { NODE_ADDRESS: ipv4 };
  },
});

const asMeant = {
  "readers-reach-the-database": "Passed AsExpected",
  "comments-never-reach-the-database": "Passed AsExpected",
  "comments-reach-the-reports": "Passed AsExpected",
};

/** So many attempts reached the database, of probes and of witnesses. */
const ATTEMPTS = 300;
/** It shuts out an address that has failed so often, and counts no further: see workloads.yaml. */
const MAX_CONNECT_ERRORS = 10;

it("hundreds of attempts leave no trace in a database that blocks a host after connections without a handshake", async () => {
  await database.apply("policy.yaml");
  // A first log-in from the node's address, from which the database counts what fails there.
  await expect(logIn()).resolves.toBe("monitor\n");
  const here = database.namespace("database");
  // By their UIDs, since a run is there until the next one has ended.
  const [byProbes, byWitnesses] = [new Map<string, number>(), new Map<string, number>()];
  while (sum(byProbes) + sum(byWitnesses) < ATTEMPTS || sum(byWitnesses) <= 10 * MAX_CONNECT_ERRORS) {
    expect((await database.judge()).verdicts).toEqual(asMeant);
    for (const [run, connected] of connectionsIn(await probeRunsOf({ namespace: here, name: "database" })))
      byProbes.set(run, connected);
    for (const [run, connected] of connectionsIn(await witnessRunsFor(here))) byWitnesses.set(run, connected);
  }
  expect(sum(byWitnesses)).toBeGreaterThan(10 * MAX_CONNECT_ERRORS);
  expect(await connectErrors()).toBe(0);
  await expect(logIn()).resolves.toBe("monitor\n");

  // What they would have left behind as ordinary connections: without this, all of the above would prove nothing.
  await connectForNothing(MAX_CONNECT_ERRORS);
  await expect.poll(connectErrors, { timeout: 10_000 }).toBe(MAX_CONNECT_ERRORS);
  await expect(logIn()).rejects.toThrow("is blocked because of many connection errors");
}, 400_000);

const sum = (connections: ReadonlyMap<string, number>) =>
  [...connections.values()].reduce((total, each) => total + each, 0);

const CLIENT = "mariadb --no-defaults --user=monitor --password=example --batch --skip-column-names";

/** The most failures that it counts against an address. It never shuts out its own loopback address. */
async function connectErrors(): Promise<number> {
  const most = "SELECT MAX(SUM_CONNECT_ERRORS) FROM performance_schema.host_cache";
  const sql = `${CLIENT} --host=127.0.0.1 --execute='${most}'`;
  return Number(await database.kubectl("database", ["exec", "mariadb-0", "--", "sh", "-c", sql]));
}

/** From the node's address, to the pod's own, as the witness does. */
async function logIn(): Promise<string> {
  const user = "SELECT SUBSTRING_INDEX(USER(), '@', 1)";
  return onNode(`${CLIENT} --host=${await podAddress()} --execute="${user}"`);
}

async function connectForNothing(times: number): Promise<void> {
  await onNode(`for i in $(seq ${times}); do (exec 3<>/dev/tcp/${await podAddress()}/3306); done`);
}

const onNode = async (command: string) =>
  database.kubectl("database", ["exec", "deployment/node-agent", "--", "bash", "-c", command]);

const podAddress = async () =>
  database.kubectl("database", ["get", "pod", "mariadb-0", "--output=jsonpath={.status.podIP}"]);
