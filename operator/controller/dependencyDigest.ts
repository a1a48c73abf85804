import { createHash } from "node:crypto";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import type { Metadata } from "../../crds/metadata.ts";
import type { Involved, Premises } from "../../crds/proberun/premises.ts";
import type { Rollout } from "../cluster/rollout.ts";

/** A NetworkPolicy, as far as it takes to see that it has become another. */
export interface PolicyVersion {
  readonly metadata: Pick<Metadata, "namespace" | "name" | "uid" | "generation">;
}

/** What the caches hold of what verdicts rest on. */
export interface Ground {
  policiesOf(namespace: string): readonly PolicyVersion[];
  /** Of the workload of this UID. */
  rolloutOf(uid: string): Rollout | undefined;
}

/** A change that calls for another run, and a digest of what it led to. */
export interface Change {
  readonly trigger: RerunOn;
  readonly digest: string;
}

/** What a run rests on that begins now, in digests, so that a later look tells whether it still does. */
export function premisesOf(involved: Involved, ground: Ground): Premises {
  const { namespaces, workloads } = involved;
  return {
    namespaces: [...namespaces],
    workloads: [...workloads],
    policies: digest(
      namespaces
        .flatMap((namespace) => ground.policiesOf(namespace))
        .map(({ metadata: { uid, generation } }) => `${uid} ${generation}`),
    ),
    templates: digest(
      rolloutsOf(involved, ground).map(
        ({ metadata, template, isDone }) => `${metadata.uid} ${template} ${isDone}`,
      ),
    ),
  };
}

/**
 * Which of the changes that the author named has come about since a run began, if any. A workload whose pods are being
 * replaced is waited for: a run that fell into its rollout would be Inconclusive.
 */
export function changeSince(was: Premises, rerunOn: readonly RerunOn[], ground: Ground): Change | undefined {
  const is = premisesOf(was, ground);
  if (rerunOn.includes("PolicyChange") && is.policies !== was.policies)
    return { trigger: "PolicyChange", digest: is.policies };
  if (rerunOn.includes("WorkloadChange") && is.templates !== was.templates && isSettled(was, ground))
    return { trigger: "WorkloadChange", digest: is.templates };
  return undefined;
}

const isSettled = (premises: Premises, ground: Ground) =>
  rolloutsOf(premises, ground).every(({ isDone }) => isDone);

function rolloutsOf({ workloads }: Pick<Involved, "workloads">, ground: Ground): Rollout[] {
  return workloads.flatMap((uid) => ground.rolloutOf(uid) ?? []);
}

function digest(marks: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(marks.toSorted())).digest("base64url").slice(0, 16);
}
