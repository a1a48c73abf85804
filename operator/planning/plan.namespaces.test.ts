import { describe, expect, it } from "vitest";
import type { Expectation } from "../../crds/expectation.ts";
import { probeRunSpecSchema, type ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import {
  connectivityTest,
  endpointOf,
  expectation,
  networkPolicy,
  pod,
  service,
  slice,
  snapshot,
  type Cluster,
} from "../testing/objects.ts";
import { grantNow } from "../testing/runWithChildren.ts";
import { planRun } from "./plan.ts";

const labels = { app: "ui", "pod-template-hash": "abc" };
const web = pod("web-0", { labels: { app: "web" }, owner: "StatefulSet/web", ips: ["10.1.9.9"] });
const inOtherNamespaces = pod("ui-1", {
  namespace: "vault",
  labels,
  owner: "StatefulSet/ui",
  ips: ["10.2.0.1"],
});
const namespaces = new Map(["shop", "vault"].map((name) => [name, { name }]));
const grant = grantNow({ namespace: "vault", name: "a", uid: "uid-a", generation: 2 });
const world: Cluster = {
  pods: [web, inOtherNamespaces],
  services: [service("web")],
  slices: [slice("web", [endpointOf(web)])],
  grants: [grant, grantNow({ namespace: "vault", name: "unused", uid: "u", generation: 1 })],
  namespaces,
};
const ui = { podSelector: { matchLabels: { app: "ui" } } };
const toWeb = { to: { service: { name: "web", namespace: "shop" } }, tcp: { port: 80 } };

interface Asked {
  readonly from: Expectation["from"];
  /** The test's; left out: `shop`. */
  readonly namespace?: string;
  readonly cluster?: Cluster;
}

function plan({ from, namespace = "shop", cluster = {} }: Asked): ProbeRunSpec {
  const expectations = [{ ...expectation(toWeb), from }];
  const planned = planRun({
    test: connectivityTest({ metadata: { namespace }, spec: { expectations } }),
    runNamespace: namespace || "netverdict-system",
    run: { id: "k3f9q", trigger: "Generation" },
    snapshot: snapshot({ ...world, ...cluster }),
    witness: { enabled: true, allow: [] },
  });
  if ("problem" in planned) throw new Error(planned.problem.message);
  expect(probeRunSpecSchema.parse(JSON.parse(JSON.stringify(planned.spec)))).toEqual(planned.spec);
  return planned.spec;
}

describe("a source in another namespace", () => {
  it("is planned there, under the grant that is needed, and named with its namespace", () => {
    const { pods, paths, grants } = plan({ from: { namespace: "vault", ...ui } });
    expect(pods).toMatchObject([
      {
        name: "probe-ui-vault-k3f9q-0",
        namespace: "vault",
        grant: "vault/a",
        source: "StatefulSet/ui.vault",
      },
    ]);
    expect(paths.map(({ from, to, grants: by }) => [from, to, by])).toEqual([
      ["StatefulSet/ui.vault", "Service/web", ["vault/a"]],
      ["StatefulSet/ui.vault", "Service/web", ["vault/a"]],
    ]);
    expect(grants).toEqual([{ namespace: "vault", name: "a", uid: "uid-a", generation: 2 }]);
  });

  it("of a test without a namespace needs no grant, and the run says which kind the test is", () => {
    const { pods, paths, grants, test } = plan({ namespace: "", from: { namespaceSelector: {}, ...ui } });
    expect(test).toMatchObject({ kind: "ClusterConnectivityTest", name: "net" });
    expect(pods.map(({ namespace, grant: by }) => [namespace, by])).toEqual([["vault", undefined]]);
    expect(new Set(paths.map(({ to }) => to))).toEqual(new Set(["Service/web.shop"]));
    expect(grants).toEqual([]);
  });

  it("in the run's own namespace is not in another one", () => {
    const here = {
      ...inOtherNamespaces,
      metadata: { ...inOtherNamespaces.metadata, namespace: "netverdict-system" },
    };
    const cluster = { pods: [web, here], namespaces: new Map([["netverdict-system", {}]]) };
    const { pods } = plan({ namespace: "", from: { namespaceSelector: {} }, cluster });
    expect(pods.map(({ namespace }) => namespace)).toEqual([undefined]);
  });

  it("keeps within the rules of its own namespace, not the test's", () => {
    const limit = { type: "Container", min: { cpu: "2" }, max: {}, default: {}, maxLimitRequestRatio: {} };
    const cluster = { namespaceLimits: { limitRanges: [{ spec: { limits: [limit] } }], quotas: [] } };
    expect(plan({ from: { namespace: "vault", ...ui }, cluster }).pods[0]?.resources).toBeUndefined();
  });
});

describe("a policy of the source's namespace that would distinguish it from its twin", () => {
  const policies = [
    networkPolicy(
      "canary",
      { podSelector: { matchLabels: { "pod-template-hash": "abc" } }, policyTypes: ["Egress"] },
      "vault",
    ),
  ];
  const said = (asked: Omit<Asked, "cluster">) =>
    plan({ ...asked, cluster: { policies } }).findings[0]?.message;

  it("is not named to a test of another namespace", () => {
    expect(said({ from: { namespace: "vault", ...ui } })).toContain(
      "a NetworkPolicy of namespace vault selects by",
    );
  });

  it("is named to an administrator", () => {
    expect(said({ namespace: "", from: { namespaceSelector: {}, ...ui } })).toContain(
      "NetworkPolicy canary of namespace vault selects by",
    );
  });
});
