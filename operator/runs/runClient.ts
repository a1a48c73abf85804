import { controllerOf, metadataOf, objectSchema } from "../../crds/metadata.ts";
import type {
  Check,
  PlannedPod,
  ProbeRun,
  ProbeRunSpec,
  ProbeRunStatus,
} from "../../crds/proberun/proberun.ts";
import { probePod } from "../../probes/pod/pod.ts";
import { printable } from "../../probes/printable.ts";
import { ApiError, isAlreadyExists, isConflict, isNotFound, type Api } from "../runtime/api.ts";
import { podsPath, probeRunsPath } from "../runtime/resourcePaths.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import type { CleanUpPlan } from "./cleanUp.ts";
import { probingWindow } from "./progress.ts";

/** Why the API server would not have a probe pod. */
export interface PodRejection {
  readonly name: string;
  readonly message: string;
  /** The same pod would be refused for ever. */
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
  /** Told of the UID of a pod that this very request has created. */
  readonly onCreated?: ((uid: string) => void) | undefined;
}

/** Creates one probe pod; a refusal by quota, admission or validation is an answer, everything else an error. */
export async function createProbePod(
  api: Api,
  { run, planned, checks, settings, onCreated }: NewPod,
): Promise<PodRejection | undefined> {
  const { image, imagePullPolicy, startTimeout } = settings;
  const pod = probePod({
    run,
    planned,
    checks,
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
    return { name: planned.name, message: error.message, final: error.code === 400 || error.code === 422 };
  }
}

/** The pod of that name is the run's own, or one that is about to go, or somebody else's: then it is in the way. */
async function nameTaken(api: Api, run: ProbeRun, { name }: PlannedPod): Promise<PodRejection | undefined> {
  const gone = { name, message: `a pod ${name} was there and is being deleted`, final: false };
  try {
    const metadata = metadataOf(await api.get(podsPath(run.metadata.namespace, name)));
    if (controllerOf(metadata)?.uid === run.metadata.uid) return undefined;
    if (metadata.deletionTimestamp !== undefined) return gone;
    return {
      name,
      message: `another pod ${name}, which this run does not own, is there: delete it`,
      final: true,
    };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return gone;
  }
}

/** Whether the API server has understood and does not want to: quota, admission, validation, no such namespace. */
export function isRejected(error: unknown): error is ApiError {
  return error instanceof ApiError && [400, 403, 404, 422].includes(error.code);
}

/** Resolves to the API server's refusal, if that is what it comes to. */
export async function orRejection<Value>(asked: Promise<Value>): Promise<Value | ApiError> {
  return asked.catch((error: unknown) => {
    if (isRejected(error)) return error;
    throw error;
  });
}

/** The run's status with what the API server refused: final at once, else it is asked again until the pod is overdue. */
export function withRejections(status: ProbeRunStatus, rejections: readonly PodRejection[]): ProbeRunStatus {
  if (rejections.length === 0) return status;
  return {
    ...status,
    pods: status.pods.map((pod) => {
      const rejection = rejections.find(({ name }) => name === pod.name);
      if (!rejection) return pod;
      return {
        ...pod,
        message: printable(rejection.message, 512),
        refused: true,
        ...(rejection.final && { phase: "NotRun" as const }),
      };
    }),
  };
}

/** The record of pods that the API server would not even have planned. */
export function rejectedRun(spec: ProbeRunSpec, words: string): RunRecord {
  const message = words.slice(0, 512);
  const pods = spec.pods.map(({ name }) => ({ name, phase: "NotRun" as const, message, refused: true }));
  return { spec, status: { phase: "Finished", pods, results: [] } };
}

/** Deletes what may go; what is gone already, or another object of the same name, is none of our business. */
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
