import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { API_VERSION, CONNECTIVITY_TEST } from "../../crds/group.ts";
import { networkPolicy } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { HELMS, gateProgram } from "./gateProgram.ts";
import { blocksUnder, operatorIn, shell, tryShell } from "./helmShell.ts";

/** What `helm test` makes of the template in docs/gates.md, and of a ConnectivityTest that is a test hook. */

const BUILD_TIME = 3_600_000;
const [hook = ""] = blocksUnder("Helm", { page: "docs/gates.md", language: "yaml" });

/** A ConnectivityTest that passes as long as no policy closes the web server. */
const test = (annotations: Readonly<Record<string, string>>) =>
  stringify({
    apiVersion: API_VERSION,
    kind: CONNECTIVITY_TEST.kind,
    metadata: { name: "web", annotations },
    spec: {
      maxAttempts: 1,
      progressDeadline: "0s",
      expectations: [
        {
          name: "client-reaches-web",
          from: { podSelector: { matchLabels: { app: "client" } } },
          to: { service: { name: "web" } },
          tcp: { port: 80 },
          expect: "Allowed",
        },
      ],
    },
  });

describe.each(HELMS)("%s test", (helm) => {
  let program = "";
  let folder = "";
  let here = "";

  beforeAll(async () => {
    program = await gateProgram(helm);
    await operatorIn("netverdict-system");
    const { name, remove } = await makeNamespace(helm);
    here = name;
    folder = await mkdtemp(join(tmpdir(), "netverdict-chart-"));
    const servers = ["client", "web"].map((app) => server({ namespace: here, name: app }));
    await deploy(kubectl, servers.join("\n---\n"));
    return async () => {
      await remove();
      await rm(folder, { recursive: true });
    };
  }, BUILD_TIME);

  /** Installs a chart with these templates as a release of its name. */
  async function install(release: string, templates: Readonly<Record<string, string>>): Promise<void> {
    const chart = join(folder, release);
    await mkdir(join(chart, "templates"), { recursive: true });
    await writeFile(
      join(chart, "Chart.yaml"),
      stringify({ apiVersion: "v2", name: release, version: "1.0.0" }),
    );
    for (const [name, text] of Object.entries(templates))
      await writeFile(
        join(chart, "templates", `${name}.yaml`),
        text.replaceAll("REGISTRY/netverdict:TAG", cluster.image),
      );
    await shell(program, `helm install ${release} ${chart} --namespace ${here}`);
  }

  const helmTest = async (release: string, option = "") =>
    tryShell(program, `helm test ${release} ${option} --namespace ${here} --timeout 2m`);

  it("passes with the template of the page if the connection is as expected", async () => {
    await install("shop", { hook, test: test({}) });
    const { code, stdout, stderr } = await helmTest("shop", "--logs");
    expect(stdout + stderr).toContain("Passed");
    expect(code).toBe(0);
  });

  it("fails with it once a policy closes the connection, without a change of the release", async () => {
    const closed = { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"] };
    await apply(kubectl, networkPolicy({ namespace: here, name: "closed" }, closed));
    const { code, stdout, stderr } = await helmTest("shop", "--logs");
    expect(stdout + stderr).toContain("expected Allowed, was Denied");
    expect(code).toBe(1);
    await shell(program, `helm uninstall shop --namespace ${here}`);
  });

  it("is green for a ConnectivityTest as a test hook, whose verdict is Failed", async () => {
    await install("hooked", { test: test({ "helm.sh/hook": "test" }) });
    const { code, stdout } = await helmTest("hooked");
    expect(stdout).toMatch(/Phase: +Succeeded/);
    expect(code).toBe(0);
    const { status } = await waitForVerdict(read, { namespace: here, name: "web" });
    expect(status.verdict).toBe("Failed");
  });
});
