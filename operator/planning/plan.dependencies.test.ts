import { expect, it } from "vitest";
import {
  connectivityTest,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  snapshot,
} from "../testing/objects.ts";
import { planRun } from "./plan.ts";

it("a plan involves the namespaces that it looked into, its sources, and what is behind its targets, by their UIDs", () => {
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
    },
  });
});
