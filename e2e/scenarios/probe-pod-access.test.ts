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
import { attempt, type Outcome } from "../process/command.ts";
import { until } from "../process/until.ts";

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

async function asTenant(here: string, args: readonly string[], input = ""): Promise<Outcome> {
  const flags = [`--kubeconfig=${cluster.kubeconfig}`, `--namespace=${here}`, `--as=${tenantOf(here)}`];
  return attempt(cluster.kubectl, [...flags, ...args], { input, seconds: 60 });
}

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

const ENTER = "only cluster administrators may enter it, because its report decides a verdict";
const CHANGE = "only cluster administrators may change it, because its report decides a verdict";
const RESERVED = "its name or its owner is reserved for the probe pods of netverdict";

interface Attempt {
  readonly what: string;
  readonly args: (scene: Scene) => readonly string[];
  readonly input?: (scene: Scene) => string;
  readonly says: string;
}

const merge = (kind: string, name: string, patch: object) => [
  "patch",
  kind,
  name,
  "--type=merge",
  `--patch=${JSON.stringify(patch)}`,
];

const ATTEMPTS: readonly Attempt[] = [
  { what: "exec", args: ({ pod }) => ["exec", pod, "--", "node", "--version"], says: ENTER },
  { what: "attach", args: ({ pod }) => ["attach", pod], says: ENTER },
  { what: "port-forward", args: ({ pod }) => ["port-forward", pod, ":9797"], says: ENTER },
  {
    what: "a proxy request",
    args: ({ here, pod }) => ["get", "--raw", `/api/v1/namespaces/${here}/pods/http:${pod}:9797/proxy/`],
    says: ENTER,
  },
  {
    what: "an ephemeral container",
    args: ({ pod }) => ["debug", pod, `--image=${cluster.image}`, "--profile=restricted", "--attach=false"],
    says: ENTER,
  },
  { what: "a label", args: ({ pod }) => ["label", "pod", pod, "tier=front"], says: CHANGE },
  { what: "an annotation", args: ({ pod }) => ["annotate", "pod", pod, "example.com/a=b"], says: CHANGE },
  {
    what: "a shorter deadline",
    args: ({ pod }) => merge("pod", pod, { spec: { activeDeadlineSeconds: 1 } }),
    says: CHANGE,
  },
  {
    what: "taking it from its run",
    args: ({ pod }) => merge("pod", pod, { metadata: { ownerReferences: null } }),
    says: CHANGE,
  },
  {
    what: "a workload with the run as its owner",
    args: () => ["create", "--filename=-"],
    input: (scene) => hidden(scene, "hidden"),
    says: RESERVED,
  },
  {
    what: "a pod with a reserved name",
    args: () => ["create", "--filename=-"],
    input: (scene) => hidden(scene, "probe-client-bcdfghjk-0"),
    says: RESERVED,
  },
  {
    what: "the run as the owner of a pod that exists",
    args: ({ run }) => merge("pod", "bystander", { metadata: { ownerReferences: [ownerOf(run)] } }),
    says: "only netverdict creates pods that a ProbeRun owns",
  },
  {
    what: "a result of the run",
    args: ({ run }) => [
      ...merge("proberuns.netverdict.dev", run.metadata.name, { status: { phase: "Finished" } }),
      "--subresource=status",
    ],
    says: 'resource "proberuns/status"',
  },
  {
    what: "a verdict of the test",
    args: () => [
      ...merge("connectivitytests.netverdict.dev", "test", { status: { verdict: "Passed" } }),
      "--subresource=status",
    ],
    says: 'resource "connectivitytests/status"',
  },
];

describe("a user with the role edit", () => {
  let scene: Scene;
  const outcomes = new Map<string, Outcome>();
  let asAdministrator = "";
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
    for (const { what, args, input } of ATTEMPTS)
      outcomes.set(what, await asTenant(here, args(scene), input?.(scene)));
    asAdministrator = await kubectl(["exec", pod, `--namespace=${here}`, "--", "node", "--version"]);
    test = await waitForVerdict(read, { namespace: here, name: "test" });
    return remove;
  });

  it.each(ATTEMPTS)("is refused at a probe pod: $what", ({ what, says }) => {
    const { code, stderr } = outcomes.get(what) ?? { code: 0, stderr: "" };
    expect(stderr).toContain(says);
    expect(code).not.toBe(0);
  });

  it("has changed nothing: the verdict is that of the path", async () => {
    expect(test.status).toMatchObject({ verdict: "Failed", expectations: [{ reason: "Open" }] });
    const [run] = await probeRunsOf(test.metadata);
    expect(run?.status.pods).toMatchObject([{ name: scene.pod, phase: "Finished" }]);
    expect(run?.status.pods[0]).not.toHaveProperty("differences");
  });

  it("is no cluster administrator, who may still enter", () => {
    expect(asAdministrator).toMatch(/^v\d+\./);
  });

  it("has tests that pass", async () => {
    const expectations = [expectationToward("web", "Allowed")];
    const { status } = await runTest({ namespace: scene.here, name: "allowed" }, { ...OPEN, expectations });
    expect(status.verdict).toBe("Passed");
  });
});
