import { expect, it } from "vitest";

import type { EngineName } from "../cluster/build/groups.ts";
import { engines } from "../cluster/cni/registry.ts";
import { chosen } from "./options.ts";
import { runningOn } from "./scenarios.ts";

const told = (...args: readonly string[]) =>
  Object.fromEntries(chosen(args).map(({ engine, files }) => [engine.name, files]));
const files = (engine: EngineName) => runningOn(engine).map(({ file }) => file);

it("runs every marked scenario on every engine without arguments", () => {
  expect(told()).toEqual(Object.fromEntries(engines.map(({ name }) => [name, files(name)])));
});

it("runs every marked scenario of one engine", () => {
  expect(told("--engine", "cilium")).toEqual({ cilium: files("cilium") });
});

it("runs the scenarios whose path contains a word, on the engines that they run on", () => {
  const [twin, own] = ["e2e/scenarios/twin.test.ts", "e2e/engines/cilium.test.ts"];
  expect(told("scenarios/twin", "cilium.test")).toEqual({
    calico: [twin],
    cilium: [twin, own],
    "kube-network-policies": [twin],
  });
});

it.each([
  [[], false],
  [["--engine", "kube-network-policies"], true],
])("knows whether %j names the engine, which then has to run", (args, isNamed) => {
  expect(new Set(chosen(args).map((choice) => choice.isNamed))).toEqual(new Set([isNamed]));
});

it.each([
  [["--engine", "flannel"], /no network engine "flannel"/],
  [["--engines", "calico"], /takes --engine NAME/],
  [["no-such"], /no marked scenario has "no-such" in its path/],
  [["--engine", "calico", "cilium.test"], /none of cilium\.test runs on calico/],
])("rejects %j", (args, message) => {
  expect(() => chosen(args)).toThrow(message);
});
