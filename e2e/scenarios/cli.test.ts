import { chmod, copyFile, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { API_VERSION, CONNECTIVITY_TEST } from "../../crds/group.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { readTest } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { attempt, type Outcome } from "../process/command.ts";
import { clientReachesWeb, deployClientAndWeb } from "./clientAndWeb.ts";
import { accountToken, buildProgram, type CliProgram } from "./cliProgram.ts";

/** The bundle of the command-line program as a gate runs it. exit-codes.test.ts has each of its exit codes. */

let cli: CliProgram;
let here = "";
let removeNamespace: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  cli = await buildProgram();
  ({ name: here, remove: removeNamespace } = await makeNamespace("cli"));
  await deployClientAndWeb(here);
});
afterAll(async () => {
  await removeNamespace();
  await cli.remove();
});

/** Declares a test whose one path is open, so that it passes if Allowed is expected. */
async function declareTest(name: string, { expect: expected = "Allowed", ...spec }: Declared = {}) {
  await declare({ namespace: here, name }, { expectations: [clientToWeb(expected)], ...spec });
}

const clientToWeb = (expected: "Allowed" | "Denied") => ({
  ...clientReachesWeb,
  name: "client-to-web",
  expect: expected,
});

interface Declared {
  readonly expect?: "Allowed" | "Denied";
}

interface Written {
  readonly expect?: "Allowed" | "Denied";
  /** More fields of the expectation. */
  readonly typo?: object;
}

interface Invoked {
  readonly kubeconfig?: string;
  readonly namespace?: string;
}

const netverdict = async (args: readonly string[], { namespace = here, ...options }: Invoked = {}) =>
  cli.netverdict([...args, "--namespace", namespace], options);

const statusOf = async (name: string) => (await readTest(read, { namespace: here, name })).status;
const subject = (name: string) => `ConnectivityTest ${here}/${name}`;

