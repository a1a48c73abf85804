import {
  MAX_CHECKS_PER_POD,
  NO_POD,
  type PlannedPath,
  type PlannedPod,
  type ProbeRunSpec,
} from "../../crds/proberun/proberun.ts";
import { MAX_PATHS } from "../../crds/teststatus.ts";
import { familySchema } from "../../crds/vocabulary.ts";
import type { ResolvedAddresses } from "../cluster/observeFollowUp.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { nameServersAt, type NameServer } from "../planning/dnsServers.ts";
import { podName, runNameSuffix } from "../planning/names.ts";
import { withLinkWitnesses } from "../planning/nodeLinks.ts";
import { ownSignBeside } from "../planning/ownSigns.ts";
import { podBehind, witnessLocation, type WitnessContext } from "../planning/witnessPlacement.ts";
import type { RunRecord, TriedPath } from "../verdict/evidence.ts";
import { followUpReasonOf, type FollowUpReason } from "../verdict/followUpReason.ts";
import type { JudgedRun } from "../verdict/judgePath.ts";
import { pathsReachingTarget, supportingPaths } from "../verdict/proof.ts";
import type { RunEvidence } from "../verdict/runEvidence.ts";
import { endpointPathsOf, isVirtualAddress } from "../verdict/witnessResult.ts";

/** A path that the first run has left open, and the reason. */
export interface PathToFollowUp {
  readonly path: TriedPath;
  readonly reason: FollowUpReason;
}

/**
 * Returns the paths that the first run, which has ended, leaves open. Pure: the same records give the same result.
 */
export function pathsToFollowUp({ paths, run }: JudgedRun): PathToFollowUp[] {
  return paths.flatMap((judged) => {
    const { path } = judged;
    const reason = followUpReasonOf(judged);
    const isAnswered = reason === "Source" && hadOwnSign(path, run);
    return reason === undefined || isAnswered ? [] : [{ path, reason }];
  });
}

/** Whether netverdict's own lookup ran beside the path: another one has the same result. */
const hadOwnSign = ({ plan }: TriedPath, { spec }: RunRecord) =>
  spec.paths.some(
    ({ pod, check }) => check.control === true && pod === plan.pod && check.family === plan.check.family,
  );

/** What these paths need that was not known when the run was planned. */
export function resolvedAddressesOf(paths: readonly PathToFollowUp[]): ResolvedAddresses {
  const addressesOf = (kind: PlannedPath["kind"]) =>
    paths.flatMap(({ path }) => (path.plan.kind === kind ? (path.result?.address ?? []) : []));
  const ownSigns = paths.some(({ reason }) => reason === "Source");
  return { hosts: addressesOf("Host"), nameServers: addressesOf("Resolver"), ownSigns };
}

/**
 * Plans the follow-up run of a run. A new twin of the same source, on the same node and beside a witness, tries the
 * open paths again, with the checks that proved the source and the link. A path keeps its id. Undefined if no path is
 * open, or if no witness may try one.
 */
export function planFollowUp(judged: JudgedRun, context: WitnessContext): ProbeRunSpec | undefined {
  const { run, evidence } = judged;
  const planned = pathsToFollowUp(judged).flatMap((one) => {
    const retry = retryOf(one, { run, evidence, context });
    return retry ? [{ ...one, retry }] : [];
  });
  if (planned.length === 0) return undefined;
  const tried = pathsToProbe(planned, evidence);
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
    paths: withLinkWitnesses({ pods, paths, closed: new Set(planned.map(({ path }) => path.plan.id)) }),
    findings: [],
  };
}

/** A path that the first run did not have. */
type AddedPath = Omit<PlannedPath, "id">;

/** How the follow-up run tests a path. */
interface PathRetry {
  /** The path, with the known address of its target and with its witness. */
  readonly plan: PlannedPath;
  /** Paths whose witnesses prove this one: the endpoints behind a cluster address, or the servers behind the cluster's DNS. */
  readonly behind: readonly (PlannedPath | AddedPath)[];
  /** The lookup that may prove its source. */
  readonly sign?: AddedPath;
}

