import { describe, expect, it } from "vitest";
import type { Rollout } from "../cluster/rollout.ts";
import { groundOf } from "../testing/caches.ts";
import { changeSince, premisesOf, type PolicyVersion } from "./dependencyDigest.ts";

const policy = (namespace: string, name: string, generation = 1): PolicyVersion => ({
  metadata: { namespace, name, uid: `uid-${name}`, generation },
});
const rollout = (uid: string, more: Partial<Rollout> = {}): Rollout => ({
  metadata: { uid },
  template: "a",
  isDone: true,
  ...more,
});

const involved = { namespaces: ["shop", "data"], workloads: ["ui", "db"] };
const ui = rollout("ui");
const db = rollout("db");
type Contents = Required<Parameters<typeof groundOf>[0]>;

const ground: Contents = { policies: [policy("shop", "deny"), policy("data", "open")], rollouts: [ui, db] };
const both = ["PolicyChange", "WorkloadChange"] as const;

const since = (now: Contents, { before = ground, rerunOn = [...both] } = {}) =>
  changeSince(premisesOf(involved, groundOf(before)), rerunOn, groundOf(now))?.trigger;

describe("what a run rests on", () => {
  it.each<[string, Contents]>([
    ["nothing has", ground],
    ["the caches told it in another order", { policies: ground.policies, rollouts: [db, ui] }],
    [
      "a policy of another namespace has",
      { ...ground, policies: [...ground.policies, policy("other", "x")] },
    ],
    ["another workload has", { ...ground, rollouts: [ui, db, rollout("other")] }],
  ])("has not changed where %s changed", (_, now) => {
    expect(since(now)).toBeUndefined();
  });

  it.each<[string, Contents["policies"]]>([
    ["made", [...ground.policies, policy("shop", "new")]],
    ["deleted", [policy("data", "open")]],
    ["changed", [policy("shop", "deny", 2), policy("data", "open")]],
    [
      "deleted and made again",
      [policy("data", "open"), { metadata: { ...policy("shop", "deny").metadata, uid: "b" } }],
    ],
  ])("has changed where a policy of a namespace involved was %s", (_, policies) => {
    expect(since({ ...ground, policies })).toBe("PolicyChange");
    expect(since({ ...ground, policies }, { rerunOn: ["WorkloadChange"] })).toBeUndefined();
  });

  it.each<[string, readonly Rollout[]]>([
    ["has another template", [{ ...ui, template: "b" }, db]],
    ["is gone", [db]],
    ["was replaced by another one", [rollout("ui-again"), db]],
  ])("has changed where a workload %s", (_, rollouts) => {
    expect(since({ ...ground, rollouts })).toBe("WorkloadChange");
    expect(since({ ...ground, rollouts }, { rerunOn: ["PolicyChange"] })).toBeUndefined();
  });

  it("is waited for while pods are being replaced", () => {
    expect(since({ ...ground, rollouts: [{ ...ui, template: "b", isDone: false }, db] })).toBeUndefined();
    expect(since({ ...ground, rollouts: [{ ...ui, isDone: false }, db] })).toBeUndefined();
  });

  it("has changed when the rollout has ended that the run fell into", () => {
    const before = { ...ground, rollouts: [{ ...ui, isDone: false }, db] };
    expect(since(ground, { before })).toBe("WorkloadChange");
  });

  it("is a change of policies first, which waits for no rollout", () => {
    const rollouts = [{ ...ui, template: "b", isDone: false }, db];
    expect(since({ policies: [], rollouts })).toBe("PolicyChange");
  });

  it("has another digest for another change, so that each is a run of its own", () => {
    const at = (generation: number) =>
      changeSince(
        premisesOf(involved, groundOf(ground)),
        both,
        groundOf({ ...ground, policies: [policy("shop", "deny", generation)] }),
      );
    expect(at(2)?.digest).not.toBe(at(3)?.digest);
    expect(at(2)).toEqual(at(2));
  });
});
