import type { Probing } from "../../crds/connectivitytest.ts";
import { CLUSTER_CONNECTIVITY_TEST } from "../../crds/group.ts";
import {
  NO_POD,
  type Check,
  type PlannedPath,
  type ProbeRun,
  type ProbeRunSpec,
} from "../../crds/proberun/proberun.ts";
import { MAX_PATHS } from "../../crds/teststatus.ts";
import { familyOf } from "../../crds/vocabulary.ts";
import { ANY_NAME, DNS_PORT } from "../../probes/nameServer.ts";
import { unobservedRounds } from "../../probes/settle.ts";
import { linkWitnessPods } from "./linkWitnessPlan.ts";
import { runNameSuffix } from "./names.ts";
import { assignToPods, numberPaths, type PodAssignment, type PodGroup } from "./podAssignment.ts";
import { witnessPods, type WitnessPath } from "./witnessPods.ts";

/** What a witness is asked: a connection, an echo or one fixed DNS query, and nothing that an author wrote. */
interface WitnessCheck {
  readonly node: string;
  readonly check: Omit<Check, "path">;
}

/** A run, as far as others follow from it. */
export interface PlannedRun {
  readonly metadata: Pick<ProbeRun["metadata"], "namespace">;
  readonly spec: ProbeRunSpec;
}

const WITNESS_EXPECTATION = "witness";

/**
 * The plan of the witnesses that a run asks for: one pod a node (more where the checks are many), each address once, and
 * those of the wires between nodes. It follows from the run alone, so that it can be made again after a restart.
 * Undefined: nothing is to be witnessed.
 */
export function planWitnesses({ metadata, spec }: PlannedRun): ProbeRunSpec | undefined {
  const id = runNameSuffix(spec.run);
  const assignments = assignToPods([...hostWitnessPods(spec.paths, id), ...linkWitnessPods(spec.paths, id)]);
  if (assignments.length === 0) return undefined;
  return {
    replicas: 0,
    test: testReference({ metadata, spec }),
    run: spec.run,
    probing: witnessProbing(spec),
    expectations: [{ name: WITNESS_EXPECTATION, expect: "Allowed" }],
    grants: [],
    pods: assignments.map(({ pod }) => pod),
    // A run of the most paths there can be, each with a target of its own, has no room for wires.
    paths: pathsOf(assignments).slice(0, MAX_PATHS),
    findings: [],
  };
}

/** The test as a ProbeRun names it that is in another namespace than the run. */
export function testReference({ metadata, spec: { test } }: PlannedRun): ProbeRunSpec["test"] {
  return test.kind === CLUSTER_CONNECTIVITY_TEST.kind ? test : { ...test, namespace: metadata.namespace };
}

function witnessChecksOf({ witness, check }: PlannedPath): WitnessCheck[] {
  const { address } = check;
  if (witness === undefined || address === undefined) return [];
  const to = { family: familyOf(address), address, provesSource: false };
  return [{ node: witness, check: { ...bareCheck(check), ...to } }];
}

function bareCheck({ tool, port, protocol }: Check): Pick<Check, "tool" | "port" | "host"> {
  const at = port !== undefined && { port };
  switch (tool) {
    case "icmp":
      return { tool: "icmp" };
    case "dns":
      return protocol === "TCP"
        ? { tool: "tcp", port: port ?? DNS_PORT }
        : { tool: "dns", host: ANY_NAME, ...at };
    case "http":
    case "tcp":
      return { tool: "tcp", ...at };
  }
}

const MAX_ROUNDS = 30;

/**
 * Witnesses and probe pods start side by side and never quite at once, and a success counts only while the rounds decide
 * that it is to prove. So a witness does not end when it has settled: it goes on for as many rounds as a denial takes and
 * as an Allowed takes on top, and all but one of them must fail before it says that the target is down.
 */
function witnessProbing({ probing, paths }: ProbeRunSpec): Probing {
  const isUnseen = paths.some(
    (path) => isWitnessed(path) && path.pod !== NO_POD && !hasSignOfLife(path, paths),
  );
  const denial = isUnseen ? unobservedRounds(probing.deniedRounds) : probing.deniedRounds;
  const maxRounds = Math.min(MAX_ROUNDS, Math.max(4, denial + probing.rounds));
  return { ...probing, deniedRounds: Math.floor(maxRounds / 2), maxRounds };
}

const isWitnessed = ({ witness, linkWitness }: PlannedPath) =>
  witness !== undefined || linkWitness !== undefined;

/** Whether the probe pod of a path may show by another of its paths that its own network is up. */
function hasSignOfLife({ pod, check: { family } }: PlannedPath, paths: readonly PlannedPath[]): boolean {
  return paths.some(
    ({ pod: same, expect, check }) =>
      same === pod && expect === "Allowed" && check.provesSource && check.family === family,
  );
}

function hostWitnessPods(paths: readonly PlannedPath[], id: string): PodGroup<WitnessPath>[] {
  const witnessChecks = paths.flatMap(witnessChecksOf);
  const once = new Map(witnessChecks.map((witnessCheck) => [JSON.stringify(witnessCheck), witnessCheck]));
  const byNode = [...Map.groupBy(once.values(), ({ node }) => node)].toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return byNode.map(([node, asked]) => witnessPods(id, { node }, asked.map(hostPath)));
}

function hostPath({ node, check }: WitnessCheck): WitnessPath {
  return {
    from: `Node/${node}`,
    to: check.address ?? "",
    kind: "Address",
    check,
    backends: [],
    backendCount: 0,
  };
}

/** Where a path leads to a witness that listens, that has its name only now. */
function pathsOf(assignments: readonly PodAssignment<WitnessPath>[]): PlannedPath[] {
  const listening = assignments.filter(({ items }) => items.length === 0);
  const nameOn = new Map(listening.map(({ pod }) => [pod.witness?.node, pod.name]));
  return numberPaths(assignments, ({ check, backends, ...path }, { id, pod }) => ({
    id,
    expectation: WITNESS_EXPECTATION,
    expect: "Allowed",
    ...path,
    pod,
    check: { ...check, path: id },
    backends: backends.map((backend) => ({ ...backend, name: nameOn.get(backend.node) ?? "" })),
  }));
}
