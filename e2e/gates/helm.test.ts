import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { runTest } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { installOperator } from "../install/installOperator.ts";
import { TEST_SETTINGS } from "../install/testSettings.ts";
import { readTest, requestRun, TESTS, waitForToken } from "../kube/connectivityTests.ts";
import { deploy } from "../kube/deploy.ts";
import { attempt, run } from "../process/command.ts";
import { until } from "../process/until.ts";
import { ROOT } from "../runner/vitestRun.ts";
import { HELMS, gateProgram } from "./gateProgram.ts";
import { blocksUnder, installedObjects, operatorIn, shell } from "./helmShell.ts";

/** The Helm chart with real Helm: its output, and the commands of the documents on a real cluster. */

const BUILD_TIME = 3_600_000;
const CHART = join(ROOT, "manifests/chart");
const CONNECTION = `--kubeconfig=${cluster.kubeconfig}`;
const commandsUnder = (heading: string, page = "docs/helm.md") =>
  blocksUnder(heading, { page, language: "console" });
const [install = ""] = commandsUnder("Install by Helm");
const [shortInstall = ""] = commandsUnder("Install by Helm", "README.md");
const [upgrade = ""] = commandsUnder("Upgrade");
const [takeOverBy3 = "", takeOverBy4 = ""] = commandsUnder("From the manifests to the chart");
const [uninstall = "", deletion = ""] = commandsUnder("Uninstall");

const clientReachesWeb = {
  name: "client-reaches-web",
  from: { podSelector: { matchLabels: { app: "client" } } },
  to: { service: { name: "web" } },
  tcp: { port: 80 },
  expect: "Allowed",
};

const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()).optional() }),
});

