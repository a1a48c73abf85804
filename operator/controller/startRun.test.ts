import { describe, expect, it } from "vitest";
import { createObserver } from "../cluster/observe.ts";
import type { ServedKinds } from "../cluster/policies/discovery.ts";
import { POLICY_KINDS } from "../cluster/policies/kinds.ts";
import { createRunWriter } from "../runs/runWriter.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { ampleQueue } from "../testing/ampleQueue.ts";
import { groundOf } from "../testing/caches.ts";
import { readsOf } from "../testing/clusterReads.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createRunStarter } from "./startRun.ts";

const log = silentLog();

describe("beginning a run", () => {
  const test = connectivityTest();

  function beginWith(answer: ApiError, rejected = "create", policyKinds?: ServedKinds) {
    const memory = createMemoryApi(() => later(0));
    memory.before = ({ verb, path }) => {
      if (verb === rejected || path.endsWith(rejected)) throw answer;
    };
    const { api } = memory;
    const starter = createRunStarter({
      runs: createRunWriter({ api, cache: { get: () => undefined }, now: () => later(0) }),
      observe: createObserver(readsOf(api), {
        grants: { values: () => [] },
        ...(policyKinds && { policyKinds }),
      }),
      witness: { enabled: true, allow: [] },
      operatorNamespace: "netverdict-system",
      dependencyState: () => groundOf({}),
      queue: ampleQueue(),
      onStarted: () => {},
      log,
    });
    return starter.startDue(test, { ended: undefined, requests: [] }, later(0));
  }

  it.each([
    ["no room in the quota", rejection(403, "Forbidden", "exceeded quota: runs")],
    ["a namespace on its way out", rejection(403, "Forbidden", "shop is being terminated")],
    ["a rule against it", rejection(422, "Invalid", "spec.paths: too many")],
  ])(
    "that the API server will not have (%s) is a problem, in its words, and is asked for again",
    async (_, error) => {
      await expect(beginWith(error)).resolves.toEqual({
        problem: { reason: "ProbeNotRun", message: `the run could not start: ${error.message}` },
        requeueAt: later(30_000),
      });
    },
  );

  const adminPolicies = POLICY_KINDS.filter(({ plural }) => plural === "adminnetworkpolicies").map(
    (kind) => ({
      ...kind,
      api: "/apis/policy.networking.k8s.io/v1alpha1",
    }),
  );
  const LACKING =
    'adminnetworkpolicies.policy.networking.k8s.io is forbidden: User "system:serviceaccount:netverdict:netverdict" cannot list resource "adminnetworkpolicies" in API group "policy.networking.k8s.io" at the cluster scope';

  it("without the right to list an installed kind of policy is a problem that names the kind and the right", async () => {
    const lacking = rejection(403, "Forbidden", LACKING);
    await expect(beginWith(lacking, "/adminnetworkpolicies", async () => adminPolicies)).resolves.toEqual({
      problem: {
        reason: "ProbeNotRun",
        message: `no run is planned: ${LACKING}. Give the operator this right, as manifests/rbac.yaml does`,
      },
      requeueAt: later(30_000),
    });
  });

  it("without an answer to a list fails, to be tried again", async () => {
    const broken = rejection(500, "InternalError");
    await expect(beginWith(broken, "/adminnetworkpolicies", async () => adminPolicies)).rejects.toBe(broken);
  });

  it("fails for any other error, to be tried again", async () => {
    const broken = rejection(500, "InternalError");
    await expect(beginWith(broken)).rejects.toBe(broken);
  });
});
