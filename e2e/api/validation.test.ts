import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { API_VERSION } from "../../crds/group.ts";
import { attempt } from "../process/command.ts";
import { cluster, kubectl, namespace } from "../harness/scenario.ts";
import { goodSpec } from "./goodSpec.ts";
import { rejectionProblem } from "./refused.ts";
import { refusedObjects } from "./refusedKinds.ts";

const SAMPLES = join(import.meta.dirname, "../../manifests/samples");
const CRDS = join(import.meta.dirname, "../../manifests/crds");

/** What the API server says to an object of the default namespace; nothing of it remains. */
async function tried(kind: string, spec: unknown, status?: unknown) {
  const object = {
    apiVersion: API_VERSION,
    kind,
    metadata: { name: "tried", ...(kind !== "ClusterConnectivityTest" && { namespace: "default" }) },
    spec,
    status,
  };
  const args = [
    `--kubeconfig=${cluster.kubeconfig}`,
    "create",
    "--dry-run=server",
    "--output=json",
    "-f",
    "-",
  ];
  return attempt(cluster.kubectl, args, { input: JSON.stringify(object) });
}

const probeRun = {
  test: { kind: "ConnectivityTest", name: "shop", uid: "0" },
  run: { id: "k3f9q", trigger: "Generation", generation: 1 },
  probing: {},
  expectations: [{ name: "ui", expect: "Allowed" }],
};

describe("the API server", () => {
  it("takes the CustomResourceDefinitions as they are in the repository", async () => {
    const answer = await kubectl([
      "apply",
      "--server-side",
      "--force-conflicts",
      "--dry-run=server",
      "-f",
      CRDS,
    ]);
    expect(answer.match(/serverside-applied/g)).toHaveLength(readdirSync(CRDS).length);
  });

  it.each(rejectionProblem)("refuses $title with a sentence", async ({ spec, sentence }) => {
    const { code, stderr } = await tried("ConnectivityTest", spec);
    expect(stderr).toContain(sentence);
    expect(code).toBe(1);
  });

  it.each(refusedObjects)("refuses $title ($kind) with a sentence", async ({ kind, spec, sentence }) => {
    const { code, stderr } = await tried(kind, spec);
    expect(stderr).toContain(sentence);
    expect(code).toBe(1);
  });

  it("refuses a field that does not exist, by kubectl's own check", async () => {
    const { code, stderr } = await tried("ConnectivityTest", { expectations: [], interval: "10m" });
    expect(stderr).toContain('unknown field "spec.interval"');
    expect(code).toBe(1);
  });

  it("refuses a ProbeRun that asks for replicas", async () => {
    const { stderr } = await tried("ProbeRun", { ...probeRun, replicas: 1 });
    expect(stderr).toContain("spec.replicas: Invalid value: 1");
  });

  it.each(readdirSync(SAMPLES))("takes the sample %s", async (sample) => {
    const here = await namespace("samples");
    const args = ["apply", "--dry-run=server", `--namespace=${here}`, "-f", join(SAMPLES, sample)];
    expect(await kubectl(args)).toContain("created (server dry run)");
  });

  it.each(["ConnectivityTest", "ClusterConnectivityTest"])(
    "takes a %s of 128 expectations with large selectors, within its budget for rules",
    async (kind) => {
      const expectationOf = kind === "ClusterConnectivityTest" ? largest : large;
      const { stderr, code } = await tried(kind, {
        expectations: Array.from({ length: 128 }, expectationOf),
      });
      expect(stderr).toBe("");
      expect(code).toBe(0);
    },
  );

  it("fills in what a test leaves out, and that the operator has not read it yet", async () => {
    const { stdout } = await tried("ConnectivityTest", goodSpec);
    expect(JSON.parse(stdout)).toMatchObject({
      spec: {
        probing: { rounds: 3, deniedRounds: 5, maxRounds: 15, interval: "1s", timeout: "2s" },
        keepProbePods: "Never",
        suspend: false,
      },
      status: { observedGeneration: -1, verdict: "Pending" },
    });
  });

  it("a ProbeRun has no replicas for a PodDisruptionBudget", async () => {
    const here = await namespace("scale");
    const metadata = { name: "k3f9q", namespace: here };
    const input = JSON.stringify({ apiVersion: API_VERSION, kind: "ProbeRun", metadata, spec: probeRun });
    await kubectl(["create", "-f", "-"], { input });
    const scale = await kubectl([
      "get",
      "--raw",
      `/apis/${API_VERSION}/namespaces/${here}/proberuns/k3f9q/scale`,
    ]);
    expect(JSON.parse(scale)).toMatchObject({ kind: "Scale", spec: {}, status: { replicas: 0 } });
  });
});

/** As large as anybody writes them: 16 labels and 8 expressions of 16 values at both ends, and every header there may be. */
function large(_: unknown, index: number) {
  const podSelector = {
    matchLabels: Object.fromEntries(
      Array.from({ length: 16 }, (_0, at) => [`example.com/label-${at}`, `value-${at}`]),
    ),
    matchExpressions: Array.from({ length: 8 }, (_0, at) => ({
      key: `example.com/key-${at}`,
      operator: "In",
      values: Array.from({ length: 16 }, (_1, value) => `value-${value}`),
    })),
  };
  const headers = Array.from("abcdef", (letter) => ({ name: letter.repeat(64), value: letter.repeat(128) }));
  const http = { port: "http-alt", path: "/health", status: [200, "3xx"], host: "shop.example", headers };
  return { name: `expectation-${index}`, from: { podSelector }, to: { podSelector }, http, expect: "Denied" };
}

/** The same with selectors for namespaces beside them. */
function largest(_: unknown, index: number) {
  const { from, to, ...rest } = large(_, index);
  const namespaceSelector = from.podSelector;
  return { ...rest, from: { ...from, namespaceSelector }, to: { ...to, namespaceSelector } };
}
