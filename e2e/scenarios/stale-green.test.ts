import { expect, it, onTestFinished } from "vitest";

import { deploy } from "../kube/deploy.ts";
import { declare, runTest } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { TESTS, waitForVerdict } from "../kube/connectivityTests.ts";
import { watchLines } from "../harness/watchLines.ts";
import { server } from "../harness/workload.ts";

const web = {
  name: "web",
  from: { podSelector: { matchLabels: { app: "client" } } },
  to: { service: { name: "web" } },
  http: { port: 80 },
  expect: "Allowed",
};

/** `2 1 Passed Passed=True@1`: both generations, the verdict, and each condition with the generation it speaks of. */
const STANDING =
  "{{.metadata.generation}} {{.status.observedGeneration}} {{.status.verdict}}{{range .status.conditions}} {{.type}}={{.status}}@{{.observedGeneration}}{{end}}";

it("the green of an older spec never satisfies a wait for the new one", async () => {
  const here = await namespace("stale");
  const servers = ["client", "web"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  const { status } = await runTest({ namespace: here }, { expectations: [web] });
  expect(status.verdict).toBe("Passed");
  const { seen, stop } = watchLines([TESTS, "test", `--namespace=${here}`], STANDING);
  onTestFinished(stop);
  await expect.poll(() => seen().at(-1) ?? "", { timeout: 30_000 }).toMatch(/^1 1 Passed Passed=True@1/);

  // What is open is now to be closed, and somebody waits for a green at once.
  await declare({ namespace: here }, { expectations: [{ ...web, expect: "Denied" }] });
  const waited = kubectl(
    ["wait", `${TESTS}/test`, "--for=condition=Passed", "--timeout=40s", `--namespace=${here}`],
    { seconds: 60 },
  );
  const [outcome, after] = await Promise.allSettled([
    waited,
    waitForVerdict(read, { namespace: here, name: "test" }),
  ]);

  expect(outcome.status === "rejected" ? String(outcome.reason) : "satisfied").toContain(
    "timed out waiting for the condition",
  );
  expect(after).toMatchObject({
    status: "fulfilled",
    value: { status: { verdict: "Failed", expectations: [{ reason: "Open" }] } },
  });
  const sinceChanged = seen().filter((line) => line.startsWith("2 "));
  expect(sinceChanged[0]).toMatch(/^2 1 Passed Passed=True@1/); // the stale green was there to be taken
  expect(sinceChanged.at(-1)).toMatch(/^2 2 Failed Passed=False@2 Ready=False@2/);
  expect(sinceChanged.filter((line) => /(Passed|Ready)=True@2/.test(line))).toEqual([]);
  expect(sinceChanged.filter((line) => line.startsWith("2 2 Passed"))).toEqual([]);
});
