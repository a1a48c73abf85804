import type { Probing } from "../../crds/connectivitytest.ts";
import { CLUSTER_CONNECTIVITY_TEST } from "../../crds/group.ts";
import type { Check, PlannedPath, ProbeRun, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { MAX_PATHS } from "../../crds/teststatus.ts";
import { familyOf } from "../../crds/vocabulary.ts";
import { ANY_NAME, DNS_PORT } from "../../probes/nameServer.ts";
import { RUNNER_PORT } from "../../probes/nodeContact.ts";
import { runNameSuffix } from "./names.ts";
import { linksOf, type NodeLink } from "./nodeLinks.ts";
import { assignToPods, numberPaths, type PodAssignment, type PodGroup } from "./podAssignment.ts";
import { witnessPods, type WitnessPath } from "./witnessPods.ts";

/** The check of a witness: a connection, an echo request or one fixed DNS query, and nothing that an author wrote. */
interface WitnessCheck {
  readonly node: string;
  readonly check: Omit<Check, "path">;
}

/** The part of a run that other runs derive from. */
export interface PlannedRun {
  readonly metadata: Pick<ProbeRun["metadata"], "namespace">;
  readonly spec: ProbeRunSpec;
}

const WITNESS_EXPECTATION = "witness";

/**
 * Plans the witnesses of a run: one pod per node (more if it has many checks), each address once, and those of the
 * links between nodes. The plan derives from the run alone, so that it can be made again after a restart. Undefined
 * if the run needs no witness.
 */
export function planWitnesses({ metadata, spec }: PlannedRun): ProbeRunSpec | undefined {
  const id = runNameSuffix(spec.run);
  const assignments = assignToPods([...hostWitnessPods(spec, id), ...linkWitnessPods(spec.paths, id)]);
  if (assignments.length === 0) return undefined;
  return {
    replicas: 0,
    test: testReference({ metadata, spec }),
    run: spec.run,
    probing: witnessProbing(spec),
    expectations: [{ name: WITNESS_EXPECTATION, expect: "Allowed" }],
    grants: [],
    pods: assignments.map(({ pod }) => pod),
    // A run with the maximum number of paths, each with a target of its own, has no room for links.
    paths: pathsOf(assignments).slice(0, MAX_PATHS),
    findings: [],
  };
}

/** The reference to a test from a ProbeRun in another namespace. */
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

/** A follow-up run may have nothing but witnesses. */
const isWithoutProbes = ({ pods }: Pick<ProbeRunSpec, "pods">) => pods.length === 0;

/** Twice as many rounds must fail before a target counts as down, because no other check proves the network of a witness. */
const HALF_OF_DOWN = 2;

/**
 * A witness beside probes has no number of rounds of its own: it goes on until they have ended. One without probes ends when
 * its checks have settled, or after the number of rounds of a denial plus that of an Allowed, all of which must fail (or all
 * but one) before the target counts as down.
 */
function witnessProbing({ pods, probing }: ProbeRunSpec): Probing {
  if (!isWithoutProbes({ pods })) return { ...probing, deniedRounds: HALF_OF_DOWN };
  const maxRounds = Math.max(4, probing.deniedRounds + probing.rounds);
  return { ...probing, deniedRounds: Math.floor(maxRounds / 2), maxRounds };
}

function hostWitnessPods({ paths, pods }: ProbeRunSpec, id: string): PodGroup<WitnessPath>[] {
  const alone = isWithoutProbes({ pods }) && { alone: true };
  const witnessChecks = paths.flatMap(witnessChecksOf);
  const once = new Map(witnessChecks.map((witnessCheck) => [JSON.stringify(witnessCheck), witnessCheck]));
  const byNode = [...Map.groupBy(once.values(), ({ node }) => node)].toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return byNode.map(([node, asked]) => witnessPods(id, { node, ...alone }, asked.map(hostPath)));
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

/**
 * Plans the witnesses of the links that the paths of a run need: a listening pod on each target node, and a
 * connecting pod on each source node. The address of a listener is known only when it runs, so the path has its name
 * and no address.
 */
function linkWitnessPods(asking: readonly PlannedPath[], id: string): PodGroup<WitnessPath>[] {
  const links = [...new Map(asking.flatMap(linksOf).map((link) => [JSON.stringify(link), link])).values()];
  const onPodNetwork = (node: string, items: readonly WitnessPath[]) =>
    witnessPods(id, { node, podNetwork: true }, items);
  const listening = [...new Set(links.map(({ to }) => to))].toSorted();
  const connecting = [...Map.groupBy(links, ({ from }) => from)];
  return [
    ...listening.map((node) => onPodNetwork(node, [])),
    ...connecting.map(([node, group]) => onPodNetwork(node, group.map(linkPath))),
  ];
}

/** The pod that listens has its name when all pods have theirs. */
function linkPath({ from, to, family }: NodeLink): WitnessPath {
  return {
    from: `Node/${from}`,
    to: `Node/${to}`,
    kind: "Pod",
    check: { tool: "tcp", family, port: RUNNER_PORT, provesSource: false },
    backends: [{ name: "", uid: "", node: to, hostNetwork: false, readinessOnPort: false }],
    backendCount: 1,
  };
}
