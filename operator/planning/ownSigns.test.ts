import { describe, expect, it } from "vitest";
import { MAX_CHECKS_PER_POD, probeRunSpecSchema, type ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { MAX_PATHS } from "../../crds/teststatus.ts";
import { ANY_NAME } from "../../probes/nameServer.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { connectivityTest, expectation, pod, snapshot } from "../testing/objects.ts";
import { planRun } from "./plan.ts";

const both = (last: number) => [`10.1.0.${last}`, `fd00::${last}`];
const ui = pod("ui-1", { labels: { app: "ui" }, ips: both(1), node: "node-1" });
const web = pod("web-1", { labels: { app: "web" }, ips: both(2), node: "node-2" });
const dnsPod = (last: number, node: string, more: Parameters<typeof pod>[1] = {}) =>
  pod(`coredns-${last}`, { namespace: "kube-system", ips: both(last), node, ...more });
const dnsPods = [dnsPod(8, "node-2"), dnsPod(9, "node-1")];

const toWeb = { to: { podSelector: { matchLabels: { app: "web" } } }, tcp: { port: 80 } };
const denied = expectation({ name: "denied", ...toWeb, expect: "Denied" });

function plan(
  expectations: readonly ReturnType<typeof expectation>[],
  servers: readonly WorkloadPod[] = dnsPods,
  pods: readonly WorkloadPod[] = [ui, web],
): ProbeRunSpec {
  const planned = planRun({
    test: connectivityTest({ spec: { expectations: [...expectations] } }),
    run: { id: "k3f9qbcd", trigger: "Schedule" },
    snapshot: { ...snapshot({ pods }), dnsPods: servers },
    witness: { enabled: true, allow: [] },
  });
  if ("problem" in planned) throw new Error(planned.problem.message);
  return planned.spec;
}

const signsOf = ({ paths }: ProbeRunSpec) => paths.filter(({ check }) => check.control === true);
const addressesOf = (spec: ProbeRunSpec) => signsOf(spec).map(({ check }) => check.address);

describe("a probe pod without a path that may prove its network", () => {
  it("looks up a fixed name at a server of the cluster's DNS on its node, in each of its families", () => {
    const spec = plan([denied]);
    expect(signsOf(spec)).toMatchObject(
      both(9).map((address) => ({
        expectation: "",
        expect: "Allowed",
        kind: "Address",
        backends: [],
        check: { tool: "dns", host: ANY_NAME, address, port: 53, provesSource: true },
      })),
    );
    expect(new Set(spec.paths.map(({ pod: by }) => by)).size).toBe(1);
    expect(probeRunSpecSchema.safeParse(spec).success).toBe(true);
  });

  it("has none of an expectation's own: the run has the expectations of the author", () => {
    expect(plan([denied]).expectations).toEqual([{ name: "denied", expect: "Denied" }]);
  });

  it("asks for no witness, and takes none from a denial", () => {
    const spec = plan([denied]);
    expect(signsOf(spec).map(({ witness, linkWitness }) => [witness, linkWitness])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    const others = (of: ProbeRunSpec) =>
      of.paths
        .filter(({ check }) => check.control !== true)
        .map(({ witness, linkWitness }) => [witness, linkWitness]);
    expect(others(spec)).toEqual(others(plan([denied], [])));
  });

  it("uses a server on another node if there is none on its own", () => {
    expect(addressesOf(plan([denied], [dnsPod(8, "node-2")]))).toEqual(both(8));
  });

  it.each([
    ["on the network of its node", dnsPod(8, "node-2", { spec: { hostNetwork: true } })],
    ["that has ended", dnsPod(8, "node-2", { status: { phase: "Failed" } })],
  ])("never uses a server %s", (_, server) => {
    expect(addressesOf(plan([denied], [server]))).toEqual([]);
  });

  it("looks nothing up in a family in which the servers have no address", () => {
    expect(addressesOf(plan([denied], [dnsPod(8, "node-1", { ips: ["10.1.0.8"] })]))).toEqual(["10.1.0.8"]);
  });
});

it("a probe pod with an expectation that may prove its network has no other proof of the source in that family", () => {
  const single = pod("web-1", { labels: { app: "web" }, ips: ["10.1.0.2"], node: "node-2" });
  const allowed = expectation({ name: "allowed", ...toWeb });
  expect(addressesOf(plan([denied, allowed]))).toEqual([]);
  const target = pod("db-1", { labels: { app: "db" }, ips: both(3), node: "node-2" });
  const toDb = { to: { podSelector: { matchLabels: { app: "db" } } }, tcp: { port: 80 } };
  const closed = expectation({ name: "closed", ...toDb, expect: "Denied" });
  expect(addressesOf(plan([closed, allowed], dnsPods, [ui, single, target]))).toEqual(["fd00::9"]);
});

it("every probe pod of a source with many denials has its own proofs of the source", () => {
  const many = Array.from({ length: 20 }, (_, port) =>
    expectation({ name: `denied-${port}`, ...toWeb, tcp: { port: port + 1 }, expect: "Denied" }),
  );
  const spec = plan(many);
  const pods = Map.groupBy(spec.paths, ({ pod: by }) => by);
  expect(pods.size).toBe(2);
  for (const paths of pods.values()) {
    expect(paths.length).toBeLessThanOrEqual(MAX_CHECKS_PER_POD);
    const families = paths.filter(({ check }) => check.control === true).map(({ check }) => check.family);
    expect(families.toSorted()).toEqual(["IPv4", "IPv6"]);
  }
});

it("a run whose own paths leave no room for them has no proofs of the source", () => {
  const full = Array.from({ length: MAX_PATHS / 2 }, (_, port) =>
    expectation({ name: `denied-${port}`, ...toWeb, tcp: { port: port + 1 }, expect: "Denied" }),
  );
  const spec = plan(full);
  expect(spec.paths).toHaveLength(MAX_PATHS);
  expect(signsOf(spec)).toEqual([]);
});
