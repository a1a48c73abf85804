import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Expectation } from "../../crds/expectation.ts";
import {
  MAX_CHECKS_PER_POD,
  probeRunSpecSchema,
  type Finding,
  type ProbeRunSpec,
} from "../../crds/proberun/proberun.ts";
import { selects } from "../../crds/selector.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { workloadOf } from "../cluster/workload.ts";
import { hasNetwork, isRunning, type WorkloadPod } from "../cluster/workloadPod.ts";
import {
  connectivityTest,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  snapshot,
} from "../testing/objects.ts";
import { planRun, type PlanInput } from "./plan.ts";

const app = fc.constantFrom("a", "b", "c");
const node = fc.constantFrom("node-1", "node-2", "node-3");
const rarely = fc.integer({ min: 0, max: 9 }).map((number) => number === 0);

const pods = fc
  .array(
    fc.record({
      labels: fc.record({ app, role: fc.constantFrom("primary", "replica") }),
      node,
      families: fc.constantFrom("4", "6", "46", "64"),
      owner: fc.constantFrom("StatefulSet/one", "DaemonSet/two", undefined),
      hostNetwork: rarely,
      phase: fc.constantFrom("Running", "Running", "Running", "Pending"),
      port: fc.constantFrom("http", "admin"),
    }),
    { maxLength: 8 },
  )
  .map((all) =>
    all.map(({ labels, node: nodeName, families, owner, hostNetwork, phase, port }, index) =>
      pod(`p${index}`, {
        labels,
        node: nodeName,
        ips: families.split("").map((family) => (family === "4" ? `10.1.0.${index}` : `fd00::${index}`)),
        ...(owner !== undefined && { owner }),
        spec: { hostNetwork, containers: [{ ports: [{ name: port, containerPort: 8000 + index }] }] },
        status: { phase },
      }),
    ),
  );

const services = fc.array(
  fc.record({
    name: app,
    clusterIPs: fc.constantFrom(["10.96.0.1"], ["fd96::1"], ["10.96.0.1", "fd96::1"], ["None"]),
    type: fc.constantFrom("ClusterIP", "ClusterIP", "ExternalName"),
    ports: fc.constantFrom([{ name: "http", port: 80 }], [{ name: "http", port: 80, protocol: "UDP" }]),
  }),
  { maxLength: 3 },
);

const to = fc.oneof(
  app.map((name) => ({ service: { name } })),
  app.map((name) => ({ podSelector: { matchLabels: { app: name } } })),
  fc.constant({ podSelector: {} }),
  fc.constantFrom({ ip: "203.0.113.10" }, { ip: "2001:db8::1" }, { host: "www.example.com" }),
);

const request = fc.oneof(
  fc.record({ to, tcp: fc.constant({ port: 80 }) }),
  fc.record({ to, http: fc.constant({ port: 81 }) }),
  fc.record({
    to: fc.oneof(
      app.map((name) => ({ service: { name } })),
      fc.constant({ podSelector: {} }),
    ),
    tcp: fc.constant({ port: "http" }),
  }),
  fc.record({ to: fc.constant({ podSelector: {} }), icmp: fc.constant({}) }),
  fc.constant({ dns: { name: "web.shop" } }),
);

const from = fc.oneof(
  fc.constant({ podSelector: {} }),
  app.map((name) => ({ podSelector: { matchLabels: { app: name } } })),
  fc.constantFrom("primary", "replica").map((role) => ({ podSelector: { matchLabels: { role } } })),
);

