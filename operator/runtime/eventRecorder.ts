import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { GROUP } from "../../crds/group.ts";
import type { Api } from "./api.ts";
import { microTime } from "./clock.ts";
import { errorFields, type Log } from "./log.ts";
import { eventsPath } from "./resourcePaths.ts";

/** Limits of `events.k8s.io/v1`. */
const MAX_NOTE = 1024;
const MAX_WORD = 128;

/** An event for users, shown by `kubectl describe`. */
export interface ObjectEvent {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    /** "" for a cluster-scoped object. */
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  /** At most 1024 characters are kept. */
  readonly note: string;
  /** The action of the operator. */
  readonly action: string;
  readonly now: Date;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Writes an event; the same event at the same time is written once. Logs a failure, and never throws. */
export async function recordEvent(api: Pick<Api, "create">, event: ObjectEvent, log: Log): Promise<void> {
  try {
    await api.create(eventsPath(namespaceOf(event)), eventBody(event));
  } catch (error) {
    const { regarding, reason } = event;
    log.warn("an event could not be written", {
      object: regarding.name,
      event: reason,
      ...errorFields(error),
    });
  }
}

/** Returns the namespace of an event; that of a cluster-scoped object follows the rule of the API server. */
const namespaceOf = ({ regarding }: ObjectEvent) => regarding.namespace || "default";

function eventBody(event: ObjectEvent) {
  const { regarding, type, reason, note, action, now, annotations } = event;
  const eventTime = microTime(now);
  const hash = createHash("sha256")
    .update(JSON.stringify([regarding, reason, note, eventTime]))
    .digest("hex");
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: {
      name: `${regarding.name.slice(0, 200)}.${hash.slice(0, 16)}`,
      namespace: namespaceOf(event),
      ...(annotations && { annotations }),
    },
    eventTime,
    regarding: regarding.namespace === "" ? { ...regarding, namespace: undefined } : regarding,
    type,
    reason: reason.slice(0, MAX_WORD),
    note: note.slice(0, MAX_NOTE),
    action: action.slice(0, MAX_WORD),
    reportingController: `${GROUP}/operator`,
    reportingInstance: hostname().slice(0, MAX_WORD),
  };
}
