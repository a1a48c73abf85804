import { describe, expect, it } from "vitest";
import type { Rollout } from "../cluster/rollout.ts";
import { groundOf } from "../testing/caches.ts";
import {
  changedDependency,
  dependenciesOf,
  type PolicyVersion,
  type ServiceSelector,
} from "./dependencyDigest.ts";

const policy = (namespace: string, name: string, generation = 1): PolicyVersion => ({
  metadata: { namespace, name, uid: `uid-${name}`, generation },
});
const rollout = (uid: string, more: Partial<Rollout> = {}): Rollout => ({
  metadata: { uid },
  template: "a",
  isDone: true,
  ...more,
});

const scope = { namespaces: ["shop", "data"], workloads: ["ui", "db"] };
const ui = rollout("ui");
const db = rollout("db");
type Contents = Required<Parameters<typeof groundOf>[0]>;

const selects = (namespace: string, color: string): ServiceSelector => ({
  metadata: { namespace, name: "web", uid: `uid-web-${namespace}` },
  selector: { app: "web", color },
});
const state: Contents = {
  policies: [policy("shop", "deny"), policy("data", "open")],
  rollouts: [ui, db],
  namespaces: { shop: { team: "a", zone: "b" }, other: {} },
  services: [selects("data", "blue")],
  podLabels: { ui: ["plain"], db: ["a", "b"] },
};
const both = ["PolicyChange", "WorkloadChange"] as const;

const since = (now: Contents, { before = state, rerunOn = [...both] } = {}) =>
  changedDependency(dependenciesOf(scope, groundOf(before)), rerunOn, groundOf(now))?.trigger;

describe("what a run depends on", () => {
  it.each<[string, Contents]>([
    ["nothing has", state],
    [
      "the caches told it in another order",
      { ...state, rollouts: [db, ui], namespaces: { shop: { zone: "b", team: "a" } } },
    ],
    ["a policy of another namespace has", { ...state, policies: [...state.policies, policy("other", "x")] }],
    [
      "the labels of another namespace have",
      { ...state, namespaces: { ...state.namespaces, other: { a: "b" } } },
    ],
    [
      "a Service of another namespace has",
      { ...state, services: [...state.services, selects("other", "x")] },
    ],
    ["another workload has", { ...state, rollouts: [ui, db, rollout("other")] }],
    ["the pods of another workload have", { ...state, podLabels: { ...state.podLabels, other: ["new"] } }],
    [
      "the number of equal pods",
      { ...state, podLabels: { ui: ["plain", "plain", "plain"], db: ["a", "b"] } },
    ],
    ["the order of the pods", { ...state, podLabels: { ui: ["plain"], db: ["b", "a", "b"] } }],
    ["all pods of a workload are gone, and nothing else has", { ...state, podLabels: { db: ["a", "b"] } }],
  ])("has not changed where %s changed", (_, now) => {
    expect(since(now)).toBeUndefined();
  });

  it.each<[string, Contents["policies"]]>([
    ["made", [...state.policies, policy("shop", "new")]],
    ["deleted", [policy("data", "open")]],
    ["changed", [policy("shop", "deny", 2), policy("data", "open")]],
    [
      "deleted and made again",
      [policy("data", "open"), { metadata: { ...policy("shop", "deny").metadata, uid: "b" } }],
    ],
  ])("has changed where a policy of a namespace involved was %s", (_, policies) => {
    expect(since({ ...state, policies })).toBe("PolicyChange");
    expect(since({ ...state, policies }, { rerunOn: ["WorkloadChange"] })).toBeUndefined();
  });

  it.each<[string, Partial<Contents>]>([
    ["a label of a namespace involved", { namespaces: { shop: { team: "a", zone: "b", trusted: "yes" } } }],
    ["the selector of a Service there", { services: [selects("data", "green")] }],
    ["a Service there that is gone", { services: [] }],
    ["the labels of one of the pods", { podLabels: { ui: ["plain", "trusted"], db: ["a", "b"] } }],
    ["the labels of the last pod that has them", { podLabels: { ui: ["plain"], db: ["a"] } }],
  ])("has changed with %s", (_, now) => {
    expect(since({ ...state, ...now })).toBe("PolicyChange");
  });

  it.each<[string, readonly Rollout[]]>([
    ["has another template", [{ ...ui, template: "b" }, db]],
    ["is gone", [db]],
    ["was replaced by another one", [rollout("ui-again"), db]],
  ])("has changed where a workload %s", (_, rollouts) => {
    expect(since({ ...state, rollouts })).toBe("WorkloadChange");
    expect(since({ ...state, rollouts }, { rerunOn: ["PolicyChange"] })).toBeUndefined();
  });

  it("is waited for while pods are being replaced", () => {
    expect(since({ ...state, rollouts: [{ ...ui, template: "b", isDone: false }, db] })).toBeUndefined();
    expect(since({ ...state, rollouts: [{ ...ui, isDone: false }, db] })).toBeUndefined();
  });

  it("has changed when the rollout has ended that the run fell into", () => {
    const before = { ...state, rollouts: [{ ...ui, isDone: false }, db] };
    expect(since(state, { before })).toBe("WorkloadChange");
  });

  it("is a change of policies first, which waits for no rollout", () => {
    const rollouts = [{ ...ui, template: "b", isDone: false }, db];
    expect(since({ ...state, policies: [], rollouts })).toBe("PolicyChange");
  });

  describe("the labels of pods", () => {
    const podLabels = { ui: ["trusted"], db: ["a", "b"] };

    it("are no change that a test asks for that names workloads alone", () => {
      expect(since({ ...state, podLabels }, { rerunOn: ["WorkloadChange"] })).toBeUndefined();
    });

    it("are waited for until the rollout that changes them has ended, and then count as its change", () => {
      const replaced = { ...ui, template: "b" };
      const during = { ...state, podLabels, rollouts: [{ ...replaced, isDone: false }, db] };
      const after = { ...state, podLabels, rollouts: [replaced, db] };
      expect(since(during)).toBeUndefined();
      expect(since(during, { rerunOn: ["PolicyChange"] })).toBeUndefined();
      expect(since(after)).toBe("WorkloadChange");
      expect(since(after, { rerunOn: ["PolicyChange"] })).toBe("PolicyChange");
    });

    it("count as changed if the run saw no pod of a workload that has one now", () => {
      expect(since(state, { before: { ...state, podLabels: { db: ["a", "b"] } } })).toBe("PolicyChange");
    });

    it("count as changed once if an earlier version of the operator did not record them", () => {
      const { podLabels: _, ...recorded } = dependenciesOf(scope, groundOf(state));
      const change = changedDependency(recorded, both, groundOf(state));
      expect(change?.trigger).toBe("PolicyChange");
      expect(changedDependency(recorded, ["WorkloadChange"], groundOf(state))).toBeUndefined();
    });
  });

  it("has another digest for another change, so that each is a run of its own", () => {
    const at = (generation: number) =>
      changedDependency(
        dependenciesOf(scope, groundOf(state)),
        both,
        groundOf({ ...state, policies: [policy("shop", "deny", generation)] }),
      );
    expect(at(2)?.digest).not.toBe(at(3)?.digest);
    expect(at(2)).toEqual(at(2));
  });
});
