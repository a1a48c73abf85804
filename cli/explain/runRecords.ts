import { z } from "zod";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { WITNESS_NAMESPACE } from "../../crds/group.ts";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { probeRunName, runNameSuffix, unownedRunName } from "../../operator/planning/names.ts";
import type { Api } from "../../operator/runtime/api.ts";
import { isForbidden, isNotFound } from "../../operator/runtime/apiError.ts";
import { probeRunsPath } from "../../operator/runtime/resourcePaths.ts";

/** Where the operator is installed, which has the ProbeRuns of ClusterConnectivityTests. */
const OPERATOR_NAMESPACE = "netverdict-system";

/** The ProbeRuns of the run that a status describes, as far as the reader may read them. */
export interface RunRecords {
  readonly run?: ProbeRun;
  readonly witness?: ProbeRun;
  readonly followUp?: ProbeRun;
  readonly followUpWitness?: ProbeRun;
  /** Why there is less than all, each a sentence. */
  readonly notes: readonly string[];
}

/** Reads the ProbeRuns of the last run of a test. Throws ApiError, but not for a missing right or a missing ProbeRun. */
export async function readRunRecords(api: Api, { metadata, status }: ConnectivityTest): Promise<RunRecords> {
  const { run } = status;
  if (!run) return { notes: ["No run of the test has ended. Request one with `netverdict run`."] };
  const home = metadata.namespace === "" ? OPERATOR_NAMESPACE : metadata.namespace;
  const of = async (followUp: boolean) => {
    const id = runNameSuffix({ id: run.id, followUp });
    return Promise.all([
      readRecord(api, home, probeRunName(metadata.name, id)),
      readRecord(api, WITNESS_NAMESPACE, unownedRunName(metadata, id)),
    ]);
  };
  const [[first, witness], [followUp, followUpWitness]] = await Promise.all([of(false), of(true)]);
  const denied = [first, witness, followUp, followUpWitness].flatMap(({ why }) => why ?? []);
  const gone = `ProbeRun ${home}/${probeRunName(metadata.name, run.id)}: it does not exist. Run the test again.`;
  return {
    ...(first.run && { run: first.run }),
    ...(witness.run && { witness: witness.run }),
    ...(followUp.run && { followUp: followUp.run }),
    ...(followUpWitness.run && { followUpWitness: followUpWitness.run }),
    notes: [...new Set([...(first.run || first.why !== undefined ? [] : [gone]), ...denied])],
  };
}

interface ReadRecord {
  readonly run?: ProbeRun;
  /** Why it could not be read. With neither, there is none. */
  readonly why?: string;
}

async function readRecord(api: Api, namespace: string, name: string): Promise<ReadRecord> {
  const subject = `ProbeRuns of ${namespace}`;
  try {
    return { run: probeRunSchema.parse(await api.get(probeRunsPath(namespace, name))) };
  } catch (error) {
    if (isForbidden(error)) return { why: `${subject}: this user may not read them.` };
    if (isNotFound(error)) return {};
    if (error instanceof z.ZodError) return { why: `${subject}: they are of another version of netverdict.` };
    throw error;
  }
}
