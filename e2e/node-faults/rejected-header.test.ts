import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";

import { type ConnectivityTestStatus, connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { API_VERSION, CONNECTIVITY_TEST } from "../../crds/group.ts";
import { declare, runTest } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { named, requestRun, TESTS, type TestName, waitForVerdict } from "../kube/connectivityTests.ts";
import { deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";

/** A rule is removed from the CustomResourceDefinition for a moment, for the tests of the whole cluster, so this file runs alone. */

const CRD = join(import.meta.dirname, "../../manifests/crds/connectivitytests.yaml");
const RULE = "must not be a header with credentials";

const rulesSchema = z.array(z.looseObject({ message: z.string() }));

const withoutRule = (key: string, value: unknown): unknown =>
  key === "x-kubernetes-validations"
    ? rulesSchema.parse(value).filter(({ message }) => !message.startsWith(RULE))
    : value;

/** The API server takes headers with credentials, as it did before the rule existed. */
async function removeRule() {
  const crd: unknown = JSON.parse(await kubectl(["get", "crd", TESTS, "--output=json"]), withoutRule);
  await kubectl(["replace", "-f", "-"], { input: JSON.stringify(crd) });
}

const restoreRule = async () =>
  void (await kubectl(["apply", "--server-side", "--force-conflicts", "-f", CRD]));

const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
const sending = (header: string) => ({
  ipFamilies: ["IPv4"],
  expectations: [
    {
      name: "web",
      from: pods("client"),
      to: pods("web"),
      http: { port: 8080, headers: [{ name: header, value: "blue" }] },
      expect: "Allowed",
    },
  ],
});

const storedSchema = z.object({ status: connectivityTestSchema.shape.status });

/** As the cluster has it; the spec may violate a rule. */
async function statusOf(test: TestName): Promise<ConnectivityTestStatus> {
  return storedSchema.parse(JSON.parse(await kubectl(["get", ...named(test), "--output=json"]))).status;
}

it("a test from before a rule is Stalled and says what to do, also with the rule in force; corrected, it runs", async () => {
  const here = await namespace("header");
  await deploy(kubectl, ["client", "web"].map((name) => server({ namespace: here, name })).join("\n---\n"));
  onTestFinished(restoreRule);
  await removeRule();
  const old = { namespace: here, name: "old" };
  const stored = () => declare(old, sending("X-Vault-Token")).then(() => true);
  await until("the API server takes the header", stored, { seconds: 30, everyMs: 500 });

  await restoreRule();
  const metadata = { namespace: here, name: "tried" };
  const spec = sending("X-Vault-Token");
  const tried = JSON.stringify({ apiVersion: API_VERSION, kind: CONNECTIVITY_TEST.kind, metadata, spec });
  const isRejected = () =>
    kubectl(["create", "--dry-run=server", "-f", "-"], { input: tried }).then(
      () => undefined,
      (error: unknown) => (String(error).includes(RULE) ? true : undefined),
    );
  await until("the API server rejects the header", isRejected, { seconds: 30, everyMs: 500 });

  // The API server takes a write that leaves the header as it is, of the annotation and of the status.
  await requestRun(kubectl, old, "after-the-rule");
  const reported = async () => {
    const status = await statusOf(old);
    return JSON.stringify(status).includes("after-the-rule") ? status : undefined;
  };
  const { verdict, message, conditions } = await until("the status has the request", reported, {
    seconds: 60,
    everyMs: 250,
  });
  // No run has ended.
  expect(verdict).toBe("Pending");
  expect(message).toContain(`spec.expectations.0.http.headers.0.name: ${RULE}`);
  expect(message).toContain("Correct the spec");
  const stalled = conditions?.find(({ type }) => type === "Stalled");
  expect(stalled).toMatchObject({ status: "True", reason: "SpecNotReadable" });

  const other = await runTest({ namespace: here, name: "other" }, sending("X-Tenant"));
  expect(other.status.verdict).toBe("Passed");
  await declare(old, sending("X-Tenant"));
  const corrected = await waitForVerdict(read, old);
  expect(corrected.status.verdict).toBe("Passed");
});