interface RetryInput {
  readonly run: RunRecord;
  readonly evidence: RunEvidence;
  readonly context: WitnessContext;
}

/** Undefined if a follow-up run cannot prove what is not proven. */
function retryOf({ path, reason }: PathToFollowUp, input: RetryInput): PathRetry | undefined {
  if (reason === "Link") return unchangedRetry(path, input);
  return reason === "Source" ? retryWithSign(path, input) : retryTarget(path, input);
}

function retryWithSign(path: TriedPath, input: RetryInput): PathRetry | undefined {
  const planned = input.run.spec.pods.find(({ name }) => name === path.plan.pod);
  const place = { node: path.pod?.node, isNode: planned?.node !== undefined };
  const sign = ownSignBeside(path.plan, place, input.context.snapshot.dnsPods ?? []);
  return sign && { ...(retryTarget(path, input) ?? unchangedRetry(path, input)), sign };
}

/** Undefined if no witness may try the target, or if the planned target no longer exists. */
function retryTarget(path: TriedPath, input: RetryInput): PathRetry | undefined {
  switch (path.plan.kind) {
    case "ClusterAddress":
      return retryService(path, input);
    case "Resolver":
      return retryResolver(path, input);
    case "Host":
    case "Address":
    case "Node":
    case "Pod":
    case "Endpoint":
      return retryAddress(path, input);
  }
}

/**
 * A host is pinned to the address that it resolved to, so that the probe and its witness use the same address. If a
 * pod has this address, it is the backend.
 */
function retryAddress(path: TriedPath, { context }: RetryInput): PathRetry | undefined {
  const { plan, result } = path;
  const address = plan.check.address ?? result?.address;
  if (address === undefined) return undefined;
  const { kind, headless, check } = plan;
  const tried = { kind, headless, address, port: check.port };
  const location = witnessLocation(tried, nodeNearTarget(path), context);
  if (!location || location.node === "" || !isSamePod(path, location.pod)) return undefined;
  const pinned = { ...plan, check: { ...plan.check, address }, witness: location.node };
  const isBare = plan.kind === "Host" || (plan.kind === "Address" && !plan.translated);
  return { plan: { ...pinned, ...(isBare && podBehind(address, location)) }, behind: [] };
}

/** The node that is the target itself, otherwise the probe pod's node. */
const nodeNearTarget = ({ plan, pod }: TriedPath) =>
  plan.translated?.node ?? (plan.kind === "Node" ? plan.backends[0]?.node : pod?.node) ?? "";

/** Another pod that has the address now would prove a pod that is gone. */
function isSamePod({ plan: { backends } }: TriedPath, pod: WorkloadPod | undefined): boolean {
  return backends.every(({ uid }) => uid === "" || uid === pod?.metadata.uid);
}

/** The target needs no new proof: the checks that proved it in the first run are repeated. */
function unchangedRetry(path: TriedPath, { evidence }: RetryInput): PathRetry {
  const endpoints = isVirtualAddress(path)
    ? path.plan.backends.flatMap((backend) => endpointPathsOf(path, backend, evidence).slice(0, 1))
    : [];
  return { plan: path.plan, behind: endpoints.map(({ plan }) => plan) };
}

function retryService(path: TriedPath, input: RetryInput): PathRetry | undefined {
  const behind = path.plan.backends
    .flatMap((backend) => endpointPathsOf(path, backend, input.evidence).slice(0, 1))
    .flatMap((endpoint) => retryAddress(endpoint, input)?.plan ?? []);
  if (behind.length === 0) return undefined;
  // That of the API server alone has a witness itself.
  const witness = path.plan.witness === undefined ? undefined : path.pod?.node;
  return { plan: { ...path.plan, ...(witness !== undefined && { witness }) }, behind };
}

