import { describe, expect, it } from "vitest";
import { twinSchema } from "../crds/proberun/plannedpod.ts";
import { networkPoliciesPath, podsPath, probeRunsPath } from "../operator/runtime/resourcePaths.ts";
import { mysql, runOf, witnessesOf } from "../operator/testing/probeRuns.ts";
import { rejection } from "../operator/testing/rejection.ts";
import { verdictOn } from "../operator/testing/statuses.ts";
import { cliScene, runCli, type CliScene } from "./testing/cliScene.ts";

const WEB = { namespace: "shop", name: "web" };
const PATH = { expectation: "check", samples: "......", result: { hint: "timed out" } };

/** The test `web`, of which the last run has found its one path closed, by the policies of both ends. */
async function sceneWithRecords(): Promise<CliScene> {
  const scene = await cliScene();
  scene.create("web");
  const proof = { target: "Witness", source: "NodeContact", link: "LinkWitness" } as const;
  const path = {
    from: "Deployment/orders",
    to: "Service/mysql",
    address: "10.1.0.2:3306",
    verdict: "Failed",
    reason: "Blocked",
    actual: "Denied",
    outcome: "NoReply",
    samples: "......",
    node: "near",
    proof,
  } as const;
  scene.endRunWith(WEB, [
    verdictOn("check", {
      verdict: "Failed",
      reason: "Blocked",
      message: "it is closed",
      paths: [path],
      pathCount: 1,
    }),
  ]);
  const twin = twinSchema.parse({ labels: { app: "orders" }, serviceAccountName: "default" });
  const planned = { "probe-orders": { twin } };
  const records = [
    [probeRunsPath("shop", "web-run-2"), runOf({ paths: [PATH], planned })],
    [probeRunsPath("netverdict-witness", "shop.web-run-2"), witnessesOf({ paths: [{}] })],
  ] as const;
  for (const [place, record] of records) scene.memory.put(place, record);
  scene.memory.put(podsPath("shop", mysql.name), { metadata: { labels: { app: "mysql" } } });
  const policy = (name: string, spec: object) =>
    scene.memory.put(`${networkPoliciesPath("shop")}/${name}`, { metadata: {}, spec });
  policy("all-out", { podSelector: {}, policyTypes: ["Egress"] });
  policy("mysql-in", { podSelector: { matchLabels: { app: "mysql" } }, policyTypes: ["Ingress"] });
  policy("other-in", { podSelector: { matchLabels: { app: "other" } }, policyTypes: ["Ingress"] });
  return scene;
}

const explain = async ({ kubeConfig }: CliScene, target = "web/check") =>
  runCli(kubeConfig, ["explain", target, "-n", "shop"]);

/** Rejects what this user may not read. */
function forbid({ memory }: CliScene, part: string) {
  memory.before = ({ path }) => {
    if (path.includes(part)) throw rejection(403, "Forbidden");
  };
}

describe("explain", () => {
  it("prints the evidence path by path, what the witness saw, and the policies at both ends", async () => {
    const { code, stdout, stderr } = await explain(await sceneWithRecords());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [head, last, expectation, message, ...lines] = stdout.split("\n");
    expect(head).toContain("ConnectivityTest shop/web: Failed: check: ");
    expect(last).toContain("The last run, run-2 of generation 1, ended at ");
    expect(expectation).toContain("check: expected Denied, was Denied: Failed (Blocked) since ");
    expect(message).toContain("  it is closed");
    expect(lines).toEqual([
      "",
      "Deployment/orders → Service/mysql 10.1.0.2:3306: Denied, NoReply: Failed (Blocked)",
      "  rounds ......, from near",
      "  proof of the target Witness, of the source NodeContact, of the link LinkWitness",
      "  tried by Pod probe-orders, the twin of Pod probe-orders-original, with tcp; last error: timed out",
      "  behind the address: mysql on far",
      "  rounds of the witness Node/far: CCCCCCCC",
      "",
      "Policies:",
      "  egress of Deployment/orders: NetworkPolicy shop/all-out",
      "  ingress of Pod/mysql: NetworkPolicy shop/mysql-in",
      "",
    ]);
  });

  it("says in one line what this user may not read, and explains the rest", async () => {
    const policies = await sceneWithRecords();
    forbid(policies, "networkpolicies");
    const withoutPolicies = await explain(policies);
    expect(withoutPolicies.code).toBe(0);
    expect(withoutPolicies.stdout).toContain("  This user may not list: networkpolicies\n");
    expect(withoutPolicies.stdout).toContain("rounds of the witness");
    const records = await sceneWithRecords();
    forbid(records, "proberuns");
    const withoutRecords = await explain(records);
    expect(withoutRecords).toMatchObject({ code: 0, stderr: "" });
    expect(withoutRecords.stdout).toContain("  rounds ......, from near\n");
    expect(withoutRecords.stdout).toContain("ProbeRuns of shop: this user may not read them.\n");
    expect(withoutRecords.stdout).not.toContain("Policies:");
    const pods = await sceneWithRecords();
    forbid(pods, "/pods/");
    expect((await explain(pods)).stdout).toContain("  Pods of shop: this user may not read them.\n");
  });

  it("says that the records of the run are gone", async () => {
    const scene = await sceneWithRecords();
    scene.memory.remove(probeRunsPath("shop", "web-run-2"));
    const { code, stdout } = await explain(scene);
    expect(code).toBe(0);
    expect(stdout).toContain("ProbeRun shop/web-run-2: it does not exist. Run the test again.\n");
  });

  it("shows the paths that only the ProbeRun has", async () => {
    const scene = await sceneWithRecords();
    const second = { ...PATH, to: "Service/cache", check: { address: "10.1.0.9" } };
    scene.memory.put(probeRunsPath("shop", "web-run-2"), runOf({ paths: [PATH, second] }));
    const { status, ...test } = scene.read(WEB);
    const expectations = status.expectations?.map((result) => ({ ...result, pathCount: 2 }));
    scene.memory.put("/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/web", {
      ...test,
      status: { ...status, expectations },
    });
    expect((await explain(scene)).stdout).toContain(
      "Deployment/orders → Service/cache 10.1.0.9:3306: not worse than the paths above\n  rounds ......\n",
    );
  });

  it("ends with 3 for an expectation that the test does not have, and for a test that does not exist", async () => {
    const scene = await sceneWithRecords();
    expect(await explain(scene, "web/other")).toEqual({
      code: 3,
      stdout: "",
      stderr: "ConnectivityTest shop/web: it has no expectation other. Use one of: check.\n",
    });
    expect((await explain(scene, "api/check")).stderr).toContain(
      "ConnectivityTest shop/api: it does not exist.",
    );
  });
});
