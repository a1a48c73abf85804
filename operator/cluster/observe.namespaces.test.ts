import { describe, expect, it } from "vitest";
import { probeGrantSchema } from "../../crds/probegrant.ts";
import { connectivityTest, expectation, pod } from "../testing/objects.ts";
import { cluster } from "../testing/observedCluster.ts";

describe("other namespaces", () => {
  const sources = { podSelector: { matchLabels: { app: "ui" } } };
  const grant = probeGrantSchema.parse({
    metadata: { name: "shop", namespace: "vault" },
    spec: {
      to: [{ namespace: "shop" }],
      sources,
      targets: { podSelector: { matchLabels: { app: "db" } } },
    },
  });
  const toOther = probeGrantSchema.parse({
    metadata: { name: "other", namespace: "vault" },
    spec: { to: [{ namespace: "other" }], sources: { podSelector: {} } },
  });
  const inside = ["ui", "db", "treasure"].map((app) => pod(app, { namespace: "vault", labels: { app } }));
  const names = ["shop", "vault", "sealed"].map((name) => ({ metadata: { name, labels: { name } } }));
  const lists = { "/api/v1/namespaces/vault/pods": inside, "/api/v1/namespaces": names };
  const fromVault = expectation({
    from: { namespace: "vault", ...sources },
    to: { ip: "203.0.113.1" },
    icmp: {},
  });

  it("are not even asked about where they have granted nothing to this one", async () => {
    const { observe, asked } = cluster({ lists, grants: [toOther] });
    const seen = await observe(connectivityTest({ spec: { expectations: [fromVault] } }));
    expect(asked.filter((path) => !path.includes("/shop/"))).toEqual([]);
    expect(seen.grants).toEqual([]);
  });

  it("are seen with what they have granted alone, their rules and their policies", async () => {
    const { observe, asked } = cluster({ lists, grants: [grant, toOther] });
    const seen = await observe(connectivityTest({ spec: { expectations: [fromVault] } }));
    expect(seen.pods.get("vault")?.map(({ metadata }) => metadata.name)).toEqual(["db", "ui"]);
    expect(seen.grants).toEqual([grant]);
    expect([...seen.namespaceLimits.keys()]).toEqual(["vault"]);
    expect(asked).toContain("/apis/networking.k8s.io/v1/namespaces/vault/networkpolicies");
  });

  it("are looked for by their labels only where a test selects by them", async () => {
    const { observe, asked } = cluster({ lists, grants: [grant] });
    const namespaceSelector = {
      matchExpressions: [{ key: "name", operator: "In" as const, values: ["vault", "sealed"] }],
    };
    const to = expectation({ to: { namespaceSelector }, icmp: {} });
    const seen = await observe(connectivityTest({ spec: { expectations: [to] } }));
    expect(asked).toContain("/api/v1/namespaces");
    expect([...seen.pods.keys()]).toEqual(["shop", "vault"]);
  });

  it("are seen whole by a test without a namespace, and no others than it selects", async () => {
    const { observe } = cluster({ lists, grants: [grant] });
    const from = { namespaceSelector: { matchLabels: { name: "vault" } } };
    const expectations = [{ ...fromVault, from }];
    const seen = await observe(connectivityTest({ metadata: { namespace: "" }, spec: { expectations } }));
    expect([...seen.pods].map(([name, found]) => [name, found.length])).toEqual([["vault", 3]]);
    expect(seen.grants).toEqual([]);
  });
});
