import {
  NO_POD,
  type PlannedPath,
  type PlannedPod,
  type ProbeRunSpec,
} from "../../crds/proberun/proberun.ts";
import { MAX_PATHS } from "../../crds/teststatus.ts";
import type { Learned } from "../cluster/observeFollowUp.ts";
import { lookId, podName } from "../planning/names.ts";
import { withFabric } from "../planning/nodeLinks.ts";
import type { Terrain } from "../planning/witnessPlacement.ts";
import type { RunRecord, TriedPath } from "../verdict/evidence.ts";
import { wantOf, type Want } from "../verdict/followUpReason.ts";
import type { Look } from "../verdict/judge.ts";
import { judgedPath, trialOf } from "../verdict/judgePath.ts";
import { companionsOf, reachersOf } from "../verdict/proof.ts";
import type { Trial } from "../verdict/witnessResult.ts";
import { asBefore, questionAbout, type NewPath, type Question } from "./followUpPaths.ts";

/** A path that the first look has left wanting. */
export interface Wanting {
  readonly path: TriedPath;
  readonly want: Want;
}

/** What the first look, which has ended, leaves to be asked. Pure: the same records leave the same. */
export function wanting(trial: Trial): Wanting[] {
  return trial.run.flatMap((path) => {
    const want = wantOf(judgedPath(path, trial));
    return want === undefined ? [] : [{ path, want }];
  });
}

/** The addresses of wanting paths that were not known when the run was planned. */
export function learnedFrom(paths: readonly Wanting[]): Learned {
  const addressesOf = (kind: PlannedPath["kind"]) =>
    paths.flatMap(({ path }) => (path.plan.kind === kind ? (path.result?.address ?? []) : []));
  return { hosts: addressesOf("Host"), nameServers: addressesOf("Resolver") };
}

/**
 * The plan of the second look at a run: what the first one left wanting, tried again by a new twin of the same source on
 * the same node and beside a witness, and with it what showed that the source and the wire were alive. A path keeps its
 * id. Undefined: nothing is wanting, or no witness may go there.
 */
export function planSecondLook({ run, witness }: Look, terrain: Terrain): ProbeRunSpec | undefined {
  const trial = trialOf(run, witness);
  const asked = wanting(trial).flatMap((one) => {
    const { path, want } = one;
    const question = want === "Wire" ? asBefore(path, trial) : questionAbout(path, { trial, terrain });
    return question ? [{ ...one, question }] : [];
  });
  if (asked.length === 0) return undefined;
  const tried = probedAgain(asked, trial);
  const again = podsAgain(run, tried);
  const pods = again.map(({ pod }) => pod);
  const paths = pathsAgain(asked, { run, tried, pods: again });
  return {
    replicas: 0,
    test: run.spec.test,
    run: { ...run.spec.run, again: true },
    probing: run.spec.probing,
    expectations: run.spec.expectations,
    grants: run.spec.grants,
    pods,
    paths: withFabric({ pods, paths }),
    findings: [],
  };
}

interface Asked extends Wanting {
  readonly question: Question;
}

/** The paths that are tried again, and after them those which proved their sources and wires the first time. */
function probedAgain(asked: readonly Asked[], trial: Trial): PlannedPath[] {
  const probed = asked.filter(({ want }) => want !== "Witness");
  const companions = probed.flatMap(({ path, want, question }) => [
    ...companionsOf({ ...path, plan: question.plan }, trial),
    ...(want === "Wire" ? reachersOf(path, trial) : []),
  ]);
  return [...probed.map(({ question }) => question.plan), ...companions.map(({ plan }) => plan)];
}

interface PodAgain {
  /** The name of the pod of the first look. */
  readonly first: string;
  readonly pod: PlannedPod;
}

/** One for each pod of the first look that had a path of these, on the node where that one has run. */
function podsAgain({ spec, status }: RunRecord, paths: readonly PlannedPath[]): PodAgain[] {
  const names = new Set(paths.map(({ pod }) => pod));
  const id = lookId({ id: spec.run.id, again: true });
  return spec.pods
    .filter(({ name }) => names.has(name))
    .map((pod, index) => {
      const nodeName = status.pods.find(({ name }) => name === pod.name)?.node;
      const twin = pod.twin && { ...pod.twin, ...(nodeName !== undefined && { nodeName }) };
      const name = podName({ role: "probe", id, of: pod.source, index });
      return { first: pod.name, pod: { ...pod, name, ...(twin && { twin }) } };
    });
}

interface Numbering {
  readonly run: RunRecord;
  /** The paths that are probed again. */
  readonly tried: readonly PlannedPath[];
  readonly pods: readonly PodAgain[];
}

/**
 * Each path once, rather probed than not. What the first look did not try gets an id that was free there; where there is
 * none left it is left out, and so proves nothing.
 */
function pathsAgain(asked: readonly Asked[], { run, tried, pods }: Numbering): PlannedPath[] {
  const nameOf = new Map(pods.map(({ first, pod }) => [first, pod.name]));
  const probed = tried.map((plan) => ({ ...plan, pod: nameOf.get(plan.pod) ?? NO_POD }));
  const unprobed = asked
    .flatMap(({ want, question }) => [...(want === "Witness" ? [question.plan] : []), ...question.endpoints])
    .map((plan) => ({ ...plan, pod: NO_POD }));
  const known = new Map([...probed, ...unprobed].toReversed().map((plan) => [plan.id, plan]));
  const servers = asked.flatMap(({ question }) => question.servers);
  return [...known.values(), ...numbered(servers, run)].toSorted((one, other) => one.id - other.id);
}

function numbered(paths: readonly NewPath[], { spec }: RunRecord): PlannedPath[] {
  const taken = new Set(spec.paths.map(({ id }) => id));
  const free = Array.from({ length: MAX_PATHS }, (_, id) => id).filter((id) => !taken.has(id));
  const different = [...new Map(paths.map((path) => [identityOf(path), path])).values()];
  return different.flatMap((path, place) => {
    const id = free[place];
    return id === undefined ? [] : [{ ...path, id, pod: NO_POD, check: { ...path.check, path: id } }];
  });
}

/** Two sources may ask the same servers. */
const identityOf = ({ expectation, check: { family, address } }: NewPath) =>
  `${expectation} ${family} ${address}`;
