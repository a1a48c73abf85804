import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import { followUpOf, lookFrom, witnessContext, type FollowUpSamples } from "../testing/followUps.ts";
import { pod } from "../testing/objects.ts";
import { runOf, type PathSketch } from "../testing/probeRuns.ts";
import { judge } from "../verdict/judge.ts";

/** Often true: of many conditions all must hold for a path to be open. */
const mostly = fc.constantFrom(true, true, true, false);
const SOURCES = ["Deployment/a", "Deployment/b"] as const;
const TARGETS = ["10.1.0.2", "10.1.0.3", "fd00::2", "fd00::3"] as const;
const oneSource = fc.constantFrom(...SOURCES);
const oneTarget = fc.constantFrom(...TARGETS);

/** What is true in the cluster during a run, which no verdict may contradict. Probe pods are on the node `near`, targets on `far`. */
const drawnWorld = fc.record({
  isUp: fc.record({ "Deployment/a": mostly, "Deployment/b": mostly }),
  hasLink: mostly,
  listening: fc.subarray([...TARGETS], { minLength: 1 }),
  blocked: fc.array(fc.record({ from: oneSource, to: oneTarget }), { maxLength: 4 }),
  answersDns: mostly,
});
type World = typeof drawnWorld extends fc.Arbitrary<infer Value> ? Value : never;

const drawnPath = fc.record({
  from: oneSource,
  to: oneTarget,
  expect: fc.constantFrom("Allowed", "Denied"),
  shard: fc.constantFrom(0, 1),
});
type Drawn = typeof drawnPath extends fc.Arbitrary<infer Value> ? Value : never;

const drawnCase = fc.record({
  paths: fc.array(drawnPath, { minLength: 1, maxLength: 6 }),
  before: drawnWorld,
  /** During the follow-up run; null: as before. */
  after: fc.option(drawnWorld),
  /** The targets that a witness may try. */
  permitted: fc.subarray([...TARGETS]),
  dnsNode: fc.constantFrom("near", "far"),
});

const isBlocked = ({ blocked }: World, { from, to }: Pick<Drawn, "from" | "to">) =>
  blocked.some((one) => one.from === from && one.to === to);
const isReachable = ({ hasLink, listening }: World, to: Drawn["to"]) => hasLink && listening.includes(to);
const isOpen = (world: World, path: Drawn) =>
  world.isUp[path.from] && isReachable(world, path.to) && !isBlocked(world, path);
const isProvenDenial = (world: World, path: Drawn) =>
  world.isUp[path.from] && isReachable(world, path.to) && isBlocked(world, path);
const areLookupsAnswered = (world: World, dnsNode: string) =>
  world.answersDns && (dnsNode === "near" || world.hasLink);

interface Truth {
  readonly world: World;
  readonly path: Drawn;
}

/** Inconclusive says nothing about the cluster. */
const isTrue = (result: string, truth: Truth) => TRUTHS.get(result)?.(truth) ?? true;
const TRUTHS = new Map<string, (truth: Truth) => boolean>([
  ["Allowed Passed", ({ world, path }) => isOpen(world, path)],
  ["Allowed Failed", ({ world, path }) => world.isUp[path.from] && !isOpen(world, path)],
  ["Denied Passed", ({ world, path }) => isProvenDenial(world, path)],
  ["Denied Failed", ({ world, path }) => isOpen(world, path)],
]);

/** Whether a lookup that is answered and a witness that may try the target are all that a verdict needs. */
const hasProofs = (world: World, path: Drawn, permitted: readonly string[]) =>
  world.isUp[path.from] &&
  (path.expect === "Allowed" ||
    isOpen(world, path) ||
    (isProvenDenial(world, path) && permitted.includes(path.to)));

const open = (is: boolean) => (is ? "CCCCCCCCCCCC" : "............");

/** What the pods of a run report in that world. */
function reports(world: World, dnsNode: string): FollowUpSamples {
  const sourceOf = ({ from }: PlannedPath) => SOURCES.find((each) => each === from) ?? "Deployment/a";
  const targetOf = ({ check }: PlannedPath) => TARGETS.find((each) => each === check.address) ?? "10.1.0.2";
  return {
    probes: (path) => {
      const from = sourceOf(path);
      if (path.check.control === true) return open(world.isUp[from] && areLookupsAnswered(world, dnsNode));
      return open(isOpen(world, { from, to: targetOf(path), expect: path.expect, shard: 0 }));
    },
    witnesses: (path) => open(path.kind === "Pod" ? world.hasLink : world.listening.includes(targetOf(path))),
  };
}

const sketchOf = ({ from, to, expect: expected, shard }: Drawn, at: number): PathSketch => ({
  expectation: `path-${at}`,
  expect: expected,
  from,
  to: `Pod/${to}`,
  pod: `probe-${from.at(-1)}-${shard}`,
  backends: [{ name: to, uid: `uid-${to}`, node: "far" }],
  check: { family: to.includes(":") ? "IPv6" : "IPv4", address: to, provesSource: true },
});

/** A denial beside a target that is down, of a source that only the follow-up run proves. */
const bothFollowedUp: typeof drawnCase extends fc.Arbitrary<infer Value> ? Value : never = {
  paths: [
    { from: "Deployment/a", to: "10.1.0.2", expect: "Denied", shard: 0 },
    { from: "Deployment/a", to: "10.1.0.3", expect: "Allowed", shard: 0 },
  ],
  before: {
    isUp: { "Deployment/a": true, "Deployment/b": true },
    hasLink: true,
    listening: ["10.1.0.2"],
    blocked: [{ from: "Deployment/a", to: "10.1.0.2" }],
    answersDns: true,
  },
  after: null,
  permitted: ["10.1.0.2", "10.1.0.3"],
  dnsNode: "far",
};

it("for all states of the cluster a verdict is what was true in one of the two runs, and a run with all its proofs has one", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(drawnCase, ({ paths, before, after, permitted, dnsNode }) => {
      const dns = pod("coredns", { namespace: "kube-system", node: dnsNode, ips: ["10.1.9.9", "fd00::9:9"] });
      const targets = permitted.map((ip) => pod(ip, { node: "far", ips: [ip] }));
      const plain = witnessContext({ pods: targets });
      const context = { ...plain, snapshot: { ...plain.snapshot, dnsPods: [dns] } };
      const sketches = paths.map((path, at) => {
        const isWitnessed = path.expect === "Denied" && permitted.includes(path.to);
        return { ...sketchOf(path, at), ...(isWitnessed && { witness: "far" }) };
      });
      const first = lookFrom("near", runOf({ paths: sketches }).spec, reports(before, dnsNode));
      const followUp = followUpOf(first, context, reports(after ?? before, dnsNode));
      const worlds = [before, ...(followUp && after ? [after] : [])];
      const verdicts = judge(first.run, first.witness, followUp);
      for (const [at, path] of paths.entries()) {
        const result = `${path.expect} ${verdicts[at]?.verdict}`;
        met.add(`${result} after ${followUp ? 2 : 1}`);
        expect(worlds.some((world) => isTrue(result, { world, path }))).toBe(true);
        const isOneWorld = after === null && areLookupsAnswered(before, dnsNode);
        const isDecidable = isOneWorld && hasProofs(before, path, permitted);
        expect(isDecidable && result.endsWith("Inconclusive")).toBe(false);
      }
    }),
    { numRuns: 400, examples: [[bothFollowedUp]] },
  );
  expect([...met]).toEqual(expect.arrayContaining(["Allowed Failed after 2", "Denied Passed after 2"]));
});
