import { describe, expect, it } from "vitest";
import { MAX_SOURCES_PER_WORKLOAD } from "../../crds/proberun/plannedpath.ts";
import { controlledBy, networkPolicy, pod } from "../testing/objects.ts";
import { replicas, sourcesOf, type GroupCase } from "../testing/sourceGroups.ts";

const admits = (podSelector: object, namespace = "shop") =>
  networkPolicy("vault", { policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector }] }] }, namespace);
const forWhatThesePodsSend = (podSelector: object) =>
  networkPolicy("sends", { podSelector, policyTypes: ["Egress"] });
const role = (value: string) => ({ matchLabels: { role: value } });
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
});

describe("the pods of one workload", () => {
  it.each<[string, GroupCase]>([
    [
      "no policy selects by the label",
      [
        replicas,
        [admits({ matchLabels: { app: "db" } })],
        {
          "StatefulSet/db": ["db-0", "db-1", "db-2"],
        },
      ],
    ],
    [
      "a policy selects by a value that none has",
      [
        replicas,
        [admits(role("arbiter"))],
        {
          "StatefulSet/db": ["db-0", "db-1", "db-2"],
        },
      ],
    ],
    [
      "a policy selects other pods by the label",
      [
        replicas,
        [admits({ matchLabels: { app: "cache", role: "primary" } })],
        { "StatefulSet/db": ["db-0", "db-1", "db-2"] },
      ],
    ],
    [
      "the policy is for what they receive",
      [
        replicas,
        [networkPolicy("receives", { podSelector: role("primary"), policyTypes: ["Ingress"] })],
        { "StatefulSet/db": ["db-0", "db-1", "db-2"] },
      ],
    ],
    [
      "the policy is for senders of another namespace",
      [
        replicas,
        [admits(role("primary"), "catalog")],
        {
          "StatefulSet/db": ["db-0", "db-1", "db-2"],
        },
      ],
    ],
    [
      "they differ only in a label that twins do not have",
      [
        [{ "statefulset.kubernetes.io/pod-name": "db-0" }, { "statefulset.kubernetes.io/pod-name": "db-1" }],
        [admits({ matchLabels: { "statefulset.kubernetes.io/pod-name": "db-0" } })],
        {
          "StatefulSet/db": ["db-0", "db-1"],
        },
      ],
    ],
  ])("are one source if %s", (_, [pods, policies, expected]) => {
    expect(sourcesOf(pods, policies).sources).toEqual(expected);
  });

  const primary = "StatefulSet/db (role=primary)";
  const others = "StatefulSet/db (role!=primary)";

  it.each<[string, GroupCase]>([
    [
      "a peer of an ingress policy",
      [
        replicas,
        [admits(role("primary"))],
        {
          [primary]: ["db-0"],
          [others]: ["db-1", "db-2"],
        },
      ],
    ],
    [
      "a policy for what they send",
      [
        replicas,
        [forWhatThesePodsSend(role("primary"))],
        {
          [primary]: ["db-0"],
          [others]: ["db-1", "db-2"],
        },
      ],
    ],
    [
      "a policy for senders of all namespaces",
      [
        replicas,
        [
          networkPolicy(
            "vault",
            {
              policyTypes: ["Ingress"],
              ingress: [{ from: [{ podSelector: role("primary"), namespaceSelector: {} }] }],
            },
            "catalog",
          ),
        ],
        { [primary]: ["db-0"], [others]: ["db-1", "db-2"] },
      ],
    ],
    [
      "two policies",
      [
        replicas,
        [admits(role("primary")), forWhatThesePodsSend(role("replica"))],
        {
          [primary]: ["db-0"],
          "StatefulSet/db (role=replica)": ["db-1"],
          "StatefulSet/db (role notin (primary,replica))": ["db-2"],
        },
      ],
    ],
    [
      "all that have the label",
      [
        replicas,
        [admits(expression("role", "Exists"))],
        {
          "StatefulSet/db (role)": ["db-0", "db-1"],
          "StatefulSet/db (!role)": ["db-2"],
        },
      ],
    ],
    [
      "a set of values",
      [
        replicas,
        [admits(expression("role", "NotIn", "primary", "arbiter"))],
        {
          "StatefulSet/db (role in (arbiter,primary))": ["db-0"],
          "StatefulSet/db (role notin (arbiter,primary))": ["db-1", "db-2"],
        },
      ],
    ],
    [
      "overlapping sets",
      [
        replicas,
        [
          admits(expression("role", "In", "primary", "replica")),
          admits(expression("role", "NotIn", "primary")),
          admits(expression("role", "Exists")),
        ],
        {
          [primary]: ["db-0"],
          "StatefulSet/db (role=replica)": ["db-1"],
          "StatefulSet/db (!role)": ["db-2"],
        },
      ],
    ],
    [
      "several labels",
      [
        [{ zone: "a", track: "canary" }, { zone: "b", track: "canary" }, { zone: "b" }],
        [admits({ matchLabels: { zone: "a", app: "db" } }), admits({ matchLabels: { track: "canary" } })],
        {
          "StatefulSet/db (track=canary,zone=a)": ["db-0"],
          "StatefulSet/db (track=canary,zone!=a)": ["db-1"],
          "StatefulSet/db (track!=canary,zone!=a)": ["db-2"],
        },
      ],
    ],
  ])("are separate sources if distinguished by %s", (_, [pods, policies, expected]) => {
    expect(sourcesOf(pods, policies).sources).toEqual(expected);
    expect(sourcesOf(pods, policies.toReversed()).sources).toEqual(expected);
  });

  it("have the same names when the role moves to another pod", () => {
    const before = sourcesOf([{ role: "primary" }, { role: "replica" }], [admits(role("primary"))]);
    const after = sourcesOf([{ role: "replica" }, { role: "primary" }], [admits(role("primary"))]);
    expect(before.sources).toEqual({ [primary]: ["db-0"], [others]: ["db-1"] });
    expect(after.sources).toEqual({ [primary]: ["db-1"], [others]: ["db-0"] });
  });

  it("are at most 8 sources, the first by their names, and the finding has the number of all", () => {
    const shards = Array.from({ length: 12 }, (_, index) => ({ shard: `${10 + index}` }));
    const { sources, findings } = sourcesOf(
      shards,
      shards.slice(1).map(({ shard }) => admits({ matchLabels: { shard } })),
    );
    expect(Object.keys(sources)).toHaveLength(MAX_SOURCES_PER_WORKLOAD);
    expect(Object.keys(sources).at(-1)).toBe("StatefulSet/db (shard=17)");
    expect(findings).toEqual([
      {
        reason: "SourceNotReproducible",
        message: "policies distinguish 12 sources in StatefulSet/db; 8 of 12 are tested",
      },
    ]);
  });

  it("stay one source if the selector of a source would not fit into a ProbeRun", () => {
    const many = Array.from({ length: 33 }, (_, index) => `r${index}`);
    expect(sourcesOf(replicas, [admits(expression("role", "In", "primary", ...many))]).sources).toEqual({
      "StatefulSet/db": ["db-0", "db-1", "db-2"],
    });
  });

  it("are the canary and the stable pods of one Rollout", () => {
    const policies = [admits({ matchLabels: { "rollouts-pod-template-hash": "77" } })];
    const hashed = (name: string, hash: string) =>
      pod(name, {
        labels: { app: "db", "pod-template-hash": hash, "rollouts-pod-template-hash": hash },
        owner: `ReplicaSet/db-${hash}`,
      });
    const rollout = { ...controlledBy("Rollout/db"), apiVersion: "argoproj.io/v1alpha1" };
    const replicaSetOwners = new Map(["77", "88"].map((hash) => [`uid-db-${hash}`, rollout] as const));
    const cluster = { pods: [hashed("a", "77"), hashed("b", "88"), hashed("c", "88")], replicaSetOwners };
    expect(sourcesOf([], policies, cluster).sources).toEqual({
      "Rollout/db (rollouts-pod-template-hash=77)": ["a"],
      "Rollout/db (rollouts-pod-template-hash!=77)": ["b", "c"],
    });
  });
});
