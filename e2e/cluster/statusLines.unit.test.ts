import { expect, test } from "vitest";

import { statusLines } from "./statusLines.ts";

const healthy = {
  name: "nv1",
  engine: "cilium 1.20.2",
  kubeconfig: "/k",
  logs: "/log",
  healthy: true,
  apiServer: true,
  nodes: [{ name: "node1", ready: true }],
  components: [{ name: "etcd", pid: 7, alive: true }],
};

test("the status of a cluster that is not there says how to start it", () => {
  expect(statusLines("nv1", undefined).join("\n")).toContain("npm run cluster -- up");
});

test("the status of a healthy cluster names its engine, nodes, components and kubeconfig", () => {
  const text = statusLines("nv1", healthy).join("\n");
  expect(text).toContain("network: cilium 1.20.2");
  expect(text).toContain("node1 Ready");
  expect(text).toContain("etcd (7)");
  expect(text).toContain("kubeconfig: /k");
});

test("the status of a cluster with a dead component names it and its log", () => {
  const components = [{ name: "felix-1", pid: 8, alive: false }];
  const text = statusLines("nv1", { ...healthy, healthy: false, components }).join("\n");
  expect(text).toContain("ENDED: felix-1, log /log/felix-1.log");
});
