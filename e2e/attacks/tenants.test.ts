import { beforeAll, describe, expect, it } from "vitest";

import { API_VERSION } from "../../crds/group.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { runTest } from "../harness/runTest.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { deployment } from "../harness/workload.ts";
import { until } from "../process/until.ts";
import { itStops } from "./attack.ts";
import { answerTo } from "./kubectlAnswer.ts";
import { EDITOR_ATTACKS, OWNER_ATTACKS } from "./tenantAttacks.ts";

/** None of these attempts needs a probe pod: the API server or the operator stops them before there is one. */
let here = "";
/** Another namespace, which grants nothing. */
let foreign = "";
const editor = () => `editor-of-${here}`;
const owner = () => `owner-of-${here}`;

beforeAll(async () => {
  const [mine, other] = await Promise.all([makeNamespace("tenant"), makeNamespace("foreign")]);
  [here, foreign] = [mine.name, other.name];
  const flag = `--namespace=${here}`;
  const rules = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "all", namespace: here },
    rules,
  };
  await kubectl(["create", "--filename=-"], { input: JSON.stringify(role) });
  await kubectl(["create", "rolebinding", "editor", "--clusterrole=edit", `--user=${editor()}`, flag]);
  await kubectl(["create", "rolebinding", "owner", "--role=all", `--user=${owner()}`, flag]);
  return async () => {
    await Promise.all([mine.remove(), other.remove()]);
  };
});

interface Call {
  readonly as: string;
  /** Left out: the user's own. */
  readonly namespace?: string;
  readonly input?: object;
}

const call = ({ as, namespace = here, input }: Call, args: readonly string[]) =>
  answerTo(
    [`--as=${as}`, `--namespace=${namespace}`, ...args],
    input === undefined ? "" : JSON.stringify(input),
  );

const create = (who: Call) => call(who, ["create", "--dry-run=server", "--filename=-"]);

const object = (kind: string, spec: object) => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name: "tried" },
  spec,
});
const probeRun = object("ProbeRun", {
  test: { kind: "ConnectivityTest", name: "shop", uid: "0" },
  run: { id: "k3f9q", trigger: "Generation", generation: 1 },
  probing: {},
  expectations: [{ name: "ui", expect: "Allowed" }],
});
const allowed = expectationToward("web", "Allowed");
const clusterTest = () => {
  const namespaceSelector = {};
  const [from, to] = [allowed.from, allowed.to].map((end) => ({ ...end, namespaceSelector }));
  return object("ClusterConnectivityTest", { expectations: [{ ...allowed, from, to }] });
};
const pod = (name: string) => {
  const { metadata, spec } = deployment({ namespace: here, name: "tried" }).spec.template;
  return { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name }, spec };
};

/** The reason and the message of a test with one other field. */
async function verdictOn(name: string, fields: object): Promise<string> {
  const { status } = await runTest({ namespace: here, name }, { expectations: [{ ...allowed, ...fields }] });
  return `${status.expectations?.[0]?.reason}: ${status.expectations?.[0]?.message}`;
}

describe("a user with the role edit", () => {
  const answers: Readonly<Record<keyof typeof EDITOR_ATTACKS.rows, () => Promise<string>>> = {
    run: () => create({ as: editor(), input: probeRun }),
    clusterTest: () => create({ as: editor(), input: clusterTest() }),
    grant: () => create({ as: editor(), input: object("ProbeGrant", { to: [{ namespace: here }] }) }),
    witness: () => create({ as: editor(), namespace: "netverdict-witness", input: pod("tried") }),
    witnessLog: () =>
      call({ as: editor(), namespace: "netverdict-witness" }, ["logs", "witness-node1-bcdfghjk-0"]),
    metrics: () =>
      call({ as: editor() }, [
        "get",
        "--raw",
        "/api/v1/namespaces/netverdict-system/services/netverdict:8080/proxy/metrics",
      ]),
    operator: () =>
      call({ as: editor(), namespace: "netverdict-system" }, ["exec", "netverdict-0", "--", "true"]),
    operatorToken: () =>
      call({ as: editor(), namespace: "netverdict-system" }, ["create", "token", "netverdict"]),
    policy: () =>
      call({ as: editor() }, [
        "delete",
        "validatingadmissionpolicybinding",
        "netverdict-results",
        "--dry-run=server",
      ]),
    trust: () =>
      call({ as: editor() }, [
        "label",
        "namespace",
        here,
        "netverdict.dev/trust-admission=true",
        "--dry-run=server",
      ]),
    source: () => verdictOn("source", { from: { ...allowed.from, namespace: foreign } }),
    target: () => {
      const labels = { "kubernetes.io/metadata.name": foreign };
      return verdictOn("target", { to: { namespaceSelector: { matchLabels: labels } } });
    },
  };
  itStops(EDITOR_ATTACKS, (key) => answers[key]());

  it("may create a test and a pod", async () => {
    const test = object("ConnectivityTest", { expectations: [allowed] });
    expect(await create({ as: editor(), input: test })).toContain("permitted: ");
    expect(await create({ as: editor(), input: pod("tried") })).toContain("permitted: ");
  });
});

describe("a user with all rights in a namespace", () => {
  const NAME = "probe-tried-bcdfghjk";
  /** kubectl exec would read the pod first. */
  const exec = () => {
    const path = `/api/v1/namespaces/${here}/pods/${NAME}-0/exec?command=true&stdout=true`;
    return call({ as: owner(), input: {} }, ["create", "--raw", path, "--filename=-"]);
  };
  const answers: Readonly<Record<keyof typeof OWNER_ATTACKS.rows, () => Promise<string>>> = {
    run: () => create({ as: owner(), input: probeRun }),
    verdict: async () => {
      const suspended = object("ConnectivityTest", { suspend: true, expectations: [allowed] });
      await call({ as: owner(), input: suspended }, ["create", "--filename=-"]);
      return call({ as: owner() }, [
        "patch",
        "connectivitytests.netverdict.dev",
        "tried",
        "--subresource=status",
        "--type=merge",
        `--patch=${JSON.stringify({ status: { verdict: "Passed" } })}`,
      ]);
    },
    exec,
    debug: async () => {
      const binding = ["create", "rolebinding", "debug", "--clusterrole=netverdict-debug"];
      await kubectl([...binding, `--user=${owner()}`, `--namespace=${here}`]);
      return exec();
    },
    reserved: () => create({ as: owner(), input: pod(`${NAME}-0`) }),
    statefulSet: async () => {
      const { metadata, spec } = deployment({ namespace: here, name: NAME });
      const { selector, template } = spec;
      const input = {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata,
        spec: { selector, template, serviceName: NAME },
      };
      await call({ as: owner(), input }, ["create", "--filename=-"]);
      const events = ["get", "events", `--namespace=${here}`, "--output=json"];
      return until(
        "the controller could not create the pod",
        async () => {
          const written = await kubectl([
            ...events,
            "--field-selector=reason=FailedCreate,involvedObject.kind=StatefulSet",
          ]);
          return written.includes("FailedCreate") ? written : undefined;
        },
        { seconds: 60, everyMs: 1_000 },
      );
    },
  };
  itStops(OWNER_ATTACKS, (key) => answers[key]());
});
