import { expect, it, onTestFinished } from "vitest";

import { declare, networkPolicy, runTest } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { watchLines } from "../harness/watchLines.ts";
import { server } from "../harness/workload.ts";
import { readTest, requestRun, TESTS, waitForToken, waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";
import { clientReachesWeb, closed, deployClientAndWeb } from "./clientAndWeb.ts";

/** What a gate does with a test: it requests runs, waits with kubectl, and reads the status. */

async function shop(name: string, spec: object = {}): Promise<string> {
  const here = await namespace(name);
  await deployClientAndWeb(here);
  const { status } = await runTest({ namespace: here }, { expectations: [clientReachesWeb], ...spec });
  expect(status.verdict).toBe("Passed");
  return here;
}

const named = (here: string) => ({ namespace: here, name: "test" });
const testIn = (here: string) => readTest(read, named(here));

it("two gates that write their tokens at the same moment both get the verdict of a run that started afterwards", async () => {
  const here = await shop("gates-two");
  const test = named(here);
  // The workload's network has changed, and the last verdict is from before.
  await apply(kubectl, networkPolicy({ namespace: here, name: "closed" }, closed));
  await Promise.all(["left", "right"].map((token) => requestRun(kubectl, test, token)));
  await Promise.all(
    ["left", "right"].map((token) => waitForToken(kubectl, named(here), { token: token, verdict: "Failed" })),
  );
  const { status } = await testIn(here);
  const results = (status.handledRequests ?? []).map(({ token, verdict, reason }) =>
    [token, verdict, reason].join(" "),
  );
  expect(results.toSorted()).toEqual(["left Failed Blocked", "right Failed Blocked"]);
  expect(status).not.toHaveProperty("pendingRequests");

  // A later run does not change the results that the gates of the earlier one read.
  await kubectl(["delete", "networkpolicy", "closed", `--namespace=${here}`]);
  await requestRun(kubectl, test, "later");
  await waitForToken(kubectl, named(here), { token: "later" });
  await expect(waitForToken(kubectl, named(here), { token: "left", verdict: "Failed" })).resolves.toContain(
    "condition met",
  );
});

it("from a new pod template on, the test is not Ready before a run has passed with the new pods", async () => {
  const here = await shop("gates-rollout", { rerunOn: ["WorkloadChange"] });
  const template = "{{.status.run.id}}{{range .status.conditions}} {{.type}}={{.status}}{{end}}";
  const { seen, stop } = watchLines([TESTS, "test", `--namespace=${here}`], template);
  onTestFinished(stop);
  const first = (await testIn(here)).status.run?.id ?? "";
  await expect.poll(() => seen().at(-1), { timeout: 30_000 }).toBe(`${first} Passed=True Ready=True`);
  await kubectl(["rollout", "restart", "deployment/web", `--namespace=${here}`]);
  const done = () => (seen().at(-1)?.startsWith(first) === false ? true : undefined);
  await until("the next run has ended", async () => done(), { seconds: 120, everyMs: 1_000 });
  const states = seen().map((line) => line.replace(first, "first").replace(/^(?!first)\S+/, "next"));
  const changes = states.filter((state, at) => state !== states[at - 1]);
  expect(changes).toEqual([
    "first Passed=True Ready=True",
    "first Passed=True Ready=Unknown Reconciling=True",
    "next Passed=True Ready=True",
  ]);
});

it("a request is answered at once if no run can start for the spec", async () => {
  const here = await namespace("gates-refused");
  const everywhere = Array.from({ length: 100 }, (_, index) => ({ ...clientReachesWeb, name: `e${index}` }));
  await deploy(kubectl, ["a", "b", "c"].map((app) => server({ namespace: here, name: app })).join("\n---\n"));
  await declare(
    { namespace: here },
    {
      expectations: everywhere.map((one) => ({
        ...one,
        from: { podSelector: {} },
        to: { service: { name: "a" } },
      })),
    },
  );
  await requestRun(kubectl, named(here), "asked");
  await waitForToken(kubectl, named(here), { token: "asked", verdict: "Inconclusive" });
  const { status } = await testIn(here);
  expect(status.handledRequests).toMatchObject([{ token: "asked", reason: "TooManyPaths" }]);
  expect(status.handledRequests?.[0]?.message).toContain("a test may have at most 256");
  await declare(
    { namespace: here },
    {
      expectations: [
        {
          ...clientReachesWeb,
          from: { podSelector: { matchLabels: { app: "b" } } },
          to: { service: { name: "a" } },
        },
      ],
    },
  );
  await requestRun(kubectl, named(here), "corrected");
  await waitForToken(kubectl, named(here), { token: "corrected" });
  await waitForVerdict(read, named(here), { token: "corrected" });
});
