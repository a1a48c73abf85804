import { expect, it } from "vitest";
import { nodeToAvoid } from "./backend.ts";

const host = (node: string) => ({ node, hostNetwork: true });
const pod = (node: string) => ({ node, hostNetwork: false });

it.each([
  ["a pod on the network of its node", [host("a")], "a"],
  ["several on one node", [host("a"), host("a")], "a"],
  ["a pod on the pod network", [pod("a")], undefined],
  ["both on one node", [host("a"), pod("a")], undefined],
  ["several nodes: a cluster address", [host("a"), host("b")], undefined],
  ["an endpoint that names no node", [host("")], undefined],
  ["an address outside", [], undefined],
])("%s", (_, backends, node) => {
  expect(nodeToAvoid(backends)).toBe(node);
});