const expectations = fc
  .array(fc.record({ request, from, expect: fc.constantFrom("Allowed", "Denied") }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((all) =>
    all.map(({ request: asked, ...rest }, index) => expectation({ name: `e${index}`, ...asked, ...rest })),
  );

const ipFamilies = fc.constantFrom<(readonly Family[] | undefined)[]>(
  undefined,
  undefined,
  ["IPv4"],
  ["IPv6"],
  ["IPv4", "IPv6"],
);

const inputs = fc
  .record({
    pods,
    services,
    expectations,
    ipFamilies,
    witness: fc.boolean(),
    id: fc.string({ minLength: 8, maxLength: 8 }),
  })
  .map((drawn): PlanInput => {
    const families = drawn.ipFamilies && { ipFamilies: [...drawn.ipFamilies] };
    return {
      test: connectivityTest({ spec: { expectations: drawn.expectations, ...families } }),
      run: { id: drawn.id, trigger: "Schedule" },
      snapshot: snapshot({
        pods: drawn.pods,
        services: drawn.services.map(({ name, ...options }) => service(name, options)),
        slices: drawn.services.flatMap(({ name }) => slicesOf(name, drawn.pods)),
      }),
      witness: { enabled: drawn.witness, allow: ["203.0.113.0/24"] },
    };
  });

function slicesOf(name: string, all: readonly WorkloadPod[]) {
  const behind = all.filter((one) => one.metadata.labels["app"] === name && isRunning(one));
  return (["IPv4", "IPv6"] as const).map((addressType) => {
    const endpoints = behind.flatMap((one) =>
      one.status.podIPs
        .filter(({ ip }) => familyOf(ip) === addressType)
        .map(({ ip }) => endpointOf(one, { addresses: [ip] })),
    );
    return slice(name, endpoints, { addressType, ports: [{ name: "http", port: 8080 }] });
  });
}

/** What holds of every plan, unless it is refused for having too many paths. */
function everyPlan(holds: (spec: ProbeRunSpec, input: PlanInput) => void) {
  fc.assert(
    fc.property(inputs, (input) => {
      const result = planRun(input);
      fc.pre("spec" in result);
      holds(result.spec, input);
    }),
    { numRuns: 100 },
  );
}

const selectorOf = (asked: Expectation) => asked.from.podSelector ?? {};

describe("every plan", () => {
  it("is one that a ProbeRun holds", () => {
    everyPlan((spec) => expect(probeRunSpecSchema.parse(spec)).toEqual(spec));
  });

  it("counts its paths from 0, and each check has its path's number", () => {
    everyPlan(({ paths }) => {
      expect(paths.map(({ id }) => id)).toEqual(paths.map((_, index) => index));
      expect(paths.map(({ check }) => check.path)).toEqual(paths.map(({ id }) => id));
    });
  });

  it("is never silent: each workload that an expectation selects has a path of it, or there is a finding", () => {
    everyPlan((spec, { test, snapshot: seen }) => {
      for (const { name, from: source } of test.spec.expectations) {
        const findings = spec.findings.filter((finding) => finding.expectation === name);
        const paths = spec.paths.filter((path) => path.expectation === name);
        expect(findings.length + paths.length).toBeGreaterThan(0);
        for (const workload of workloads(source.podSelector ?? {}, seen, test)) {
          const tried = paths.some((path) => workloadIn(path.from) === workload);
          expect(tried || findings.some((finding) => tellsOf(workload, finding))).toBe(true);
        }
      }
    });
  });

  it("gives each probe pod at least one check and at most 24, and no check to a pod that is not planned", () => {
    everyPlan(({ pods: probes, paths }) => {
      const counts = Map.groupBy(paths, (path) => path.pod);
      expect(new Set(counts.keys())).toEqual(new Set(probes.map(({ name }) => name)));
      expect(new Set(probes.map(({ name }) => name)).size).toBe(probes.length);
      for (const group of counts.values()) expect(group.length).toBeLessThanOrEqual(MAX_CHECKS_PER_POD);
    });
  });

  it("asks each probe pod for nothing but what its expectation's source may be asked: its labels and its families", () => {
    everyPlan(({ pods: probes, paths }, { test, snapshot: seen }) => {
      const all = seen.pods.get(test.metadata.namespace) ?? [];
      for (const path of paths) {
        const probe = probes.find(({ name }) => name === path.pod);
        const imitated = all.find(({ metadata }) => metadata.uid === probe?.sourcePod?.uid);
        const asked = test.spec.expectations.find(({ name }) => name === path.expectation);
        expect(imitated?.status.podIPs.map(({ ip }) => familyOf(ip))).toContain(path.check.family);
        expect(asked && selects(selectorOf(asked), probe?.twin?.labels ?? {})).toBe(true);
        expect(imitated?.spec.hostNetwork).toBe(false);
      }
    });
  });

  it("tries each path from a probe pod of its source, which may be one of several of a workload", () => {
    everyPlan(({ pods: probes, paths }) => {
      for (const path of paths) {
        const { source, twin } = probes.find(({ name }) => name === path.pod) ?? {};
        expect(source && workloadIn(source)).toBe(workloadIn(path.from));
        expect(twin && selects(path.sourceSelector ?? {}, twin.labels)).toBe(true);
      }
    });
  });

  it("tries nothing twice from one probe pod, and in no family but those asked for", () => {
    everyPlan(({ paths }, { test }) => {
      const tried = paths.map((path) =>
        JSON.stringify({ ...path, id: 0, check: { ...path.check, path: 0 } }),
      );
      expect(new Set(tried).size).toBe(tried.length);
      const families = test.spec.ipFamilies ?? ["IPv4", "IPv6"];
      expect(paths.every(({ check }) => families.includes(check.family))).toBe(true);
    });
  });

  it("is the same for the same cluster, so that a run begun twice is one", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        expect(planRun(input)).toEqual(planRun(input));
      }),
      { numRuns: 50 },
    );
  });
});

/** The workload of a source, which may be one of several of that workload. */
const workloadIn = (source: string) => source.replace(/ \(.*\)$/, "");

/** The finding names the workload, or is about the target, or stands for more of its kind. */
function tellsOf(workload: string, { reason, message }: Finding): boolean {
  return message.includes(workload) || reason.startsWith("Target") || /\(and \d+ more\)/.test(message);
}

function workloads(
  selector: Parameters<typeof selects>[0],
  seen: ClusterSnapshot,
  test: ConnectivityTest,
): Set<string> {
  const all = seen.pods.get(test.metadata.namespace) ?? [];
  const selected = all.filter((one) => hasNetwork(one) && selects(selector, one.metadata.labels));
  return new Set(selected.map((one) => workloadOf(one, seen.replicaSetOwners)));
}
