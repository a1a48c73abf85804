import { describe, expect, it } from "vitest";
import { later } from "../testing/objects.ts";
import {
  apart,
  liveSource,
  mysql,
  runOf,
  targetAlive,
  witnessesOf,
  type PathSketch,
} from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

const third = { name: "mysql-1", uid: "uid-mysql-1", node: "third" };
/** Shows that the probe's network is up, on the probe's own node. */
const beside: PathSketch = {
  ...liveSource,
  backends: [{ name: "catalog", uid: "uid-catalog", node: "near" }],
};
/** The witness on `near` connects to the one on `far`. */
const witnessedLink: PathSketch = {
  from: "Node/near",
  to: "Node/far",
  kind: "Pod",
  pod: "witness-near",
  backends: [{ name: "witness-far", uid: "", node: "far" }],
  samples: "CCCCCCCC",
};

interface Scene {
  readonly path?: PathSketch;
  readonly besides?: readonly PathSketch[];
  readonly witnessedLinks?: readonly PathSketch[];
  /** How the witness on `near` fared. */
  readonly dialer?: object;
}

function judged({
  path = {},
  besides = [beside, targetAlive],
  witnessedLinks = [witnessedLink],
  dialer = {},
}: Scene) {
  const run = runOf({ pods: apart, paths: [{ samples: ".....", ...path }, ...besides] });
  const witness = witnessesOf({
    paths: witnessedLinks,
    pods: { "witness-near": { node: "near", ...dialer } },
  });
  const [first] = judge(run, witness);
  return { reason: first?.reason, link: first?.paths[0]?.proof.link, message: first?.message };
}

describe("a link between two nodes", () => {
  it.each<[string, Scene, string]>([
    ["is proven by witnesses that reach each other on the pod network", {}, "LinkWitness"],
    [
      "also by those that connect the other way round",
      {
        witnessedLinks: [
          { ...witnessedLink, from: "Node/far", backends: [{ name: "w", uid: "", node: "near" }] },
        ],
        dialer: { node: "far" },
      },
      "LinkWitness",
    ],
    ["is rather proven by a path of the run", { besides: [liveSource, targetAlive] }, "Observed"],
    [
      "is proven for a target on the network of its node as well",
      { path: { backends: [{ ...mysql, hostNetwork: true }] } },
      "LinkWitness",
    ],
    [
      "is not proven by witnesses of another family",
      { witnessedLinks: [{ ...witnessedLink, check: { family: "IPv6" } }] },
      "None",
    ],
    [
      "is not proven by witnesses of another wire",
      { witnessedLinks: [{ ...witnessedLink, backends: [{ name: "w", uid: "", node: "third" }] }] },
      "None",
    ],
    ["is not proven by a witness that is on another node", { dialer: { node: "third" } }, "None"],
    [
      "is not proven by witnesses of another time",
      { dialer: { roundsStartedAt: later(60_000).toISOString() } },
      "None",
    ],
    [
      "is not proven by a witness whose sidecar may have answered",
      { dialer: { injected: ["mesh"] } },
      "None",
    ],
    ["is not proven to one node by witnesses on another", { path: { backends: [mysql, third] } }, "None"],
    [
      "is proven to each of several nodes, in whatever way",
      {
        path: { backends: [mysql, third] },
        besides: [beside, targetAlive, { ...liveSource, backends: [third] }],
      },
      "LinkWitness",
    ],
  ])("%s", (_, scene, link) => {
    expect(judged(scene).link).toBe(link);
  });

  it.each<[string, Scene, string]>([
    ["nobody was asked", { witnessedLinks: [] }, "nothing proves that the two nodes reach each other"],
    [
      "it leads to an address that is on no node",
      { path: { kind: "Address", backends: [] }, witnessedLinks: [] },
      "nothing proves that the node near reaches that address",
    ],
    [
      "the witnesses did not reach each other either",
      { witnessedLinks: [{ ...witnessedLink, samples: "........" }] },
      "a witness's own connection between near and far failed as well. Check the pod network",
    ],
    [
      "they did so at another time",
      { dialer: { roundsStartedAt: later(60_000).toISOString() } },
      "the witnesses on near and far did not reach each other during the deciding rounds. Run the test again",
    ],
    [
      "they did not run",
      { dialer: { phase: "NotRun", node: undefined, message: "exceeded quota" } },
      "the witnesses on near and far did not run: exceeded quota. Check the events of the namespace netverdict-witness",
    ],
  ])("that is not proven is reported: %s", (_, scene, words) => {
    const { reason, message } = judged(scene);
    expect(reason).toBe("LinkNotProven");
    expect(message).toContain(words);
  });
});

describe("a node port, tried from its own node, has as its link the one to the node of what is behind it", () => {
  const socket = { check: { address: "192.168.0.1", port: 30_080 } };
  const nodePort: PathSketch = {
    ...socket,
    kind: "Node",
    to: "Node/near",
    translated: { node: "near", by: "NodePort", from: "OwnNode" },
    backends: [{ name: "10.1.9.9", uid: "", node: "far" }],
  };
  const alive: PathSketch = { ...targetAlive, ...socket };
  const otherPort: PathSketch = {
    ...alive,
    pod: "probe-neighbour",
    from: "Deployment/neighbour",
    check: { address: "192.168.0.1", port: 22 },
    backends: [{ name: "near", uid: "", node: "near", hostNetwork: true }],
  };

  it("which another port of the node does not prove", () => {
    const scene = { path: nodePort, besides: [beside, alive, otherPort] };
    expect(judged({ ...scene, witnessedLinks: [] })).toMatchObject({ reason: "LinkNotProven", link: "None" });
    expect(judged(scene)).toMatchObject({ reason: "AsExpected", link: "LinkWitness" });
  });
});
