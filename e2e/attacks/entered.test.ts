import { beforeAll, describe, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { controllerOf } from "../../crds/metadata.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { isRunning, probePodsIn } from "../harness/runs.ts";
import { declare } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";
import { itStops } from "./attack.ts";
import { ENTERED_ATTACKS } from "./enteredAttacks.ts";
import { answerTo } from "./kubectlAnswer.ts";

/** Each attempt has a test of its own, whose path is open: without an attempt, its verdict is Failed. All of them fit into its time. */
const SPEC = {
  expectations: [expectationToward("web", "Denied")],
  ipFamilies: ["IPv4"],
  probing: { interval: "4s", rounds: 10, deniedRounds: 10, maxRounds: 30 },
};

type Key = keyof typeof ENTERED_ATTACKS.rows;

const shell = (script: string) => (pod: string) => ["exec", pod, "--", "sh", "-c", script];
const debug = (pod: string) => ["debug", pod, `--image=${cluster.image}`, "--profile=restricted"];
const WRITE = "echo a report > /dev/termination-log";

const ATTEMPTS: Readonly<Record<Key, (pod: string) => readonly string[]>> = {
  report: shell(`${WRITE}; sleep 5`),
  repeated: shell(`while :; do ${WRITE}; done`),
  memory: shell("exec 3< /proc/1/mem; sleep 5"),
  background: shell("sleep 60 > /dev/null 2>&1 &"),
  stopped: shell("kill -STOP -1; sleep 5"),
  target: (pod) => [
    ...debug(pod),
    "--attach=false",
    "--container=entered",
    "--target=probe",
    "--",
    "sleep",
    "30",
  ],
  ephemeral: (pod) => [...debug(pod), "--attach=false", "--container=entered", "--", "sleep", "30"],
};

let here = "";
let untouched: ConnectivityTest;
const verdicts = new Map<string, ConnectivityTest>();

/** The running probe pod of a test. */
async function podOf(name: string): Promise<string> {
  const running = async () =>
    (await probePodsIn(here)).find(
      (pod) => isRunning(pod) && controllerOf(pod.metadata)?.name.startsWith(`${name}-`),
    );
  return (await until(`the probe pod of ${name} runs`, running, { seconds: 120 })).metadata.name;
}

async function enter(key: string, args: (pod: string) => readonly string[]): Promise<void> {
  await declare({ namespace: here, name: key }, SPEC);
  const pod = await podOf(key);
  // The command is killed with the container, so its exit code says nothing.
  await answerTo([`--namespace=${here}`, ...args(pod)]);
  verdicts.set(key, await waitForVerdict(read, { namespace: here, name: key }));
}

beforeAll(async () => {
  const made = await makeNamespace("entered");
  here = made.name;
  const servers = ["client", "web"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  await Promise.all(Object.entries(ATTEMPTS).map(([key, args]) => enter(key, args)));
  await declare({ namespace: here, name: "untouched" }, { ...SPEC, probing: {} });
  untouched = await waitForVerdict(read, { namespace: here, name: "untouched" });
  return made.remove;
});

describe("a user who enters a probe pod", () => {
  itStops(ENTERED_ATTACKS, (key) => verdicts.get(key)?.status.expectations?.[0]?.message ?? "");

  it.each(Object.keys(ATTEMPTS))("gets no verdict: %s", (key) => {
    const [expectation] = verdicts.get(key)?.status.expectations ?? [];
    expect(expectation).toMatchObject({ verdict: "Inconclusive", reason: "ProbeNotRun" });
  });

  it("gets the verdict of the path without that", () => {
    expect(untouched.status.expectations).toMatchObject([{ verdict: "Failed", reason: "Open" }]);
  });
});
