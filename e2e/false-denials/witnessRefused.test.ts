import { beforeAll, expect, it } from "vitest";

import { WITNESS_NAMESPACE } from "../../crds/group.ts";
import { deploy } from "../kube/deploy.ts";
import { applyQuota } from "../faults/quota.ts";
import { itReports } from "../harness/itReports.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { putWebhooks } from "../faults/podWebhook.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { server, SLEEPER } from "../harness/workload.ts";

/**
 * `client` may call `web`, and neither `vault` nor `grave`, in which nobody is alive. No readiness probe vouches for these
 * two, so a denial stands and falls with the witness.
 */
function manifest(here: string): string {
  const nobody = {
    podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["vault", "grave"] }] },
  };
  return [
    server({ namespace: here, name: "client" }),
    server({ namespace: here, name: "web" }),
    server({ namespace: here, name: "vault", readinessProbe: false }),
    server({ namespace: here, name: "grave", readinessProbe: false, script: SLEEPER }),
    networkPolicy({ namespace: here, name: "nobody" }, { ...nobody, policyTypes: ["Ingress"] }),
  ].join("\n---\n");
}

const from = { podSelector: { matchLabels: { app: "client" } } };
const to = (name: string) => ({ name, from, to: { service: { name } }, tcp: { port: 80 } });
/** The first proves the source, and the second is what matters. */
const denied = (name: string) => ({
  expectations: [
    { ...to("web"), expect: "Allowed" },
    { ...to(name), expect: "Denied" },
  ],
});

const tests = {
  "by-admission": denied("grave"),
  "by-quota": denied("grave"),
  "without-witness": denied("vault"),
  "with-one": denied("vault"),
};

/** No room for pods that ask for nothing; netverdict's own all ask for something. */
const NO_ROOM = { hard: { pods: "0" }, scopes: ["BestEffort"] };

let here = "";
const declared = (name: string) => waitForVerdict(read, { namespace: here, name });

beforeAll(async () => {
  const made = await makeNamespace("nowitness");
  here = made.name;
  await deploy(kubectl, manifest(here));
  await applyQuota({ namespace: WITNESS_NAMESPACE, name: here, spec: NO_ROOM });
  const removeWebhook = await putWebhooks(WITNESS_NAMESPACE, {
    [`${here}.by-admission-`]: { refuse: "no strangers on the host network" },
    [`${here}.by-quota-`]: { patch: [{ op: "remove", path: "/spec/containers/0/resources" }] },
    [`${here}.without-witness-`]: { refuse: "not for this one" },
  });
  await Promise.all(Object.entries(tests).map(([name, spec]) => declare({ namespace: here, name }, spec)));
  return async () => {
    await removeWebhook();
    await kubectl(["delete", "resourcequota", here, `--namespace=${WITNESS_NAMESPACE}`]);
    await made.remove();
  };
});

itReports(
  {
    when: "the target is dead, and an admission webhook rejects the witness",
    expect: "Denied",
    expectation: "grave",
    verdict: "Inconclusive",
    reason: "TargetNotProven",
    says: "no strangers on the host network",
  },
  () => declared("by-admission"),
);

itReports(
  {
    when: "the target is dead, and a quota rejects the witness",
    expect: "Denied",
    expectation: "grave",
    verdict: "Inconclusive",
    reason: "TargetNotProven",
    says: /did not run: .*exceeded quota: .*limited: pods=0/,
  },
  () => declared("by-quota"),
);

itReports(
  {
    when: "another test's witness reached the target at the same time, and the test's own did not run",
    expect: "Denied",
    expectation: "vault",
    verdict: "Inconclusive",
    reason: "TargetNotProven",
    says: "not for this one",
  },
  () => declared("without-witness"),
);

it("a test whose own witness reached the same target has proven it", async () => {
  const { status } = await declared("with-one");
  expect(status.expectations?.at(1)).toMatchObject({ name: "vault", verdict: "Passed" });
});
