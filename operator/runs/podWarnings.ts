import { z } from "zod";
import type { ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import { MAX_EXPECTATION_MESSAGE } from "../../crds/teststatus.ts";
import { truncateMiddle } from "../../probes/printable.ts";
import type { Api } from "../runtime/api.ts";
import { ApiError } from "../runtime/apiError.ts";
import { eventsPath } from "../runtime/resourcePaths.ts";
import type { Progress } from "./progress.ts";
import { orRejection } from "./runClient.ts";

const LONGEST_WARNING = 400;

const optionalTime = z.string().nullish();
const eventSchema = z.object({
  metadata: z.object({ creationTimestamp: optionalTime }),
  eventTime: optionalTime,
  deprecatedLastTimestamp: optionalTime,
  series: z.object({ lastObservedTime: optionalTime }).nullish(),
  reason: z.string().default(""),
  note: z.string().default(""),
});
type Event = z.infer<typeof eventSchema>;

/**
 * Returns the status of a run with the newest warning about each pod that has not started in time and whose own status does not
 * say why. If the sandbox of a pod cannot be created (no address left, no such runtime handler), only an event has the error
 * message. Lists the events of each of these pods once. A rejected list adds nothing; every other error is thrown.
 */
export async function withWarnings(
  api: Pick<Api, "list">,
  { status, unexplained }: Pick<Progress, "status" | "unexplained">,
): Promise<ProbeRunStatus> {
  const warnings = new Map(
    await Promise.all(
      unexplained.map(async ({ metadata }) => [metadata.name, await newestWarning(api, metadata)] as const),
    ),
  );
  return {
    ...status,
    pods: status.pods.map((pod) => {
      const warning = warnings.get(pod.name);
      return warning === undefined
        ? pod
        : { ...pod, message: `${pod.message ?? ""}: ${warning}`.slice(0, MAX_EXPECTATION_MESSAGE) };
    }),
  };
}

/** `FailedCreatePodSandBox: Failed to create pod sandbox: …` */
async function newestWarning(
  api: Pick<Api, "list">,
  { namespace, uid }: { readonly namespace: string; readonly uid: string },
): Promise<string | undefined> {
  const fieldSelector = `regarding.uid=${uid},type=Warning`;
  const events = await orRejection(
    api.list(eventsPath(namespace), (raw) => eventSchema.parse(raw), { fieldSelector }),
  );
  if (events instanceof ApiError) return undefined;
  const [newest] = events.toSorted((one, other) => lastSeen(other) - lastSeen(one));
  return newest && truncateMiddle(`${newest.reason}: ${newest.note}`, LONGEST_WARNING);
}

/** An event of the kubelet has no `eventTime`, one of the scheduler no `deprecatedLastTimestamp`. */
function lastSeen({ series, deprecatedLastTimestamp, eventTime, metadata }: Event): number {
  const seen =
    series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
  return Date.parse(seen) || 0;
}
