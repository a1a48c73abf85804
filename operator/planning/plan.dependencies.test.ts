import { expect, it } from "vitest";
import {
  connectivityTest,
  controlledBy,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  snapshot,
} from "../testing/objects.ts";
import { planRun } from "./plan.ts";

it("a plan involves the namespaces that it looked into, its sources, what is behind its targets, by their UIDs, and its Services", () => {
  const web = pod("web-0", { labels: { app: "web" }, owner: "StatefulSet/web", ips: ["10.1.9.9"] });
  const db = pod("db-0", { labels: { app: "db" }, owner: "StatefulSet/db", ips: ["10.1.9.8"] });
  const ui = pod("ui-1", { labels: { app: "ui" }, owner: "DaemonSet/ui" });
  const planned = planRun({
    test: connectivityTest({
      spec: {
        expectations: [
          expectation({ name: "web", to: { service: { name: "web" } }, tcp: { port: 80 } }),
          expectation({ name: "db", to: { podSelector: { matchLabels: { app: "db" } } }, tcp: { port: 1 } }),
        ],
      },
    }),
    run: { id: "abc", trigger: "Schedule" },
    snapshot: {
      ...snapshot({
        pods: [ui, web, db, pod("other")],
        services: [service("web")],
        slices: [slice("web", [endpointOf(web)])],
      }),
      policies: new Map([
        ["shop", []],
        ["data", []],
      ]),
    },
    witness: { enabled: false, allow: [] },
  });
  expect(planned).toMatchObject({
    dependencyScope: {
      namespaces: ["data", "shop"],
      workloads: ["uid-db", "uid-ui", "uid-web"],
      services: ["shop/web"],
    },
    hasArgoRollout: false,
  });
});

it.each([
  ["a source", "ui", true],
  ["a target", "web", true],
  ["a pod that has no part in it", "other", false],
])("a plan involves Argo Rollouts where one owns %s", (_, owned, isInvolved) => {
  const names = ["ui", "web", "other"];
  const pods = names.map((name) => pod(name, { labels: { app: name }, owner: `ReplicaSet/${name}-1` }));
  const owners = names.map((name) => {
    const isRollout = name === owned;
    const kind = isRollout ? "Rollout" : "Deployment";
    return [
      `uid-${name}-1`,
      controlledBy(`${kind}/${name}`, isRollout ? "argoproj.io/v1alpha1" : "apps/v1"),
    ] as const;
  });
  const to = { podSelector: { matchLabels: { app: "web" } } };
  const planned = planRun({
    test: connectivityTest({ spec: { expectations: [expectation({ to, tcp: { port: 80 } })] } }),
    run: { id: "abc", trigger: "Schedule" },
    snapshot: snapshot({ pods, replicaSetOwners: new Map(owners) }),
    witness: { enabled: false, allow: [] },
  });
  expect(planned).toMatchObject({ hasArgoRollout: isInvolved });
});
