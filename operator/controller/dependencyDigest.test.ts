import { describe, expect, it } from "vitest";
import type { Rollout } from "../cluster/rollout.ts";
import { groundOf } from "../testing/caches.ts";
import { later } from "../testing/objects.ts";
import {
  changedDependency,
  dependenciesOf,
  LONGEST_ROLLOUT,
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

const scope = { namespaces: ["shop", "data"], workloads: ["ui", "db"], services: ["data/web", "shop/mail"] };
const ui = rollout("ui");
const db = rollout("db");
type Contents = Required<Omit<Parameters<typeof groundOf>[0], "missingRight">>;

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
  endpoints: { "data/web": ["db 8080", "cache 8080"], "shop/mail": ["192.0.2.1 25"] },
  unsettled: {},
};
const both = ["PolicyChange", "WorkloadChange"] as const;

/** A workload whose pods are being replaced, for less than a second. */
const replacing = { ...ui, isDone: false };
const unsettled = { ui: later(0) };

/** The trigger of the run that is due, or when the change counts at the latest. */
function since(cluster: Contents, { before = state, rerunOn = [...both], now = later(1_000) } = {}) {
  const was = dependenciesOf(scope, groundOf(before));
  const change = changedDependency(was, { rerunOn, state: groundOf(cluster), now });
  return change && "heldUntil" in change ? change.heldUntil : change?.trigger;
}

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
    [
      "the number and the order of equal endpoints have",
      {
        ...state,
        endpoints: { ...state.endpoints, "data/web": ["cache 8080", "cache 8080", "db 8080", "db 8080"] },
      },
    ],
    [
      "the endpoints of another Service have",
      { ...state, endpoints: { ...state.endpoints, "shop/other": ["x"] } },
    ],
    [
      "one of the pods of a workload is not available",
      { ...state, rollouts: [replacing, db], unsettled: { ui: later(-LONGEST_ROLLOUT) } },
    ],
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

  it.each<[string, Partial<Contents>]>([
    ["another template", { rollouts: [{ ...replacing, template: "b" }, db] }],
    ["other labels", { rollouts: [replacing, db], podLabels: { ui: ["trusted"], db: ["a", "b"] } }],
    ["other endpoints", { rollouts: [replacing, db], endpoints: { ...state.endpoints, "data/web": ["x"] } }],
  ])(
    "is held with %s while pods are being replaced, and counts after ten minutes at the latest",
    (_, change) => {
      const now = { ...state, ...change, unsettled };
      expect(since(now)).toEqual(later(LONGEST_ROLLOUT));
      expect(since(now, { now: later(LONGEST_ROLLOUT - 1) })).toEqual(later(LONGEST_ROLLOUT));
      expect(since(now, { now: later(LONGEST_ROLLOUT) })).toMatch(/^(Workload|Policy)Change$/);
    },
  );

  it("is held until the last of two rollouts has taken ten minutes", () => {
    const rollouts = [
      { ...replacing, template: "b" },
      { ...db, isDone: false },
    ];
    const now = { ...state, rollouts, unsettled: { ...unsettled, db: later(500) } };
    expect(since(now)).toEqual(later(LONGEST_ROLLOUT + 500));
  });

  it("has changed when the rollout has ended that the run fell into", () => {
    const before = { ...state, rollouts: [{ ...ui, isDone: false }, db] };
    expect(since(state, { before })).toBe("WorkloadChange");
  });

  it("is a change of policies first, which waits for no rollout", () => {
    const rollouts = [{ ...ui, template: "b", isDone: false }, db];
    expect(since({ ...state, policies: [], rollouts, unsettled })).toBe("PolicyChange");
  });

  describe("the labels of pods", () => {
    const podLabels = { ui: ["trusted"], db: ["a", "b"] };

    it("are no change that a test asks for that names workloads alone", () => {
      expect(since({ ...state, podLabels }, { rerunOn: ["WorkloadChange"] })).toBeUndefined();
    });

    it("are waited for until the rollout that changes them has ended, and then count as its change", () => {
      const replaced = { ...ui, template: "b" };
      const during = { ...state, podLabels, rollouts: [{ ...replaced, isDone: false }, db], unsettled };
      const after = { ...state, podLabels, rollouts: [replaced, db] };
      expect(since(during)).toEqual(later(LONGEST_ROLLOUT));
      expect(since(during, { rerunOn: ["PolicyChange"] })).toEqual(later(LONGEST_ROLLOUT));
      expect(since(after)).toBe("WorkloadChange");
      expect(since(after, { rerunOn: ["PolicyChange"] })).toBe("PolicyChange");
    });

    it("count as changed if the run saw no pod of a workload that has one now", () => {
      expect(since(state, { before: { ...state, podLabels: { db: ["a", "b"] } } })).toBe("PolicyChange");
    });

    it("count as changed once if an earlier version of the operator did not record them", () => {
      const { podLabels: _, ...recorded } = dependenciesOf(scope, groundOf(state));
      const now = { state: groundOf(state), now: later(0) };
      expect(changedDependency(recorded, { rerunOn: both, ...now })).toMatchObject({
        trigger: "PolicyChange",
      });
      expect(changedDependency(recorded, { rerunOn: ["WorkloadChange"], ...now })).toBeUndefined();
    });
  });

  describe("the endpoints of a Service", () => {
    const none = { ...state, endpoints: { "data/web": state.endpoints["data/web"] ?? [] } };

    it.each<[string, Readonly<Record<string, readonly string[]>>]>([
      ["another workload", { "data/web": ["db 8080", "cache 8080", "queue 8080"] }],
      ["an address", { "shop/mail": ["192.0.2.1 25", "192.0.2.2 25"] }],
      ["another port", { "data/web": ["db 8081", "cache 8080"] }],
      ["one workload less", { "data/web": ["db 8080"] }],
    ])("have changed with %s, for a test that names policies or workloads", (_, changed) => {
      const now = { ...state, endpoints: { ...state.endpoints, ...changed } };
      expect(since(now)).toBe("PolicyChange");
      expect(since(now, { rerunOn: ["PolicyChange"] })).toBe("PolicyChange");
      expect(since(now, { rerunOn: ["WorkloadChange"] })).toBe("WorkloadChange");
      expect(since(now, { rerunOn: [] })).toBeUndefined();
    });

    it("are waited for where the last one is gone, for ten minutes", () => {
      const gone = { ...none, unsettled: { "shop/mail": later(0) } };
      expect(since(gone)).toEqual(later(LONGEST_ROLLOUT));
      expect(since(gone, { now: later(LONGEST_ROLLOUT) })).toBe("PolicyChange");
      expect(since(state, { before: none })).toBe("PolicyChange");
    });

    it("have changed although another Service that had none before has none", () => {
      const endpoints = { "data/web": ["db 8080"] };
      const now = { ...state, endpoints, unsettled: { "shop/mail": later(0) } };
      expect(since(now, { before: none })).toBe("PolicyChange");
    });

    it("count as changed once if an earlier version of the operator did not record them", () => {
      const { services: _, endpoints: __, ...recorded } = dependenciesOf(scope, groundOf(state));
      const change = changedDependency(recorded, {
        rerunOn: ["WorkloadChange"],
        state: groundOf(state),
        now: later(0),
      });
      expect(change).toMatchObject({ trigger: "WorkloadChange" });
    });
  });

  it("has another digest for another change, so that each is a run of its own", () => {
    const at = (generation: number) =>
      changedDependency(dependenciesOf(scope, groundOf(state)), {
        rerunOn: both,
        state: groundOf({ ...state, policies: [policy("shop", "deny", generation)] }),
        now: later(0),
      });
    expect(at(2)).not.toEqual(at(3));
    expect(at(2)).toEqual(at(2));
  });
});
