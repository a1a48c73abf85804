import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { calicoPolicy } from "../harness/calicoPolicy.ts";
import { itReports } from "../harness/itReports.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { probeRunsOf } from "../harness/runs.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { server, SLEEPER, statefulSet } from "../harness/workload.ts";
import { apply, deploy } from "../kube/deploy.ts";

/**
 * A database of two pods, one of which was labelled as the primary by hand. The vault lets only that one in, and the safe as well,
 * by an expression of Calico; the archive lets in every pod of the database.
 */
const letsIn = (app: string, matchLabels: object) => ({
  podSelector: { matchLabels: { app } },
  policyTypes: ["Ingress"],
  ingress: [{ from: [{ podSelector: { matchLabels } }] }],
});

const expectation = (name: string, to: string, expected: "Allowed" | "Denied") => ({
  name,
  from: { podSelector: { matchLabels: { app: "db" } } },
  to: { podSelector: { matchLabels: { app: to } } },
  tcp: { port: 8080 },
  expect: expected,
});

const primary = "StatefulSet/db (role=primary)";
const others = "StatefulSet/db (role!=primary)";

let unsplit: ConnectivityTest;
let test: ConnectivityTest;
let probePods: readonly (readonly string[])[];

beforeAll(async () => {
  const { name: here, remove } = await makeNamespace("identities");
  await deploy(
    kubectl,
    [
      JSON.stringify(
        statefulSet({ namespace: here, name: "db", replicas: 2, script: SLEEPER, readinessProbe: false }),
      ),
      ...["vault", "safe", "archive"].map((name) => server({ namespace: here, name })),
      networkPolicy({ namespace: here, name: "archive" }, letsIn("archive", { app: "db" })),
    ].join("\n---\n"),
  );
  await kubectl(["label", "pod", "db-0", "role=primary", `--namespace=${here}`]);
  unsplit = await runTest(
    { namespace: here, name: "unsplit" },
    {
      ipFamilies: ["IPv4"],
      expectations: [expectation("archive", "archive", "Allowed"), expectation("vault", "vault", "Denied")],
    },
  );
  await apply(
    kubectl,
    [
      networkPolicy({ namespace: here, name: "vault" }, letsIn("vault", { role: "primary" })),
      calicoPolicy(
        "NetworkPolicy",
        { namespace: here, name: "default.safe" },
        { selector: 'app == "safe"', source: { selector: 'app == "db" && role starts with "prim"' } },
      ),
    ].join("\n---\n"),
  );
  test = await runTest(
    { namespace: here },
    {
      ipFamilies: ["IPv4"],
      expectations: [
        expectation("archive", "archive", "Allowed"),
        expectation("none-reaches-vault", "vault", "Denied"),
        expectation("none-reaches-safe", "safe", "Denied"),
        expectation("all-reach-vault", "vault", "Allowed"),
        {
          ...expectation("primary-reaches-vault", "vault", "Allowed"),
          from: { podSelector: { matchLabels: { app: "db", role: "primary" } } },
        },
      ],
    },
  );
  const runs = await probeRunsOf(test.metadata);
  probePods = runs
    .filter(({ spec }) => !spec.run.followUp)
    .flatMap(({ spec }) => spec.pods.map(({ source, twin }) => [source, twin?.labels["role"] ?? "none"]));
  return remove;
});

const verdictsOf = ({ status }: ConnectivityTest, name: string) =>
  Object.fromEntries(
    (status.expectations?.find((one) => one.name === name)?.paths ?? []).map(({ from, actual, verdict }) => [
      from,
      `${actual}, ${verdict}`,
    ]),
  );

it("pods of one workload that no policy distinguishes are one source", () => {
  expect(verdictsOf(unsplit, "archive")).toEqual({ "StatefulSet/db": "Allowed, Passed" });
  expect(verdictsOf(unsplit, "vault")).toEqual({ "StatefulSet/db": "Allowed, Failed" });
});

it("pods of one workload that a policy distinguishes are separate sources, each with a path of its own", () => {
  expect(verdictsOf(test, "archive")).toEqual({ [primary]: "Allowed, Passed", [others]: "Allowed, Passed" });
  expect(verdictsOf(test, "none-reaches-vault")).toEqual({
    [primary]: "Allowed, Failed",
    [others]: "Denied, Passed",
  });
  expect(verdictsOf(test, "none-reaches-safe")).toEqual({
    [primary]: "Allowed, Failed",
    [others]: "Denied, Passed",
  });
  expect(verdictsOf(test, "all-reach-vault")).toEqual({
    [primary]: "Allowed, Passed",
    [others]: "Denied, Failed",
  });
  expect(verdictsOf(test, "primary-reaches-vault")).toEqual({ "StatefulSet/db": "Allowed, Passed" });
});

it("each of these sources has a probe pod with its own labels", () => {
  expect(probePods).toContainEqual([primary, "primary"]);
  expect(probePods).toContainEqual([others, "none"]);
  expect(probePods).toHaveLength(2);
});

itReports(
  {
    when: "a policy lets in only the pod of the source that a person has labelled by hand",
    expectation: "none-reaches-vault",
    expect: "Denied",
    verdict: "Failed",
    reason: "Open",
    says: "1 of 2 paths is open: StatefulSet/db (role=primary) → ",
  },
  async () => test,
);
itReports(
  {
    when: "a policy keeps out the pods of the source that a person has not labelled by hand",
    expectation: "all-reach-vault",
    expect: "Allowed",
    verdict: "Failed",
    reason: "Blocked",
    says: "1 of 2 paths is blocked: StatefulSet/db (role!=primary) → ",
  },
  async () => test,
);
