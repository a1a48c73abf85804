import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Expectation } from "../../crds/expectation.ts";
import { MAX_BACKENDS } from "../../crds/proberun/plannedpath.ts";
import type { Backend, PlannedPath, ProbeRunSpec, TargetChange } from "../../crds/proberun/proberun.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { isRunning } from "../cluster/workloadPod.ts";
import type { TargetAddress } from "./targetAddress.ts";
import { expandTarget } from "./targets.ts";

export interface RecheckInput {
  readonly spec: ProbeRunSpec;
  /** The test, with the spec of the generation that the run was planned for. */
  readonly test: ConnectivityTest;
  /** The current state. */
  readonly snapshot: ClusterSnapshot;
}

/**
 * Returns the differences of the targets from the plan: at most one change for each path, and one for each
 * expectation and family with an endpoint that was never tried. It expands the targets again by the same rules, so a
 * change is any difference that would change the plan. If a Service or a workload had more pods than are probed, new
 * ones change nothing, because the plan was a sample.
 */
export function targetChanges({ spec, test, snapshot }: RecheckInput): TargetChange[] {
  const isRunningNow = (uid: string) => {
    const pod = snapshot.podsByUid.get(uid);
    return pod !== undefined && isRunning(pod);
  };
  return test.spec.expectations.flatMap((expectation) => {
    const planned = spec.paths.filter((path) => path.expectation === expectation.name && hasPods(path));
    if (planned.length === 0) return [];
    const now = addressesNow(expectation, { test, snapshot });
    return [...Map.groupBy(planned, ({ check }) => check.family)].flatMap(([family, paths]) =>
      changesIn({
        expectation: expectation.name,
        paths,
        addresses: now.filter((address) => address.family === family),
        isRunningNow,
      }),
    );
  });
}

/** Reports whether the plan has the pods behind the address of a path. */
export function hasPods({ kind }: PlannedPath): boolean {
  return kind === "ClusterAddress" || kind === "Endpoint" || kind === "Pod";
}

function addressesNow(expectation: Expectation, { test, snapshot }: Omit<RecheckInput, "spec">) {
  const { metadata, spec } = test;
  const families = spec.ipFamilies;
  return expandTarget({
    expectation,
    namespace: metadata.namespace,
    families,
    snapshot,
    limit: Number.POSITIVE_INFINITY,
  }).addresses;
}

/** One expectation in one family. */
interface Compared {
  readonly expectation: string;
  readonly paths: readonly PlannedPath[];
  readonly addresses: readonly TargetAddress[];
  readonly isRunningNow: IsRunningNow;
}

/** Whether the pod of this UID runs. */
type IsRunningNow = (uid: string) => boolean;

/** A pod (or what else is behind a Service) at one of its own addresses. */
interface TargetEndpoint {
  /** The Service or the workload that it belongs to. */
  readonly to: string;
  readonly backend: Backend;
  readonly socket: string;
}

type Difference = Pick<TargetChange, "change" | "name">;

function changesIn({ expectation, paths, addresses, isRunningNow }: Compared): TargetChange[] {
  const was = new Map(paths.flatMap(plannedEndpoint));
  const is = new Map(
    addresses.flatMap(currentEndpoint).filter(([, endpoint]) => isBackendRunning(endpoint, isRunningNow)),
  );
  const missing = new Map(
    [...was]
      .filter(([key]) => !is.has(key))
      .map(([key, endpoint]) => [key, lossOf(endpoint, { is: [...is.values()], isRunningNow })]),
  );
  const sampled = new Set(
    paths.filter(({ backendCount }) => backendCount > MAX_BACKENDS).map((path) => path.to),
  );
  const appeared = [...is]
    .filter(([key, { to }]) => !was.has(key) && !sampled.has(to))
    .map(([, found]) => arrival(found));
  const ofPaths = paths.flatMap((path) => {
    const differences = differencesFor(path, { addresses, missing, appeared });
    return firstDifference(differences).map((one) => ({ expectation, path: path.id, ...one }));
  });
  return [...ofPaths, ...firstDifference(appeared).map((one) => ({ expectation, ...one }))];
}

const endpointKey = ({ backend, socket }: TargetEndpoint) => `${backend.uid}/${backend.name} ${socket}`;

function plannedEndpoint({ to, kind, check, backends: [backend] }: PlannedPath): [string, TargetEndpoint][] {
  if (kind === "ClusterAddress" || backend === undefined) return [];
  const endpoint = { to, backend, socket: dialKey(check) };
  return [[endpointKey(endpoint), endpoint]];
}

function currentEndpoint({
  to,
  kind,
  backends: [backend],
  ...dialled
}: TargetAddress): [string, TargetEndpoint][] {
  if (kind === "ClusterAddress" || backend === undefined) return [];
  const endpoint = { to, backend, socket: dialKey(dialled) };
  return [[endpointKey(endpoint), endpoint]];
}

interface Dialled {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

const dialKey = ({ address, port }: Dialled) => `${address} ${port}`;

// An EndpointSlice is written a moment after the pod has gone.
const isBackendRunning = ({ backend }: TargetEndpoint, isRunningNow: IsRunningNow) =>
  backend.uid === "" || isRunningNow(backend.uid);

function lossOf(
  { backend }: TargetEndpoint,
  { is, isRunningNow }: { is: readonly TargetEndpoint[]; isRunningNow: IsRunningNow },
): Difference {
  const { name, uid } = backend;
  if (uid !== "" && !isRunningNow(uid)) return { change: "Gone", name };
  const isElsewhere = is.some((other) => other.backend.uid === uid && other.backend.name === name);
  return { change: isElsewhere ? "Moved" : "Left", name };
}

const arrival = ({ backend: { name } }: TargetEndpoint): Difference => ({ change: "Appeared", name });

interface Differences {
  readonly addresses: readonly TargetAddress[];
  readonly missing: ReadonlyMap<string, Difference>;
  readonly appeared: readonly Difference[];
}

/** A pod's own address concerns that pod alone; a cluster address concerns the Service and all its backends. */
function differencesFor(path: PlannedPath, { addresses, missing, appeared }: Differences): Difference[] {
  if (path.kind !== "ClusterAddress") return plannedEndpoint(path).flatMap(([key]) => missing.get(key) ?? []);
  const isThere = addresses.some(
    ({ kind, ...dialled }) => kind === path.kind && dialKey(dialled) === dialKey(path.check),
  );
  const moved: Difference[] = isThere ? [] : [{ change: "Moved", name: path.to }];
  return [...moved, ...[...missing.values(), ...appeared].toSorted(leftLast)];
}

/** Changes caused by a rollout come before a pod that is only no longer ready. */
const leftLast = (one: Difference, other: Difference) =>
  Number(one.change === "Left") - Number(other.change === "Left");

function firstDifference(differences: readonly Difference[]) {
  const [first] = differences;
  return first === undefined ? [] : [{ ...first, more: differences.length - 1 }];
}
