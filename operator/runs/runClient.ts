import { ENDED_AT, PRIORITY_CLASS } from "../../crds/group.ts";
import { controllerOf, metadataOf, objectSchema } from "../../crds/metadata.ts";
import type {
  Check,
  PlannedPod,
  ProbeRun,
  ProbeRunSpec,
  ProbeRunStatus,
} from "../../crds/proberun/proberun.ts";
import { externalMessage, fitMessage } from "../../probes/messageLength.ts";
import { probePod } from "../../probes/pod/pod.ts";
import { parseProbePod, type ProbePod } from "../cluster/probePod.ts";
import type { Api } from "../runtime/api.ts";
import { ApiError, isAlreadyExists, isConflict, isNotFound } from "../runtime/apiError.ts";
import { podsPath, probeRunsPath } from "../runtime/resourcePaths.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import type { CleanUpPlan } from "./cleanUp.ts";
import { probingWindow } from "./podDeadlines.ts";

/** Why the API server rejected a probe pod. */
export interface PodRejection {
  readonly name: string;
  readonly message: string;
  /** Whether the same pod would always be rejected. */
  readonly final: boolean;
}

export interface PodSettings {
  readonly image: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /** Milliseconds until a probe pod must run. */
  readonly startTimeout: number;
}

interface NewPod {
  readonly run: ProbeRun;
  readonly planned: PlannedPod;
  readonly checks: readonly Check[];
  readonly settings: PodSettings;
  /** Called with the UID of a pod that this request has created. */
  readonly onCreated?: ((uid: string) => void) | undefined;
}

/** Creates one probe pod. A rejection by quota, admission or validation is a result; everything else is an error. */
export async function createProbePod(
  api: Api,
  { run, planned, checks, settings, onCreated }: NewPod,
): Promise<PodRejection | undefined> {
  const { image, imagePullPolicy, startTimeout } = settings;
  const { assignedNode } = run.status.pods.find(({ name }) => name === planned.name) ?? {};
  const pod = probePod({
    run,
    planned,
    checks,
    assignedNode,
    image,
    imagePullPolicy,
    deadlineSeconds: Math.ceil((startTimeout + probingWindow(run)) / 1_000),
  });
  try {
    const { data } = objectSchema.safeParse(await api.create(podsPath(run.metadata.namespace), pod));
    if (data) onCreated?.(data.metadata.uid);
    return undefined;
  } catch (error) {
    if (isAlreadyExists(error)) return nameTaken(api, run, planned);
    if (!isRejected(error)) throw error;
    const message = `${error.message}${remedyFor(error)}`;
    return { name: planned.name, message, final: error.code === 400 || error.code === 422 };
  }
}

/** The message of the API server's admission plugin for priorities. */
const NO_PRIORITY_CLASS = `no PriorityClass with name ${PRIORITY_CLASS}`;

const remedyFor = ({ message }: ApiError) =>
  message.includes(NO_PRIORITY_CLASS)
    ? ". Apply the manifests of netverdict again: they contain this PriorityClass"
    : "";

/** A pod of that name belongs to the run, or is terminating, or belongs to another owner and blocks the name. */
async function nameTaken(api: Api, run: ProbeRun, { name }: PlannedPod): Promise<PodRejection | undefined> {
  const gone = { name, message: `a pod ${name} exists and is being deleted`, final: false };
  try {
    const raw = await api.get(podsPath(run.metadata.namespace, name));
    const metadata = metadataOf(raw);
    if (parseProbePod(raw) && controllerOf(metadata)?.uid === run.metadata.uid) return undefined;
    if (metadata.deletionTimestamp !== undefined) return gone;
    return {
      name,
      message: `another pod ${name} exists, which this run does not own. Delete it`,
      final: true,
    };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return gone;
  }
}

/** Reports whether the API server rejected the request: quota, admission, validation, a missing namespace. */
export function isRejected(error: unknown): error is ApiError {
  return error instanceof ApiError && [400, 403, 404, 422].includes(error.code);
}

/** Resolves to the error if the API server rejects the request. */
export async function orRejection<Value>(asked: Promise<Value>): Promise<Value | ApiError> {
  return asked.catch((error: unknown) => {
    if (isRejected(error)) return error;
    throw error;
  });
}

/**
 * Returns the run's status with the rejected pods: final at once, otherwise the operator retries until the pod is
 * overdue.
 */
export function withRejections(status: ProbeRunStatus, rejections: readonly PodRejection[]): ProbeRunStatus {
  if (rejections.length === 0) return status;
  return {
    ...status,
    pods: status.pods.map((pod) => {
      const rejection = rejections.find(({ name }) => name === pod.name);
      if (!rejection) return pod;
      return {
        ...pod,
        message: externalMessage(rejection.message),
        refused: true,
        ...(rejection.final && { phase: "NotRun" as const }),
      };
    }),
  };
}

/** The status of pods whose child or witness run the API server rejected. */
export function rejectedRun(spec: ProbeRunSpec, words: string): RunRecord {
  const message = fitMessage(words);
  const pods = spec.pods.map(({ name }) => ({ name, phase: "NotRun" as const, message, refused: true }));
  return { spec, status: { phase: "Finished", pods, results: [] } };
}

/** In seconds: the shortest deadline that the API server accepts. */
const SHORTEST_DEADLINE = 1;

/**
 * Ends pods that go on until then, by a deadline that has passed: unlike a deletion, that leaves the pod with its report. Pods
 * that are gone, or replaced by another pod of the same name, are ignored. Returns the others that the API server rejects.
 */
export async function endAll(api: Api, pods: readonly ProbePod[], now: Date): Promise<PodRejection[]> {
  const annotations = { [ENDED_AT]: now.toISOString() };
  const rejections = await Promise.all(
    pods.map(async ({ metadata: { namespace, name, uid } }) => {
      const body = { metadata: { uid, annotations }, spec: { activeDeadlineSeconds: SHORTEST_DEADLINE } };
      try {
        await api.patch(podsPath(namespace, name), body);
        return [];
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return [];
        if (!isRejected(error)) throw error;
        return [{ name, message: `it could not be ended: ${error.message}`, final: true }];
      }
    }),
  );
  return rejections.flat();
}

/** Deletes objects; ignores those that are gone already, or replaced by another object of the same name. */
export async function deleteAll(api: Api, { runs, pods }: CleanUpPlan): Promise<void> {
  const paths = [
    ...pods.map(({ metadata }) => ({ path: podsPath(metadata.namespace, metadata.name), uid: metadata.uid })),
    ...runs.map(({ metadata }) => ({
      path: probeRunsPath(metadata.namespace, metadata.name),
      uid: metadata.uid,
    })),
  ];
  await Promise.all(
    paths.map(async ({ path, uid }) => {
      try {
        await api.delete(path, { uid });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }),
  );
}
