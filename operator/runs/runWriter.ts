import { z } from "zod";
import { API_VERSION, PROBE_GRANT, PROBE_RUN, WITNESS_NAMESPACE } from "../../crds/group.ts";
import { controllerOf, keyOf, metadataSchema, type OwnerReference } from "../../crds/metadata.ts";
import {
  isOutdated,
  probeRunSchema,
  type ProbeRun,
  type ProbeRunSpec,
  type ProbeRunStatus,
} from "../../crds/proberun/proberun.ts";
import type { ChildRunPlan } from "../planning/childRunPlan.ts";
import { probeRunName, runNameSuffix, unownedRunName } from "../planning/names.ts";
import type { Api } from "../runtime/api.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../runtime/apiError.ts";
import { createMutationCache } from "../runtime/mutationCache.ts";
import { probeRunsPath, probeRunStatusPath } from "../runtime/resourcePaths.ts";

/** Which ProbeRun is meant. One of this name that belongs to another test or owner is another one. */
export interface RunIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly test: Pick<ProbeRunSpec["test"], "uid">;
  /** Undefined: no owner reference leads from one namespace to another. */
  readonly owner: Pick<OwnerReference, "kind" | "name" | "uid"> | undefined;
}

interface NamedRun extends Pick<ProbeRunSpec, "test"> {
  readonly run: Pick<ProbeRunSpec["run"], "id" | "followUp">;
}

/** The ProbeRun of a first run or follow-up run, in the parent's namespace. */
export function identityOfRun(namespace: string, { test, run }: NamedRun): RunIdentity {
  return { namespace, name: probeRunName(test.name, runNameSuffix(run)), test, owner: test };
}

/** The ProbeRun of the witnesses of a first run or follow-up run, with their own plan. */
export function identityOfWitnessRun({ test, run }: NamedRun): RunIdentity {
  return {
    namespace: WITNESS_NAMESPACE,
    name: unownedRunName(test, runNameSuffix(run)),
    test,
    owner: undefined,
  };
}

/** A child run. Its owner is the grant that it depends on, or else its test. */
export function identityOfChildRun({ namespace, name, grant, spec: { test } }: ChildRunPlan): RunIdentity {
  const owner = grant ? { kind: PROBE_GRANT.kind, name: grant.name, uid: grant.uid } : test;
  return { namespace, name, test, owner };
}

/**
 * Represents a run that cannot be created yet because an older one of another plan has its name: a terminating run
 * without results, whose time to start counts from `since`, when the new one was due. `planCleanUp` deletes the older
 * one.
 */
export function asTerminating(
  { metadata }: ProbeRun,
  spec: ProbeRunSpec,
  { since, now }: { readonly since: string | undefined; readonly now: Date },
): ProbeRun {
  const { deletionTimestamp = now.toISOString() } = metadata;
  return {
    metadata: { ...metadata, creationTimestamp: since, deletionTimestamp },
    spec,
    status: { phase: "Pending", pods: [], results: [] },
  };
}

/** Reads and writes ProbeRuns; nothing else in the operator writes one. It has its own writes before the cache shows them. */
export interface RunWriter {
  /** The run, as last read or written; it may be terminating. Returns none for a run that an earlier version created. */
  get(which: RunIdentity): ProbeRun | undefined;
  /** The newest version of a run that is known. */
  newest(run: ProbeRun): ProbeRun;
  /** When to check a created run that the cache has never shown, because its deletion is not noticed before. */
  hiddenUntil(run: ProbeRun): Date | undefined;
  /**
   * Creates a run. An existing one is the same run, because its name contains its id; it may be terminating. One that an
   * earlier version created, or that this version cannot read, is deleted and created again.
   */
  create(which: RunIdentity, spec: ProbeRunSpec): Promise<ProbeRun>;
  /** Replaces the run's status; a conflict means that the cache was stale, and is thrown, and the queue retries. */
  record(run: ProbeRun, status: ProbeRunStatus): Promise<ProbeRun>;
}

export interface RunWriterOptions {
  readonly api: Api;
  /** The ProbeRuns of the cluster, by `namespace/name`, as far as the cache shows them. */
  readonly cache: { get(key: string): ProbeRun | undefined };
  readonly now: () => Date;
}

export function createRunWriter({ api, cache, now }: RunWriterOptions): RunWriter {
  const written = createMutationCache<ProbeRun>({ now });

  function remember(run: ProbeRun): ProbeRun {
    const key = keyOf(run.metadata);
    written.set(key, run, cache.get(key));
    return run;
  }

  /** The run that has this name already. One that an earlier version created, or that this version cannot read, is deleted. */
  async function existingRun(which: RunIdentity): Promise<ProbeRun | "Another" | "Deleted"> {
    const path = probeRunsPath(which.namespace, which.name);
    const raw = await api.get(path);
    const existing = runIdentitySchema.parse(raw);
    if (!isSameRunAs(which, existing)) return "Another";
    const { data: run } = probeRunSchema.safeParse(raw);
    if (run && !isOutdated(run)) return run;
    await api.delete(path, { uid: existing.metadata.uid });
    return "Deleted";
  }

  return {
    get(which) {
      const key = keyOf(which);
      const run = written.newest(key, cache.get(key));
      return run && isSameRunAs(which, run) && !isOutdated(run) ? run : undefined;
    },
    newest(run) {
      const key = keyOf(run.metadata);
      const known = written.newest(key, cache.get(key));
      return known?.metadata.uid === run.metadata.uid ? known : run;
    },
    hiddenUntil({ metadata }) {
      return written.hiddenUntil(keyOf(metadata));
    },
    async create(which, spec) {
      const { namespace } = which;
      const body = { apiVersion: API_VERSION, kind: PROBE_RUN.kind, metadata: runMetadata(which), spec };
      const create = async () =>
        remember(probeRunSchema.parse(await api.create(probeRunsPath(namespace), body)));
      try {
        return await create();
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        const existing = await existingRun(which).catch((reason: unknown) => {
          // It has gone since. A 404 would be taken for a rejection, and the queue tries a conflict again.
          throw isNotFound(reason) ? error : reason;
        });
        if (existing === "Another") throw error;
        return existing === "Deleted" ? create() : remember(existing);
      }
    },
    async record(run, status) {
      const { namespace, name, uid, resourceVersion } = run.metadata;
      const metadata = { namespace, name, uid, resourceVersion };
      const body = { apiVersion: API_VERSION, kind: PROBE_RUN.kind, metadata, spec: run.spec, status };
      try {
        return remember(probeRunSchema.parse(await api.update(probeRunStatusPath(namespace, name), body)));
      } catch (error) {
        if (isConflict(error) || isNotFound(error)) written.delete(keyOf(run.metadata));
        throw error;
      }
    },
  };
}

function runMetadata({ namespace, name, owner }: RunIdentity) {
  if (!owner) return { name, namespace };
  const { kind, name: ofOwner, uid } = owner;
  const reference = {
    apiVersion: API_VERSION,
    kind,
    name: ofOwner,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return { name, namespace, ownerReferences: [reference] };
}

/** The fields that say whose run it is, which every version can read. */
const runIdentitySchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ test: z.object({ uid: z.string() }) }),
});

function isSameRunAs(
  { test, owner }: RunIdentity,
  { metadata, spec }: z.infer<typeof runIdentitySchema>,
): boolean {
  return controllerOf(metadata)?.uid === owner?.uid && spec.test.uid === test.uid;
}
