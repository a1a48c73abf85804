import { beforeAll, describe, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { API_VERSION, PROBE_RUN } from "../../crds/group.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { isRunning, probePodsIn, probeRunsOf } from "../harness/runs.ts";
import { declare, runTest } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { deployment, server } from "../harness/workload.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";
import { itStops } from "./attack.ts";
import { answerTo } from "./kubectlAnswer.ts";
import { PROBE_POD_ATTACKS } from "./probePodAttacks.ts";

/** Long enough for all attempts while the probe runs. */
const SLOW = { interval: "4s", rounds: 10, deniedRounds: 10, maxRounds: 30 };
/** The path is open, so the verdict is Failed, and a user of the namespace would like another one. */
const OPEN = { expectations: [expectationToward("web", "Denied")], ipFamilies: ["IPv4"] };

interface Scene {
  readonly here: string;
  readonly pod: string;
  readonly run: ProbeRun;
}

/** A user with the role `edit` in the namespace, who may also add ephemeral containers. */
const tenantOf = (here: string) => `tenant-of-${here}`;

async function bindTenant(here: string): Promise<void> {
  const who = [`--user=${tenantOf(here)}`, `--namespace=${here}`];
  await kubectl(["create", "rolebinding", "tenant", "--clusterrole=edit", ...who]);
  const debugging = ["--verb=patch,update", "--resource=pods/ephemeralcontainers,pods/resize"];
  await kubectl(["create", "role", "debugging", ...debugging, `--namespace=${here}`]);
  await kubectl(["create", "rolebinding", "debugging", "--role=debugging", ...who]);
}

const asTenant = async (here: string, args: readonly string[], input = "") =>
  answerTo([`--namespace=${here}`, `--as=${tenantOf(here)}`, ...args], input);

const ownerOf = ({ metadata: { name, uid } }: ProbeRun) => ({
  apiVersion: API_VERSION,
  kind: PROBE_RUN.kind,
  name,
  uid,
  controller: true,
});

/** A pod with the labels of the source that would be neither a source nor a target. */
const hidden = ({ here, run }: Scene, name: string) => {
  const { metadata, spec } = deployment({ namespace: here, name: "client" }).spec.template;
  const ownerReferences = [ownerOf(run)];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name, ownerReferences },
    spec,
  });
};

interface Attempt {
  readonly args: (scene: Scene) => readonly string[];
  readonly input?: (scene: Scene) => string;
}

const merge = (kind: string, name: string, patch: object) => [
  "patch",
  kind,
  name,
  "--type=merge",
  `--patch=${JSON.stringify(patch)}`,
];
const GROUP_PATH = `/apis/${API_VERSION}/namespaces`;
/** kubectl patch would read the object first, and be stopped by that. */
const replaceStatus = (path: string) => ["replace", "--raw", `${GROUP_PATH}/${path}/status`, "--filename=-"];
const create = () => ["create", "--filename=-"];
const terminated = { exitCode: 0, message: "a report" };

type Key = keyof typeof PROBE_POD_ATTACKS.rows;

const ATTEMPTS: Readonly<Record<Key, Attempt>> = {
  exec: { args: ({ pod }) => ["exec", pod, "--", "node", "--version"] },
  attach: { args: ({ pod }) => ["attach", pod] },
  portForward: { args: ({ pod }) => ["port-forward", pod, ":9797"] },
  proxy: {
    args: ({ here, pod }) => ["get", "--raw", `/api/v1/namespaces/${here}/pods/http:${pod}:9797/proxy/`],
  },
  ephemeral: {
    args: ({ pod }) => ["debug", pod, `--image=${cluster.image}`, "--profile=restricted", "--attach=false"],
  },
  label: { args: ({ pod }) => ["label", "pod", pod, "tier=front"] },
  annotation: { args: ({ pod }) => ["annotate", "pod", pod, "example.com/a=b"] },
  image: { args: ({ pod }) => ["set", "image", `pod/${pod}`, "probe=example.com/other:1"] },
  deadline: { args: ({ pod }) => merge("pod", pod, { spec: { activeDeadlineSeconds: 1 } }) },
  orphan: { args: ({ pod }) => merge("pod", pod, { metadata: { ownerReferences: null } }) },
  podStatus: {
    args: ({ pod }) => [
      ...merge("pod", pod, { status: { containerStatuses: [{ name: "probe", state: { terminated } }] } }),
      "--subresource=status",
    ],
  },
  owned: { args: create, input: (scene) => hidden(scene, "hidden") },
  reserved: { args: create, input: (scene) => hidden(scene, "probe-client-bcdfghjk-0") },
  adopted: {
    args: ({ run }) => merge("pod", "bystander", { metadata: { ownerReferences: [ownerOf(run)] } }),
  },
  results: {
    args: ({ here, run }) => replaceStatus(`${here}/proberuns/${run.metadata.name}`),
    input: ({ run }) => JSON.stringify({ ...run, status: { ...run.status, phase: "Finished" } }),
  },
  verdict: {
    args: ({ here }) => replaceStatus(`${here}/connectivitytests/test`),
    input: () => JSON.stringify({ status: { verdict: "Passed" } }),
  },
};

describe("a user with the role edit", () => {
  let scene: Scene;
  const answers = new Map<string, string>();
  let test: ConnectivityTest;

  beforeAll(async () => {
    const { name: here, remove } = await makeNamespace("access");
    const { template } = deployment({ namespace: here, name: "bystander" }).spec;
    const metadata = { ...template.metadata, name: "bystander", namespace: here };
    const bystander = { apiVersion: "v1", kind: "Pod", metadata, spec: template.spec };
    const servers = ["client", "web"].map((name) => server({ namespace: here, name }));
    await Promise.all([
      bindTenant(here),
      deploy(kubectl, [...servers, JSON.stringify(bystander)].join("\n---\n")),
    ]);
    await declare({ namespace: here }, { ...OPEN, probing: SLOW });
    const running = async () => (await probePodsIn(here)).find(isRunning);
    const pod = (await until("a probe pod runs", running, { seconds: 60 })).metadata.name;
    const [run] = await probeRunsOf({ namespace: here, name: "test" });
    if (run === undefined) throw new Error("a probe pod runs without a ProbeRun");
    scene = { here, pod, run };
    for (const [key, { args, input }] of Object.entries(ATTEMPTS))
      answers.set(key, await asTenant(here, args(scene), input?.(scene)));
    test = await waitForVerdict(read, { namespace: here, name: "test" });
    return remove;
  });

  itStops(PROBE_POD_ATTACKS, (key) => answers.get(key) ?? "");

  it("has changed nothing: the verdict is that of the path", async () => {
    expect(test.status).toMatchObject({ verdict: "Failed", expectations: [{ reason: "Open" }] });
    const [run] = await probeRunsOf(test.metadata);
    expect(run?.status.pods).toMatchObject([{ name: scene.pod, phase: "Finished" }]);
    expect(run?.status.pods[0]).not.toHaveProperty("differences");
  });

  it("has tests that pass", async () => {
    const expectations = [expectationToward("web", "Allowed")];
    const { status } = await runTest({ namespace: scene.here, name: "allowed" }, { ...OPEN, expectations });
    expect(status.verdict).toBe("Passed");
  });
});
