import { expect, test } from "vitest";

import { upOptions } from "./upOptions.ts";

test.each([
  ["", {}],
  ["--nodes 2", { nodes: 2 }],
  ["-- --nodes=9", { nodes: 9 }],
  ["--cni cilium", { engine: "cilium" }],
  ["--cni kube-network-policies", { engine: "kube-network-policies" }],
  ["--nodes 2 --cni calico", { nodes: 2, engine: "calico" }],
])("up %j asks for %j", (line, wanted) => {
  expect(upOptions(line.split(" ").filter(Boolean))).toEqual(wanted);
});

test.each(["--nodes 0", "--nodes 10", "--nodes two", "--nodes 1.5", "--nodes", "--node 2", "two"])(
  "up %j is refused",
  (line) => {
    expect(() => upOptions(line.split(" "))).toThrow(/nodes/);
  },
);

test("up with an unknown engine is rejected, and the error lists the engines", () => {
  expect(() => upOptions(["--cni", "flannel"])).toThrow(
    'no network engine "flannel". Remedy: one of calico, cilium, kube-network-policies',
  );
});
