import {
  NO_POD,
  type PlannedPath,
  type PlannedPod,
  type ProbeRunSpec,
} from "../../crds/proberun/proberun.ts";
import { MAX_PATHS } from "../../crds/teststatus.ts";
import type { ResolvedAddresses } from "../cluster/observeFollowUp.ts";
import { podName, runNameSuffix } from "../planning/names.ts";
import { withLinkWitnesses } from "../planning/nodeLinks.ts";
import type { WitnessContext } from "../planning/witnessPlacement.ts";
import type { RunRecord, TriedPath } from "../verdict/evidence.ts";
import { followUpReasonOf, type FollowUpReason } from "../verdict/followUpReason.ts";
import type { RunWithWitness } from "../verdict/judge.ts";
import { judgePath, runEvidenceOf } from "../verdict/judgePath.ts";
import { pathsReachingTarget, supportingPaths } from "../verdict/proof.ts";
import type { RunEvidence } from "../verdict/witnessResult.ts";
import { retryPathsFor, unchangedPaths, type AddedPath, type PathsToRetry } from "./followUpPaths.ts";

/** A path that the first run has left open, and the reason. */
export interface PathToFollowUp {
  readonly path: TriedPath;
  readonly reason: FollowUpReason;
}

/**
 * Returns the paths that the first run, which has ended, leaves open. Pure: the same records give the same result.
 */
export function pathsToFollowUp(runEvidence: RunEvidence): PathToFollowUp[] {
  return runEvidence.run.flatMap((path) => {
    const reason = followUpReasonOf(judgePath(path, runEvidence));
    return reason === undefined ? [] : [{ path, reason }];
  });
}

/** The addresses of these paths that were not known when the run was planned. */
export function resolvedAddressesOf(paths: readonly PathToFollowUp[]): ResolvedAddresses {
  const addressesOf = (kind: PlannedPath["kind"]) =>
    paths.flatMap(({ path }) => (path.plan.kind === kind ? (path.result?.address ?? []) : []));
  return { hosts: addressesOf("Host"), nameServers: addressesOf("Resolver") };
}

/**
 * Plans the follow-up run of a run. A new twin of the same source, on the same node and beside a witness, tries the
 * open paths again, with the checks that proved the source and the link. A path keeps its id. Undefined if no path is
 * open, or if no witness may try one.
 */
export function planFollowUp(
  { run, witness }: RunWithWitness,
  context: WitnessContext,
): ProbeRunSpec | undefined {
  const runEvidence = runEvidenceOf(run, witness);
  const planned = pathsToFollowUp(runEvidence).flatMap((one) => {
    const { path, reason } = one;
    const retry =
      reason === "Link" ? unchangedPaths(path, runEvidence) : retryPathsFor(path, { runEvidence, context });
    return retry ? [{ ...one, retry }] : [];
  });
  if (planned.length === 0) return undefined;
  const tried = pathsToProbe(planned, runEvidence);
  const followUpPods = podsForFollowUp(run, tried);
  const pods = followUpPods.map(({ pod }) => pod);
  const paths = pathsForFollowUp(planned, { run, tried, pods: followUpPods });
  return {
    replicas: 0,
    test: run.spec.test,
    run: { ...run.spec.run, followUp: true },
    probing: run.spec.probing,
    expectations: run.spec.expectations,
    grants: run.spec.grants,
    pods,
    paths: withLinkWitnesses({ pods, paths }),
    findings: [],
  };
}

interface PlannedFollowUp extends PathToFollowUp {
  readonly retry: PathsToRetry;
}

/** The paths that are tried again, followed by those that proved their sources and links in the first run. */
function pathsToProbe(planned: readonly PlannedFollowUp[], runEvidence: RunEvidence): PlannedPath[] {
  const probed = planned.filter(({ reason }) => reason !== "Witness");
  const supporting = probed.flatMap(({ path, reason, retry }) => [
    ...supportingPaths({ ...path, plan: retry.plan }, runEvidence),
    ...(reason === "Link" ? pathsReachingTarget(path, runEvidence) : []),
  ]);
  return [...probed.map(({ retry }) => retry.plan), ...supporting.map(({ plan }) => plan)];
}

interface FollowUpPod {
  /** The name of the pod of the first run. */
  readonly first: string;
  readonly pod: PlannedPod;
}

/** One pod for each pod of the first run with such a path, on the node where that one ran. */
function podsForFollowUp({ spec, status }: RunRecord, paths: readonly PlannedPath[]): FollowUpPod[] {
  const names = new Set(paths.map(({ pod }) => pod));
  const id = runNameSuffix({ id: spec.run.id, followUp: true });
  return spec.pods
    .filter(({ name }) => names.has(name))
    .map((pod, index) => {
      const nodeName = status.pods.find(({ name }) => name === pod.name)?.node;
      const twin = pod.twin && { ...pod.twin, ...(nodeName !== undefined && { nodeName }) };
      const name = podName({ role: "probe", id, of: pod.source, index });
      return { first: pod.name, pod: { ...pod, name, ...(twin && { twin }) } };
    });
}

interface FollowUpContext {
  readonly run: RunRecord;
  /** The paths that are probed again. */
  readonly tried: readonly PlannedPath[];
  readonly pods: readonly FollowUpPod[];
}

/**
 * Each path once, with a probe if one of its entries has one. A path that the first run did not have gets an unused
 * id. If there is none left, it is omitted, and so proves nothing.
 */
function pathsForFollowUp(
  planned: readonly PlannedFollowUp[],
  { run, tried, pods }: FollowUpContext,
): PlannedPath[] {
  const nameOf = new Map(pods.map(({ first, pod }) => [first, pod.name]));
  const probed = tried.map((plan) => ({ ...plan, pod: nameOf.get(plan.pod) ?? NO_POD }));
  const unprobed = planned
    .flatMap(({ reason, retry }) => [...(reason === "Witness" ? [retry.plan] : []), ...retry.endpoints])
    .map((plan) => ({ ...plan, pod: NO_POD }));
  const known = new Map([...probed, ...unprobed].toReversed().map((plan) => [plan.id, plan]));
  const servers = planned.flatMap(({ retry }) => retry.servers);
  return [...known.values(), ...withFreeIds(servers, run)].toSorted((one, other) => one.id - other.id);
}

function withFreeIds(paths: readonly AddedPath[], { spec }: RunRecord): PlannedPath[] {
  const taken = new Set(spec.paths.map(({ id }) => id));
  const free = Array.from({ length: MAX_PATHS }, (_, id) => id).filter((id) => !taken.has(id));
  const different = [...new Map(paths.map((path) => [serverIdentity(path), path])).values()];
  return different.flatMap((path, place) => {
    const id = free[place];
    return id === undefined ? [] : [{ ...path, id, pod: NO_POD, check: { ...path.check, path: id } }];
  });
}

/** Two sources may query the same servers. */
const serverIdentity = ({ expectation, check: { family, address } }: AddedPath) =>
  `${expectation} ${family} ${address}`;
