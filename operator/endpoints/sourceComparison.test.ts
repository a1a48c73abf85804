import { describe, expect, it } from "vitest";
import type { Policy } from "../cluster/policies/policy.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import {
  connectivityTest,
  expectation,
  networkPolicy,
  pod,
  probeRun,
  service,
  snapshot,
} from "../testing/objects.ts";
import { comparisonNeeded, sourceDifferences } from "./sourceComparison.ts";
import { findSources } from "./sources.ts";
import { expandTarget } from "./targets.ts";

const asked = expectation({ to: { ip: "10.96.0.9" }, tcp: { port: 80 }, expect: "Denied" });
const ui = pod("ui-0", { labels: { app: "ui" }, ips: ["10.1.0.7"], owner: "StatefulSet/ui" });
const db = pod("db-0", { labels: { app: "db" }, ips: ["10.1.0.9"] });
const pods = [ui, db];
const services = [service("db", { clusterIPs: ["10.96.0.9"], selector: { app: "db" } })];
const everybody = { ipBlock: { cidr: "10.0.0.0/8" } };

/** A policy of this generation for the pods of a namespace that compares addresses. */
function guard(generation: number, namespace = "shop"): Policy {
  const spec = { policyTypes: ["Ingress"], ingress: [{ from: [everybody] }] };
  const policy = networkPolicy("guard", spec, namespace);
  return { ...policy, metadata: { ...policy.metadata, uid: `uid-${namespace}`, generation } };
}
/** A set of addresses of another namespace, which counts as a policy for all pods. */
const elsewhere: Policy = { ...guard(1, "data"), subject: { labels: { selector: {} } } };

/** What the comparison finds at the end, with the mark of a plan that was made under other policies. */
function compare(planned: readonly Policy[], now: readonly Policy[]) {
  const before = snapshot({ pods, services, policies: planned });
  const [source] = findSources({ from: asked.from, own: "shop", snapshot: before, rotation: 0 }).sources;
  const query = { expectation: asked, namespace: "shop", families: undefined, snapshot: before };
  const [target] = expandTarget(query).addresses;
  if (source?.pod === undefined || target === undefined) throw new Error("nothing was planned");
  const sourceComparison = comparisonNeeded(source, target, before);
  const run = probeRun({
    spec: {
      pods: [{ name: "probe", source: "x", twin: { labels: { app: "ui" }, serviceAccountName: "default" } }],
      paths: [
        {
          id: 0,
          expectation: asked.name,
          expect: "Denied",
          from: source.name,
          to: target.to,
          kind: target.kind,
          pod: "probe",
          check: { path: 0, tool: "tcp", family: "IPv4", port: 80, address: "10.96.0.9" },
          sourceComparison,
        },
      ],
    },
    status: {
      pods: [{ name: "probe", phase: "Finished", addresses: ["10.1.0.8"] }],
      results: [{ path: 0, samples: ".........." }],
    },
  });
  const test = connectivityTest({ spec: { expectations: [asked] } });
  const after = snapshot({ pods, services, policies: now });
  const found = sourceDifferences({ runs: [run], test, snapshot: after, namespaces: new Set(["shop"]) });
  return { sourceComparison, messages: found.map(({ message }) => message) };
}

it("policies by addresses that are the same at the end are no difference, even if more are read by then", () => {
  const { sourceComparison, messages } = compare([guard(1)], [guard(1), elsewhere]);
  expect(sourceComparison).not.toBe("");
  expect(messages).toEqual([]);
});

describe("one of several sources of a workload", () => {
  const admits = (role: string, namespace = "shop") =>
    networkPolicy(
      "admits",
      {
        podSelector: { matchLabels: { app: "db" } },
        policyTypes: ["Ingress"],
        ingress: [{ from: [{ podSelector: { matchLabels: { role } }, namespaceSelector: {} }] }],
      },
      namespace,
    );
  const withRoles = (...roles: readonly string[]) => [
    ...roles.map((role, index) =>
      pod(`ui-${index}`, { labels: { app: "ui", role }, owner: "StatefulSet/ui", ips: [`10.1.0.${index}`] }),
    ),
    db,
  ];
  /** What a run says at the end whose plan was made with a primary and a replica, by the names of its sources. */
  function compareSources(podsAtTheEnd: readonly WorkloadPod[], policiesAtTheEnd = [admits("primary")]) {
    const before = snapshot({
      pods: withRoles("primary", "replica"),
      services,
      policies: [admits("primary")],
    });
    const { sources } = findSources({ from: asked.from, own: "shop", snapshot: before, rotation: 0 });
    const [target] = expandTarget({
      expectation: asked,
      namespace: "shop",
      families: undefined,
      snapshot: before,
    }).addresses;
    if (target === undefined) throw new Error("nothing was planned");
    const run = probeRun({
      spec: {
        pods: sources.map(({ name, pod: copied }) => ({
          name: `probe-${copied?.metadata.name}`,
          source: name,
          twin: { labels: copied?.metadata.labels ?? {}, serviceAccountName: "default" },
        })),
        paths: sources.map((source, id) => ({
          id,
          expectation: asked.name,
          expect: "Denied",
          from: source.name,
          sourceSelector: source.selector,
          to: target.to,
          kind: target.kind,
          pod: `probe-${source.pod?.metadata.name}`,
          check: { path: id, tool: "tcp", family: "IPv4", port: 80, address: "10.96.0.9" },
          sourceComparison: source.pod && comparisonNeeded(source, target, before),
        })),
      },
      status: { results: sources.map((_, path) => ({ path, samples: ".........." })) },
    });
    const found = sourceDifferences({
      runs: [run],
      test: connectivityTest({ spec: { expectations: [asked] } }),
      snapshot: snapshot({ pods: podsAtTheEnd, services, policies: policiesAtTheEnd }),
      namespaces: new Set(["shop"]),
    });
    return found.map(({ message }) => message);
  }

  it("is compared with its own pods alone", () => {
    expect(compareSources(withRoles("primary", "replica"))).toEqual([]);
    expect(compareSources(withRoles("replica", "primary"))).toEqual([]);
  });

  it("cannot be compared if none of its pods has its labels by then", () => {
    expect(compareSources(withRoles("replica", "replica"))).toEqual([
      "StatefulSet/ui (role=primary) cannot have a twin: none of its pods was running when the run ended. Run the test again",
    ]);
    expect(compareSources([ui, db])).toHaveLength(1);
  });

  it("has no twin if a policy that the plan did not know distinguishes its pods as well", () => {
    expect(
      compareSources(withRoles("primary", "replica", "arbiter"), [admits("primary"), admits("arbiter")]),
    ).toEqual([
      "StatefulSet/ui (role!=primary) cannot have a twin: NetworkPolicy admits selects by role, in which the source's pods differ. Select source pods that agree in it",
    ]);
  });
});

it.each([
  ["changed", [guard(2)]],
  ["deleted", []],
])("a policy by addresses that was %s during the run is a difference", (_, now) => {
  expect(compare([guard(1)], now).messages).toEqual([
    "StatefulSet/ui cannot have a twin: the policies that compare its address changed during the run. Run the test again",
  ]);
});
