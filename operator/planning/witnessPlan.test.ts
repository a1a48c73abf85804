import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_CHECKS_PER_POD,
  NO_POD,
  probeRunSpecSchema,
  type PlannedPath,
} from "../../crds/proberun/proberun.ts";
import { ANY_NAME } from "../../probes/nameServer.ts";
import { probeRun } from "../testing/objects.ts";
import { planWitnesses } from "./witnessPlan.ts";

type Sketch = Partial<Omit<PlannedPath, "check">> & { readonly check?: Partial<PlannedPath["check"]> };

const path = ({ check, ...fields }: Sketch, id: number): PlannedPath => ({
  id,
  expectation: "denied",
  expect: "Denied",
  from: "Deployment/ui",
  to: "Service/web",
  kind: "Endpoint",
  pod: "probe-ui",
  backends: [],
  backendCount: 1,
  witness: "node-1",
  ...fields,
  check: {
    path: id,
    tool: "tcp",
    family: "IPv4",
    address: "10.1.0.1",
    port: 80,
    provesSource: true,
    ...check,
  },
});

/** With the probe pods of the paths, if any. */
const runWith = (paths: readonly PlannedPath[], spec: object = {}) => {
  const names = [...new Set(paths.map(({ pod }) => pod))].filter((name) => name !== NO_POD);
  const twin = { labels: {}, serviceAccountName: "default" };
  const pods = names.map((name) => ({ name, source: "Deployment/ui", twin }));
  return probeRun({ spec: { pods, paths: [...paths], ...spec } });
};
const plan = (...sketches: readonly Sketch[]) => planWitnesses(runWith(sketches.map(path)));

describe("the plan of the witnesses", () => {
  it("is none where no path asks for one", () => {
    const { witness: _, ...unasked } = path({}, 0);
    expect(planWitnesses(runWith([unasked]))).toBeUndefined();
  });

  it("has a pod for each node, and asks for each address once", () => {
    const spec = plan(
      {},
      { expectation: "another", pod: "probe-other" },
      { check: { tool: "http", host: "web", urlPath: "/secret" } },
      { check: { address: "10.1.0.2" }, witness: "node-2" },
      { check: { tool: "icmp", port: undefined }, witness: "node-2" },
    );
    expect(spec?.pods).toEqual([
      { name: "witness-node-1-abc-0", source: "Node/node-1", sourceNodes: 1, witness: { node: "node-1" } },
      { name: "witness-node-2-abc-1", source: "Node/node-2", sourceNodes: 1, witness: { node: "node-2" } },
    ]);
    expect(spec?.paths.map(({ pod, check }) => [pod, check.tool, check.address, check.port])).toEqual([
      ["witness-node-1-abc-0", "tcp", "10.1.0.1", 80],
      ["witness-node-2-abc-1", "tcp", "10.1.0.2", 80],
      ["witness-node-2-abc-1", "icmp", "10.1.0.1", undefined],
    ]);
  });

  it("says whose it is, and of which run", () => {
    expect(plan({})).toMatchObject({
      test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace: "shop" },
      run: { id: "abc" },
    });
  });

  it.each([
    [
      { tool: "dns", host: "a.example", port: undefined },
      { tool: "dns", host: ANY_NAME },
    ],
    [
      { tool: "dns", host: "a.example", port: undefined, protocol: "TCP" },
      { tool: "tcp", port: 53 },
    ],
  ] as const)(
    "asks a name server for one fixed name, or for a connection: %j comes to %j",
    (check, asked) => {
      const address = { path: 0, family: "IPv4", address: "10.1.0.1", provesSource: false };
      expect(plan({ check })?.paths.map((path_) => path_.check)).toEqual([{ ...address, ...asked }]);
    },
  );

  it("has more pods on a node than one where the checks are many", () => {
    const many = Array.from({ length: 30 }, (_, port) => ({ check: { port: port + 1 } }));
    const spec = plan(...many);
    const sizes = (spec?.pods ?? []).map(({ name }) => spec?.paths.filter(({ pod }) => pod === name).length);
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes.map((size = 0) => size))).toBeLessThanOrEqual(MAX_CHECKS_PER_POD);
    expect(sizes.reduce((sum = 0, size = 0) => sum + size, 0)).toBe(30);
  });

  it("has no number of rounds beside probes: four that failed show that a target is down", () => {
    const probing = { rounds: 10, deniedRounds: 15, maxRounds: 60 };
    const spec = planWitnesses(runWith([path({}, 0)], { probing }));
    expect(spec?.probing).toMatchObject({ ...probing, deniedRounds: 2 });
    expect(spec?.pods[0]?.witness).toEqual({ node: "node-1" });
    expect(probeRunSpecSchema.safeParse(spec).success).toBe(true);
  });

  it.each([
    ["by default", {}, { maxRounds: 8, deniedRounds: 4 }],
    ["at least four", { rounds: 1, deniedRounds: 2 }, { maxRounds: 4, deniedRounds: 2 }],
    ["at most", { rounds: 10, deniedRounds: 15, maxRounds: 60 }, { maxRounds: 25, deniedRounds: 12 }],
  ])("without probes ends by itself, after as many rounds as a denial and an Allowed take: %s", (...row) => {
    const [, probing, expected] = row;
    const spec = planWitnesses(runWith([path({ pod: NO_POD }, 0)], { probing }));
    expect(spec?.probing).toMatchObject(expected);
    expect(spec?.pods.map(({ witness }) => witness)).toEqual([{ node: "node-1", alone: true }]);
    expect(probeRunSpecSchema.safeParse(spec).success).toBe(true);
  });
});