describe("netverdict run", () => {
  it("ends with 0 after a run of its own has passed", async () => {
    await declareTest("passes");
    expect(await netverdict(["wait", "passes"])).toMatchObject({ code: 0, stderr: "" });
    const before = await statusOf("passes");
    const { code, stdout, stderr } = await netverdict(["run", "passes"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trim().split("\n").at(-1)).toBe(`${subject("passes")}: Passed: 1 of 1 expectations hold`);
    const { handledRequests = [] } = await statusOf("passes");
    expect(handledRequests).toMatchObject([{ verdict: "Passed" }]);
    expect(handledRequests[0]?.run).not.toBe(before.run?.id);
  });

  it("ends with 1 if the test fails, and two at the same time get their own results", async () => {
    await declareTest("fails", { expect: "Denied" });
    const both = await Promise.all([netverdict(["run", "fails"]), netverdict(["run", "fails"])]);
    for (const { code, stdout } of both) {
      expect(code).toBe(1);
      expect(stdout).toContain(
        `${subject("fails")}: Failed: client-to-web: expected Denied, was Allowed (Open)`,
      );
    }
    const { handledRequests = [] } = await statusOf("fails");
    expect(handledRequests.map(({ verdict }) => verdict)).toEqual(["Failed", "Failed"]);
    expect(await netverdict(["wait", "fails"])).toMatchObject({ code: 1 });
  });

  it("has the rights that it needs with the ClusterRole netverdict-gate", async () => {
    await declareTest("guarded");
    const kubeconfig = await cli.kubeconfigWith(await accountToken(here, "gate"));
    expect(await netverdict(["run", "guarded"], { kubeconfig })).toMatchObject({ code: 3 });
    await apply(kubectl, JSON.stringify(bindingOf("gate")));
    expect(await netverdict(["run", "guarded"], { kubeconfig })).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("netverdict run -f", () => {
  /** Writes a file with the test that `declareTest` declares, and runs it. */
  async function runFile(
    name: string,
    { expect: expected = "Allowed", typo = {} }: Written = {},
  ): Promise<Outcome> {
    const file = join(cli.folder, `${name}.json`);
    const expectation = { ...clientToWeb(expected), ...typo };
    const spec = { maxAttempts: 1, progressDeadline: "0s", expectations: [expectation] };
    const test = { apiVersion: API_VERSION, kind: CONNECTIVITY_TEST.kind, metadata: { name }, spec };
    await writeFile(file, JSON.stringify(test));
    return netverdict(["run", "-f", file]);
  }

  it("creates the test, changes it the next time, and has the result of the spec in the file", async () => {
    expect(await runFile("filed")).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await runFile("filed", { expect: "Denied" });
    expect(code).toBe(1);
    expect(stdout).toContain(
      `${subject("filed")}: Failed: client-to-web: expected Denied, was Allowed (Open)`,
    );
    expect((await statusOf("filed")).handledRequests?.map(({ verdict }) => verdict)).toEqual([
      "Failed",
      "Passed",
    ]);
  });

  it("ends with 3 if the API server rejects the test, or another program has written other values", async () => {
    const misspelt = await runFile("misspelt", { typo: { exspect: "Denied" } });
    expect(misspelt.code).toBe(3);
    expect(misspelt.stderr).toContain(`${subject("misspelt")}: the API server rejects it (`);
    expect(misspelt.stderr).toContain("exspect");
    await declareTest("owned");
    const conflict = await runFile("owned", { expect: "Denied" });
    expect(conflict.code).toBe(3);
    expect(conflict.stderr).toContain(`${subject("owned")}: another program has written other values (`);
    expect(await statusOf("owned")).not.toHaveProperty("handledRequests");
  });
});

describe("netverdict report and explain", () => {
  it("report what the operator has found, also for a test that failed", async () => {
    await declareTest("reported", { expect: "Denied" });
    await netverdict(["wait", "reported"]);
    const file = join(cli.folder, "report.xml");
    const written = await netverdict(["report", "reported", "--format", "junit", "--output", file]);
    expect(written).toEqual({ code: 0, stdout: "", stderr: "" });
    const xml = await readFile(file, "utf8");
    expect(xml).toContain('<testsuites name="netverdict" tests="1" failures="1" errors="0">');
    expect(xml).toContain('<failure message="Failed: ');
    const { code, stdout } = await netverdict(["report", "reported", "--format", "json"]);
    expect(code).toBe(0);
    const json: unknown = JSON.parse(stdout);
    const found = { name: "client-to-web", expected: "Denied", actual: "Allowed", reason: "Open" };
    expect(json).toMatchObject({
      version: 1,
      tests: [{ namespace: here, name: "reported", verdict: "Failed", expectations: [found] }],
    });
  });

  it("explain each path, the pods at its ends, and the policies there; without the rights, what the status has", async () => {
    await declareTest("explained");
    await netverdict(["wait", "explained"]);
    await apply(
      kubectl,
      networkPolicy(
        { namespace: here, name: "lets-in" },
        { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"], ingress: [{}] },
      ),
    );
    const { code, stdout, stderr } = await netverdict(["explain", "explained/client-to-web"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`${subject("explained")}: Passed: 1 of 1 expectations hold`);
    expect(stdout).toMatch(
      /Deployment\/client → Service\/web \S+:80: Allowed, Connected: Passed \(AsExpected\)/,
    );
    expect(stdout).toMatch(/tried by Pod probe-client-\S+, the twin of Pod client-\S+, with tcp/);
    expect(stdout).toMatch(/behind the address: web-\S+ on \S+/);
    expect(stdout).toContain("egress of Deployment/client: no policy limits it");
    expect(stdout).toMatch(new RegExp(`ingress of Pod/web-\\S+: NetworkPolicy ${here}/lets-in`));
    const kubeconfig = await cli.kubeconfigWith(await accountToken(here, "reader"));
    await apply(kubectl, JSON.stringify(bindingOf("reader")));
    const limited = await netverdict(["explain", "explained/client-to-web"], { kubeconfig });
    expect(limited).toMatchObject({ code: 0, stderr: "" });
    expect(limited.stdout).toContain(`ProbeRuns of ${here}: this user may not read them.`);
    expect(limited.stdout).toMatch(/Service\/web \S+:80: Allowed, Connected/);
  });
});

it("kubectl netverdict get prints expected against actual", async () => {
  await declareTest("shown", { expect: "Denied" });
  await netverdict(["wait", "shown"]);
  const plugin = join(cli.folder, "kubectl-netverdict");
  await copyFile(cli.file, plugin);
  await chmod(plugin, 0o755);
  const PATH = [cli.folder, dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, PATH };
  const { code, stdout } = await attempt(cluster.kubectl, ["netverdict", "get", "shown", "-n", here], {
    env,
  });
  expect(code).toBe(0);
  expect(stdout).toContain(`${subject("shown")}: Failed: `);
  expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual(
    expect.arrayContaining([
      ["EXPECTATION", "FROM", "TO", "EXPECTED", "ACTUAL", "VERDICT", "REASON"],
      ["client-to-web", "Deployment/client", "Service/web", "Denied", "Allowed", "Failed", "Open"],
    ]),
  );
});

it("init writes what the policies permit, and the network does the same", async () => {
  const { name: shop, remove } = await makeNamespace("init");
  onTestFinished(remove);
  const apps = ["client", "other", "web"];
  await deploy(kubectl, apps.map((app) => server({ namespace: shop, name: app })).join("\n---\n"));
  const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
  const forClient = { ...pods("web"), policyTypes: ["Ingress"], ingress: [{ from: [pods("client")] }] };
  await apply(kubectl, networkPolicy({ namespace: shop, name: "for-client" }, forClient));
  const file = join(cli.folder, "init.yaml");
  await expect(netverdict(["init", "--output", file], { namespace: shop })).resolves.toMatchObject({
    code: 0,
  });
  const { code, stdout } = await netverdict(["run", "--filename", file], { namespace: shop });
  expect(stdout).toContain(`ConnectivityTest ${shop}/other: Passed: `);
  expect(code).toBe(0);
  const { status } = await readTest(read, { namespace: shop, name: "other" });
  const seen = status.expectations?.map(({ name, actual }) => `${name}: ${actual}`);
  expect(seen?.toSorted()).toEqual(["never-reaches-web-80: Denied", "reaches-client-80: Allowed"]);
});

const bindingOf = (account: string) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: account, namespace: here },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "netverdict-gate" },
  subjects: [{ kind: "ServiceAccount", name: account, namespace: here }],
});
