import { isDeepStrictEqual } from "node:util";
import { kindOf, type ConnectivityTest, type ConnectivityTestStatus } from "../../crds/connectivitytest.ts";
import { API_VERSION, RUN_ID } from "../../crds/group.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { Api } from "../runtime/api.ts";
import { isConflict } from "../runtime/apiError.ts";
import { recordEvent } from "../runtime/eventRecorder.ts";
import type { Log } from "../runtime/log.ts";
import { connectivityTestStatusPath } from "../runtime/resourcePaths.ts";

/** A written status, for metrics. `ended` is set when it describes a run for the first time. */
export interface Published {
  readonly test: ConnectivityTest;
  readonly status: ConnectivityTestStatus;
  readonly ended: boolean;
}

export interface PublisherOptions {
  readonly api: Api;
  readonly log: Log;
  readonly onPublished: (published: Published) => void;
  readonly now: () => Date;
}

/**
 * Writes a status if it differs from the cached one; no other code of the operator writes one, except the tokens that gates
 * add to `pendingRequests` (`operator/server/addRequest.ts`). The request has the
 * resource version, so a stale cache can neither undo a newer status nor repeat an event. After a conflict, the watch
 * delivers the newer object and triggers another reconcile.
 */
export function createPublisher({ api, log, onPublished, now }: PublisherOptions) {
  return async (test: ConnectivityTest, status: ConnectivityTestStatus): Promise<void> => {
    if (isDeepStrictEqual(status, test.status)) return;
    const { namespace, name, uid, resourceVersion } = test.metadata;
    const body = {
      apiVersion: API_VERSION,
      kind: kindOf(test).kind,
      metadata: { ...(namespace !== "" && { namespace }), name, uid, resourceVersion },
      spec: storedSpec(test),
      status,
    };
    try {
      await api.update(connectivityTestStatusPath(namespace, name), body);
    } catch (error) {
      if (isConflict(error)) return;
      throw error;
    }
    const ended = status.run !== undefined && status.run.id !== test.status.run?.id;
    onPublished({ test, status, ended });
    if (!ended) return;
    log.info("run ended", { test: keyOf({ namespace, name }), ...endFields(status) });
    if (isTransition(test.status, status)) await tell(test, status);
  };

  // The condition has the whole message; the status has a short one for its column.
  async function tell(
    test: ConnectivityTest,
    { verdict, message = "", conditions = [], run }: ConnectivityTestStatus,
  ) {
    const { namespace, name, uid } = test.metadata;
    const event = {
      regarding: { apiVersion: API_VERSION, kind: kindOf(test).kind, namespace, name, uid },
      type: verdict === "Passed" ? "Normal" : "Warning",
      reason: verdict ?? "Pending",
      action: "Judge",
      note: conditions.find(({ type }) => type === "Passed")?.message ?? message,
      now: now(),
      ...(run && { annotations: { [RUN_ID]: run.id } }),
    } as const;
    await recordEvent(api, event, log);
  }
}

type EndedRunStatus = NonNullable<ConnectivityTestStatus["run"]>;

/** How long a run took. Both times are by the API server's clock, but one of them in whole seconds and the other estimated. */
export const runSeconds = ({ startedAt, finishedAt }: Pick<EndedRunStatus, "startedAt" | "finishedAt">) =>
  Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000);

function endFields({ run, verdict, summary }: ConnectivityTestStatus) {
  return {
    verdict,
    ...(run && { run: run.id, trigger: run.trigger, seconds: runSeconds(run) }),
    ...(run && { attempts: run.attempts ?? 1, queuedSeconds: run.queuedSeconds ?? 0 }),
    ...(summary && {
      passed: summary.passed,
      failed: summary.failed,
      inconclusive: summary.inconclusive,
    }),
  };
}

const storedSpec = ({ spec, unreadable }: ConnectivityTest) => (unreadable ? unreadable.spec : spec);

/** Reports whether the verdict differs from that of the previous run, of any generation. */
function isTransition(before: ConnectivityTestStatus, after: ConnectivityTestStatus): boolean {
  return before.history?.[0]?.verdict !== after.verdict;
}
