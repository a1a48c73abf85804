import { describe, expect, it } from "vitest";
import type { ConnectivityTestSpec } from "../../crds/connectivitytest.ts";
import { probeRunSpecSchema, type ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import {
  connectivityTest,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  snapshot,
  type Cluster,
} from "../testing/objects.ts";
import { planRun, type PlanInput } from "./plan.ts";

const labels = { app: "ui" };
const toWeb = { to: { service: { name: "web" } }, tcp: { port: 80 } };
const out = { to: { ip: "203.0.113.10" }, tcp: { port: 443 } };

interface Question extends Cluster {
  readonly ipFamilies?: ConnectivityTestSpec["ipFamilies"];
  readonly expectations: Parameters<typeof expectation>[0][];
  readonly run?: Partial<PlanInput["run"]>;
  readonly witness?: PlanInput["witness"];
}

function planned({
  expectations,
  ipFamilies,
  run,
  witness = { enabled: true, allow: [] },
  ...cluster
}: Question) {
  const spec = { expectations: expectations.map(expectation), ...(ipFamilies && { ipFamilies }) };
  const test = connectivityTest({ spec });
  return planRun({
    test,
    run: { id: "k3f9qbcd", trigger: "Schedule", ...run },
    snapshot: snapshot(cluster),
    witness,
  });
}

function plan(request: Question): ProbeRunSpec {
  const result = planned(request);
  if ("problem" in result) throw new Error(result.problem.message);
  return result.spec;
}

const web = pod("web-0", {
  labels: { app: "web" },
  owner: "StatefulSet/web",
  ips: ["10.1.9.9"],
  node: "node-2",
});
const shop: Cluster = {
  pods: [pod("ui-1", { labels, owner: "StatefulSet/ui" }), web],
  services: [service("web")],
  slices: [slice("web", [endpointOf(web)])],
};

describe("the plan of a run", () => {
  it("holds everything that the run needs, as a ProbeRun holds it", () => {
    const run = { trigger: "Request" as const, requests: ["now"] };
    const spec = plan({ ...shop, run, expectations: [{ name: "ui-web", ...toWeb }] });
    expect(spec).toMatchObject({
      replicas: 0,
      test: { kind: "ConnectivityTest", name: "net", uid: "uid-net" },
      run: { id: "k3f9qbcd", trigger: "Request", generation: 1, requests: ["now"], followUp: false },
      probing: { rounds: 3, deniedRounds: 5, maxRounds: 15 },
      expectations: [{ name: "ui-web", expect: "Allowed" }],
      pods: [
        {
          name: "probe-ui-k3f9qbcd-0",
          source: "StatefulSet/ui",
          sourcePod: { name: "ui-1", uid: "uid-ui-1" },
          sourceNodes: 1,
          twin: { labels, nodeName: "node-1" },
        },
      ],
      findings: [],
    });
    expect(spec.paths).toEqual([
      {
        id: 0,
        expectation: "ui-web",
        expect: "Allowed",
        from: "StatefulSet/ui",
        to: "Service/web",
        kind: "ClusterAddress",
        pod: "probe-ui-k3f9qbcd-0",
        check: { path: 0, tool: "tcp", family: "IPv4", address: "10.96.0.1", port: 80, provesSource: true },
        backends: [
          { name: "web-0", uid: "uid-web-0", node: "node-2", hostNetwork: false, readinessOnPort: false },
        ],
        backendCount: 1,
      },
      expect.objectContaining({ id: 1, kind: "Endpoint" }),
    ]);
    expect(probeRunSpecSchema.parse(spec)).toEqual(spec);
  });

  it.each([true, false])(
    "says of a target whether it is ready, with and without witnesses (%s)",
    (enabled) => {
      const { spec, status } = web;
      const probe = { ports: [{ containerPort: 8080 }], readinessProbe: { tcpSocket: { port: 8080 } } };
      const conditions = [{ type: "Ready", status: "True" }];
      const ready = pod("web-0", {
        labels: { app: "web" },
        owner: "StatefulSet/web",
        spec: { ...spec, containers: [probe] },
        status: { ...status, conditions },
      });
      const pods = [...(shop.pods ?? []).slice(0, 1), ready];
      const slices = [slice("web", [endpointOf(ready)])];
      const witness = { enabled, allow: [] };
      const expectations = [{ ...toWeb, expect: "Denied" as const }];
      const { paths } = plan({ ...shop, pods, slices, witness, expectations });
      const endpoint = paths.find(({ kind }) => kind === "Endpoint");
      expect(endpoint?.backends.map(({ readinessOnPort }) => readinessOnPort)).toEqual([true]);
      expect(endpoint?.witness).toBe(enabled ? "node-2" : undefined);
    },
  );

  it("has no request if none was made", () => {
    expect(plan({ ...shop, expectations: [toWeb] }).run).not.toHaveProperty("requests");
  });

  it("says of a path whether the author asked for its family", () => {
    const expectations = [{ to: { host: "www.example.com" }, icmp: {} }];
    expect(plan({ ...shop, expectations }).paths[0]).not.toHaveProperty("familyAsked");
    expect(plan({ ...shop, expectations, ipFamilies: ["IPv4"] }).paths[0]?.familyAsked).toBe(true);
  });

  it("has neither pods nor paths where there is nothing to try, but says why", () => {
    const { pods, paths, findings } = plan({ expectations: [toWeb] });
    expect([pods, paths]).toEqual([[], []]);
    expect(findings.map(({ reason }) => reason)).toEqual(["SourceNotFound", "TargetNotFound"]);
  });
});

describe("a check", () => {
  const checkOf = (fields: Parameters<typeof expectation>[0]) =>
    plan({ ...shop, expectations: [fields] }).paths[0]?.check;

  it.each([
    ["tcp", out, { tool: "tcp", address: "203.0.113.10", port: 443 }],
    ["icmp", { to: { ip: "203.0.113.10" }, icmp: {} }, { tool: "icmp", address: "203.0.113.10" }],
    ["dns", { dns: { name: "web.shop" } }, { tool: "dns", host: "web.shop" }],
    [
      "http to a host",
      { to: { host: "www.example.com" }, http: { port: 80, path: "/a?b" } },
      { tool: "http", host: "www.example.com", port: 80, urlPath: "/a?b" },
    ],
    [
      "http to an address",
      { to: { ip: "203.0.113.10" }, http: { port: 80, status: [200, "3xx"] } },
      { tool: "http", address: "203.0.113.10", port: 80, urlPath: "/", status: ["200", "3xx"] },
    ],
    [
      "http to a Service, which is named in the request",
      { to: { service: { name: "web" } }, http: { port: 80 } },
      { tool: "http", address: "10.96.0.1", host: "web", port: 80, urlPath: "/", provesSource: true },
    ],
  ])("of %s", (_, fields, check) => {
    expect(checkOf(fields)).toEqual({ path: 0, family: "IPv4", provesSource: false, ...check });
  });

  it("of http to a Service elsewhere names its namespace too", () => {
    const there = { namespace: "catalog" };
    const { paths } = plan({
      ...shop,
      services: [service("web", there)],
      expectations: [{ to: { service: { name: "web", ...there } }, http: { port: 80 } }],
    });
    expect(paths[0]?.check.host).toBe("web.catalog");
  });
});

describe("probe pods", () => {
  it("are one for each source workload, with the checks of all its expectations", () => {
    const { pods, paths } = plan({
      ...shop,
      pods: [...(shop.pods ?? []), pod("ui-2", { labels, owner: "StatefulSet/ui" }), pod("x", { labels })],
      expectations: [
        { name: "one", ...toWeb },
        { name: "two", ...out },
      ],
    });
    expect(pods.map(({ name }) => name)).toEqual(["probe-x-k3f9qbcd-0", "probe-ui-k3f9qbcd-1"]);
    expect(
      paths.filter(({ pod: name }) => name.startsWith("probe-ui")).map((path) => path.expectation),
    ).toEqual(["one", "one", "two"]);
  });

  it("are two where two selectors choose pods of one workload that differ in a label", () => {
    const role = (name: string, value: string) =>
      pod(name, { labels: { app: "db", role: value }, owner: "StatefulSet/db" });
    const from = (value: string) => ({ podSelector: { matchLabels: { role: value } } });
    const { pods, paths } = plan({
      pods: [role("db-0", "primary"), role("db-1", "replica"), role("db-2", "replica")],
      expectations: [
        { name: "primary", ...out, from: from("primary") },
        { name: "replica", ...out, from: from("replica"), expect: "Denied" },
      ],
    });
    const roleOf = new Map(pods.map(({ name, twin }) => [name, twin?.labels["role"]]));
    expect(paths.map((path) => [path.expectation, roleOf.get(path.pod)])).toEqual([
      ["primary", "primary"],
      ["replica", "replica"],
    ]);
  });

  it("are more where a source has more than 24 checks, each with a check that can show its network to be up", () => {
    const denied = Array.from({ length: 30 }, (_, index) => ({
      name: `no-${index}`,
      ...out,
      expect: "Denied" as const,
    }));
    const { pods, paths } = plan({ ...shop, expectations: [...denied, { name: "control", ...toWeb }] });
    expect(pods).toHaveLength(2);
    for (const { name } of pods) {
      const checks = paths.filter((path) => path.pod === name);
      expect(checks.length).toBeLessThanOrEqual(24);
      expect(checks.some(({ expectation: of, check }) => of === "control" && check.provesSource)).toBe(true);
    }
  });

  it("have no use for a denial as a control, though an answer would be a proof of the source", () => {
    const denied = Array.from({ length: 13 }, (_, index) => ({
      name: `no-${index}`,
      ...toWeb,
      expect: "Denied" as const,
    }));
    expect(plan({ ...shop, expectations: denied }).paths).toHaveLength(26);
  });

  it("are preferred on another node of the source from run to run", () => {
    const pods = ["node-1", "node-2"].map((node, index) =>
      pod(`ui-${index}`, { labels, owner: "StatefulSet/ui", node }),
    );
    const nodes = ["k3f9qbcd", "k3f9qbcf", "k3f9qbcg", "k3f9qbch"].map((id) => {
      const result = planned({ pods, run: { id }, expectations: [out] });
      return "spec" in result ? result.spec.pods[0]?.twin?.nodeName : undefined;
    });
    expect(new Set(nodes)).toEqual(new Set(["node-1", "node-2"]));
  });
});

describe("more than 256 paths", () => {
  const messageOf = (result: ReturnType<typeof planRun>) =>
    "problem" in result ? result.problem.message : "";
  const sources = (count: number) =>
    Array.from({ length: count }, (_, index) => pod(`ui-${index}`, { labels }));

  it("are refused with the numbers, and the expectation that has most of them", () => {
    const result = planned({
      ...shop,
      pods: [...sources(100), web],
      expectations: [
        { name: "few", ...out },
        { name: "many", ...toWeb },
      ],
    });
    expect(result).toEqual({
      problem: {
        reason: "TooManyPaths",
        message:
          "the spec expands to 300 paths, but a test may have at most 256; many alone has 200. Narrow its selectors or split the test",
      },
    });
  });

  it("are counted before anything is made of them", () => {
    const result = planned({ pods: sources(3_000), expectations: [out] });
    expect(messageOf(result)).toContain("expands to 3000 paths");
  });

  it("are refused where controls that are tried twice make them", () => {
    const result = planned({
      ...shop,
      expectations: [
        { name: "control", ...toWeb },
        ...Array.from({ length: 127 }, (_, index) => ({
          name: `no-${index}`,
          to: { service: { name: "web" } },
          tcp: { port: 80 },
          expect: "Denied" as const,
        })),
      ],
    });
    expect(messageOf(result)).toContain("expands to 266 paths");
  });

  it("begin above 256", () => {
    const { paths } = plan({ pods: sources(256), expectations: [out] });
    expect(paths.at(-1)?.id).toBe(255);
  });
});