describe("for any run, the witnesses", () => {
  const authored = "author-wrote-this";
  const sketches = fc.array(
    fc.record({
      expectation: fc.constant(authored),
      to: fc.constant(`Service/${authored}`),
      witness: fc.constantFrom("node-1", "node-2"),
      check: fc.record(
        {
          tool: fc.constantFrom("http", "tcp", "icmp", "dns"),
          address: fc.constantFrom("10.1.0.1", "fd00::1"),
          port: fc.constantFrom(80, 443),
          host: fc.constant(authored),
          urlPath: fc.constant(`/${authored}`),
          status: fc.constant("418").map((status) => [status]),
          method: fc.constantFrom("HEAD", "OPTIONS"),
          scheme: fc.constant("HTTPS"),
          requestHost: fc.constant(authored),
          headers: fc.constant(authored).map((value) => [{ name: authored, value }]),
          insecureSkipTLSVerify: fc.boolean(),
          recordType: fc.constantFrom("CNAME", "SRV"),
          protocol: fc.constantFrom("UDP", "TCP"),
        },
        { requiredKeys: ["tool"] },
      ),
    }),
    { maxLength: 60 },
  );

  it("carry nothing that an author wrote, and never HTTP", () => {
    fc.assert(
      fc.property(sketches, (drawn) => {
        const spec = plan(...drawn);
        for (const { check } of spec?.paths ?? []) {
          expect(["tcp", "icmp", "dns"]).toContain(check.tool);
          expect(check.host).toBe(check.tool === "dns" ? ANY_NAME : undefined);
          expect(JSON.stringify(check)).not.toContain(authored);
          expect(JSON.stringify(check)).not.toContain("418");
          expect(Object.keys(check).filter((key) => !FIELDS.has(key))).toEqual([]);
        }
        expect(JSON.stringify(spec?.pods ?? [])).not.toContain(authored);
      }),
    );
  });

  it("go to no address but those of the run, each on the node that its path names", () => {
    fc.assert(
      fc.property(sketches, (drawn) => {
        const paths = drawn.map((sketch, id) => path(sketch, id));
        const asked = new Set(paths.map(({ witness, check }) => `${witness} ${check.address}`));
        for (const { from, check } of planWitnesses(runWith(paths))?.paths ?? [])
          expect(asked).toContain(`${from.replace("Node/", "")} ${check.address}`);
      }),
    );
  });

  const FIELDS = new Set(["path", "tool", "family", "address", "port", "host", "provesSource"]);
});

it("the witnesses of a ClusterConnectivityTest know it by its kind and name, without a namespace", () => {
  const { metadata, spec } = probeRun({ metadata: { namespace: "netverdict-system" } });
  const test = { ...spec.test, kind: "ClusterConnectivityTest" };
  expect(planWitnesses({ metadata, spec: { ...spec, test, paths: [path({}, 0)] } })?.test).toEqual(test);
});