/** The objects of YAML documents by kind and name. Fails if there are two of a name. */
function objectsIn(yaml: string): ReadonlyMap<string, z.infer<typeof objectSchema>> {
  const documents = parseAllDocuments(yaml).filter(({ contents }) => contents !== null);
  const objects = documents.map((document) => objectSchema.parse(document.toJS()));
  const byName = new Map(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
  expect(byName.size).toBe(objects.length);
  return byName;
}

const kustomized = async () => objectsIn(await kubectl(["kustomize", join(ROOT, "manifests")]));

describe.each(HELMS)("%s", (helm) => {
  let program = "";
  let here = "";
  let remove: () => Promise<void> = async () => undefined;

  beforeAll(async () => {
    program = await gateProgram(helm);
    ({ name: here, remove } = await makeNamespace(helm, { podSecurity: "privileged" }));
    const servers = ["client", "web"].map((app) => server({ namespace: here, name: app }));
    await deploy(kubectl, servers.join("\n---\n"));
  }, BUILD_TIME);
  afterAll(async () => remove());

  const rendered = async (...settings: readonly string[]) => {
    const sets = settings.map((setting) => `--set=${setting}`);
    const options = ["--namespace=netverdict-system", "--kube-version=1.36.3", ...sets];
    return objectsIn(await run(program, ["template", "netverdict", CHART, ...options]));
  };
  const testNow = async () => readTest(read, { namespace: here, name: "test" });

  /** Requests a run, which only an operator that works ends. */
  async function passesAgain(token: string): Promise<void> {
    await requestRun(kubectl, { namespace: here, name: "test" }, token);
    await waitForToken(kubectl, { namespace: here, name: "test" }, { token });
  }

  it("has no warning for the chart", async () => {
    await expect(run(program, ["lint", "--strict", CHART])).resolves.toContain(
      "1 chart(s) linted, 0 chart(s) failed",
    );
  });

  it("renders what kustomize does, if the namespace is created and the CustomResourceDefinitions are not kept", async () => {
    const objects = await rendered("createNamespace=true", "crds.keep=false");
    expect(objects).toEqual(await kustomized());
    expect(objects.size).toBeGreaterThan(25);
  });

  it("renders by default all but the namespace, and keeps the CustomResourceDefinitions", async () => {
    const expected = new Map(await kustomized());
    expected.delete("Namespace netverdict-system");
    const definitions = [...expected.values()].filter(({ kind }) => kind === "CustomResourceDefinition");
    for (const { metadata } of definitions) metadata.annotations = { "helm.sh/resource-policy": "keep" };
    expect(definitions).toHaveLength(4);
    await expect(rendered()).resolves.toEqual(expected);
  });

  it("has no disruption budget for one replica, and a probe image of its own in the policy as well", async () => {
    const objects = await rendered("replicas=1", "probeImage=mirror/netverdict:1", "crds.install=false");
    expect([...objects.keys()].filter((name) => /^(PodDis|CustomResource)/.test(name))).toEqual([]);
    const deployment = JSON.stringify(objects.get("Deployment netverdict"));
    expect(deployment).toContain('{"name":"NETVERDICT_PROBE_IMAGE","value":"mirror/netverdict:1"}');
    expect(deployment).toContain('"image":"netverdict:dev"');
    const account = JSON.stringify(objects.get("ValidatingAdmissionPolicy netverdict-operator"));
    expect(account).toContain(`{"name":"image","expression":"'mirror/netverdict:1'"}`);
  });

  it("has the right for the readiness gate of pods, and the policy that limits it, only with the setting", async () => {
    const folder = join(ROOT, "manifests/readiness-gate");
    const expected = objectsIn(await kubectl(["kustomize", folder]));
    expect(expected.size).toBe(4);
    const objects = await rendered("environment.NETVERDICT_READINESS_GATE=true");
    expect([...expected.keys()].map((name) => objects.get(name))).toEqual([...expected.values()]);
  });

  it("rejects a value that the operator rejects", async () => {
    await expect(rendered("environment.NETVERDICT_GATE=tls")).rejects.toThrow(
      "at '/environment/NETVERDICT_GATE': value must be one of 'off', 'https', 'http'",
    );
  });

  // Each test continues where the one before it ended.
  describe("by the commands of README.md and docs/helm.md", () => {
    let uid: string | undefined;

    beforeAll(async () => {
      await installOperator({ kubectl, image: cluster.image });
      const { metadata } = await runTest({ namespace: here }, { expectations: [clientReachesWeb] });
      ({ uid } = metadata);
    });
    // Other tests need the operator as it was.
    afterAll(async () => {
      await kubectl(["wait", "--for=delete", "namespace/netverdict-witness", "--timeout=60s"], {
        seconds: 65,
      });
      await installOperator({ kubectl, image: cluster.image, environment: TEST_SETTINGS });
    });

    it("takes over what kubectl has installed, with its tests", async () => {
      const before = await testNow();
      expect(before.status.verdict).toBe("Passed");
      await shell(program, helm === "helm3" ? takeOverBy3 : takeOverBy4);
      await operatorIn("netverdict-system");
      const after = await testNow();
      expect(after.metadata.uid).toBe(uid);
      expect(after.status.history).toEqual(before.status.history);
      await passesAgain("taken-over");
    });

    it("changes a setting", async () => {
      await shell(program, upgrade);
      await operatorIn("netverdict-system");
      const variable = `{.spec.template.spec.containers[0].env[?(@.name=="NETVERDICT_GATE")].value}`;
      const get = ["get", "deployment", "netverdict", "--namespace=netverdict-system"];
      await expect(kubectl([...get, `--output=jsonpath=${variable}`])).resolves.toBe("http");
      await passesAgain("upgraded");
    });

    it("uninstalls all but the CustomResourceDefinitions, and tests stay", async () => {
      await shell(program, uninstall);
      const left = async () => installedObjects("netverdict-system");
      await expect
        .poll(left, { timeout: 90_000, interval: 1_000 })
        .toEqual([
          "customresourcedefinition.apiextensions.k8s.io/clusterconnectivitytests.netverdict.dev",
          "customresourcedefinition.apiextensions.k8s.io/connectivitytests.netverdict.dev",
          "customresourcedefinition.apiextensions.k8s.io/probegrants.netverdict.dev",
          "customresourcedefinition.apiextensions.k8s.io/proberuns.netverdict.dev",
          "namespace/netverdict-system",
        ]);
      expect((await testNow()).metadata.uid).toBe(uid);
    });

    it("installs it again, beside the CustomResourceDefinitions that stayed", async () => {
      // kubectl has applied these.
      const option = helm === "helm3" ? "" : " --server-side=false";
      await shell(program, shortInstall.trimEnd() + option);
      await operatorIn("netverdict-system");
      expect((await testNow()).metadata.uid).toBe(uid);
      await passesAgain("installed-again");
    });

    it("deletes the CustomResourceDefinitions and all tests, if that was chosen", async () => {
      await shell(program, deletion);
      const answer = async () => (await attempt(cluster.kubectl, [CONNECTION, "get", TESTS])).stderr;
      await expect.poll(answer, { timeout: 90_000 }).toContain("the server doesn't have a resource type");
    });

    it("installs it into another namespace, whose account the admission policies then mean", async () => {
      const tools = await makeNamespace(`${helm}-tools`);
      try {
        await until(
          "nothing of the release before is left",
          async () => ((await installedObjects(tools.name)).length === 1 ? true : undefined),
          { seconds: 60, everyMs: 1_000 },
        );
        await shell(program, install.replaceAll("netverdict-system", tools.name));
        await operatorIn(tools.name);
        const { status } = await runTest({ namespace: here }, { expectations: [clientReachesWeb] });
        expect(status.verdict).toBe("Passed");
        await expect(createPodAs(`system:serviceaccount:${tools.name}:netverdict`)).resolves.toContain(
          "account of the netverdict operator: it may create, change and delete only pods that a ProbeRun controls",
        );
      } finally {
        await shell(program, `helm uninstall netverdict --namespace ${tools.name}`);
        await tools.remove();
      }
    });

    /** What the API server answers to a pod of no ProbeRun. */
    async function createPodAs(user: string): Promise<string> {
      const pod = { metadata: { name: "a" }, spec: { containers: [{ name: "a", image: "a" }] } };
      const input = JSON.stringify({ apiVersion: "v1", kind: "Pod", ...pod });
      const args = [CONNECTION, "create", "--dry-run=server", "--filename=-", `--namespace=${here}`];
      return (await attempt(cluster.kubectl, [...args, `--as=${user}`], { input })).stderr;
    }
  });
});