/**
 * The name server is pinned, like a host. Behind a cluster address each of the servers has a witness of its own.
 * Another witness queries the cluster address from the probe pod's node, because a cache that is not a server of the
 * Service may answer there (https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/).
 */
function retryResolver(path: TriedPath, input: RetryInput): PathRetry | undefined {
  const address = path.result?.address;
  if (address === undefined) return undefined;
  const { servers, count } = nameServersAt(address, input.context);
  if (servers.length === 0) return retryAddress(path, input);
  const backends = servers.map(({ backend }) => backend);
  const pinned = { ...path.plan, backends, backendCount: count, check: { ...path.plan.check, address } };
  const plan = { ...pinned, witness: path.pod?.node };
  return { plan, behind: servers.map((server) => serverPath(path, server)) };
}

function serverPath({ plan }: TriedPath, { backend, address, port, witness }: NameServer): AddedPath {
  const { tool, family, path } = plan.check;
  return {
    expectation: plan.expectation,
    expect: plan.expect,
    from: plan.from,
    to: plan.to,
    kind: "Endpoint",
    pod: plan.pod,
    check: { path, tool, family, address, port, provesSource: false },
    backends: [backend],
    backendCount: 1,
    ...(witness !== undefined && { witness }),
  };
}

interface PlannedFollowUp extends PathToFollowUp {
  readonly retry: PathRetry;
}

/**
 * The paths that are tried again, followed by those that proved their sources and links in the first run; and their targets, except of
 * those that a witness proves.
 */
function pathsToProbe(planned: readonly PlannedFollowUp[], runEvidence: RunEvidence): PlannedPath[] {
  const probed = planned.filter(({ reason }) => reason !== "Witness");
  const supporting = probed.flatMap(({ path, reason, retry }) => [
    ...supportingPaths({ ...path, plan: retry.plan }, runEvidence),
    ...(reason === "Probes" ? [] : pathsReachingTarget(path, runEvidence)),
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

/** The maximum number of paths that a pod tries beside a lookup in each family. */
const MAX_BESIDE_SIGNS = MAX_CHECKS_PER_POD - familySchema.options.length;

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
    .flatMap(({ reason, retry }) => [...(reason === "Witness" ? [retry.plan] : []), ...retry.behind])
    .map((plan) => ({ ...plan, pod: NO_POD }));
  const [known, added] = [unprobed.filter(isKnown), unprobed.filter((plan) => !isKnown(plan))];
  const byId = new Map([...probed, ...known].toReversed().map((plan) => [plan.id, plan]));
  const checksOf = Map.groupBy(byId.values(), (plan) => plan.pod);
  const signs = planned
    .flatMap(({ retry }) => retry.sign ?? [])
    .map((sign) => ({ ...sign, pod: nameOf.get(sign.pod) ?? NO_POD }))
    .filter(({ pod }) => (checksOf.get(pod)?.length ?? 0) <= MAX_BESIDE_SIGNS);
  return [...byId.values(), ...withFreeIds([...signs, ...added], run)].toSorted(
    (one, other) => one.id - other.id,
  );
}

const isKnown = (plan: PlannedPath | AddedPath): plan is PlannedPath => "id" in plan;

function withFreeIds(paths: readonly AddedPath[], { spec }: RunRecord): PlannedPath[] {
  const taken = new Set(spec.paths.map(({ id }) => id));
  const free = Array.from({ length: MAX_PATHS }, (_, id) => id).filter((id) => !taken.has(id));
  const different = [...new Map(paths.map((path) => [serverIdentity(path), path])).values()];
  return different.flatMap((path, place) => {
    const id = free[place];
    return id === undefined ? [] : [{ ...path, id, check: { ...path.check, path: id } }];
  });
}

/** Two sources may query the same servers, and each pod looks up for itself. */
const serverIdentity = ({ expectation, pod, check: { family, address } }: AddedPath) =>
  `${expectation} ${pod} ${family} ${address}`;
