import { metadataOf } from "../../crds/metadata.ts";
import type { ServedKind, ServedKinds } from "../cluster/policies/discovery.ts";
import { policyIdentity } from "../cluster/policies/policy.ts";
import { policiesPath } from "../cluster/policies/readPolicies.ts";
import type { Api } from "../runtime/api.ts";
import { isForbidden } from "../runtime/apiError.ts";
import { type Clock, realClock } from "../runtime/clock.ts";
import { errorFields, type Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import type { PolicyVersion } from "./dependencyDigest.ts";

export interface PolicyCachesOptions {
  readonly api: Api;
  readonly log: Log;
  readonly policyKinds: ServedKinds;
  /** A policy of this namespace has changed; "" for a cluster-wide one. */
  readonly onPolicyChange: (namespace: string) => void;
  readonly clock?: Clock;
}

export interface PolicyCaches extends Pick<Reflector<unknown>, "start" | "stop" | "synced" | "hasSynced"> {
  policiesOf(namespace: string): readonly PolicyVersion[];
}

/** How long a kind may be installed until it is watched, in milliseconds. */
const DISCOVERY_INTERVAL = 60_000;
/** How soon the API server is asked again that has not answered, in milliseconds. */
const DISCOVERY_RETRY = 5_000;

/**
 * Caches the policies of every installed kind. A kind that is installed later is watched from then on: its policies appear,
 * as if they had been created. `synced` resolves when the kinds that were installed at the start are complete, except those
 * that the operator may not list: no run is planned then, and the tests have the reason, so the operator has to start.
 */
export function createPolicyCaches(options: PolicyCachesOptions): PolicyCaches {
  const { api, log, policyKinds, onPolicyChange, clock = realClock } = options;
  const reflectors = new Map<string, Reflector<PolicyVersion, "namespace">>();
  const answers: Promise<void>[] = [];
  const stopped = new AbortController();
  const { signal } = stopped;
  const synced = Promise.withResolvers<void>();
  let hasSynced = false;

  function watchKind(kind: ServedKind) {
    const path = policiesPath(kind);
    if (signal.aborted || reflectors.has(path)) return;
    const forbidden = Promise.withResolvers<void>();
    const reflector = createReflector<PolicyVersion, "namespace">({
      api,
      log,
      path,
      parse: policyVersion,
      indexers: { namespace: ({ metadata }) => [metadata.namespace] },
      onChange({ before, after }) {
        const { namespace } = (after ?? before)?.metadata ?? {};
        if (namespace !== undefined) onPolicyChange(namespace);
      },
      onFailure(error) {
        if (isForbidden(error)) forbidden.resolve();
      },
    });
    reflectors.set(path, reflector);
    answers.push(Promise.race([reflector.synced, forbidden.promise]));
    reflector.start();
  }

  /** Returns in how many milliseconds to list them again. */
  async function lookForKinds(): Promise<number> {
    try {
      for (const kind of await policyKinds()) watchKind(kind);
      await Promise.all(answers);
      hasSynced = true;
      synced.resolve();
      return DISCOVERY_INTERVAL;
    } catch (error) {
      log.warn("the installed kinds of policies could not be looked up", errorFields(error));
      return DISCOVERY_RETRY;
    }
  }

  async function run() {
    while (!signal.aborted) await clock.sleep(await lookForKinds(), signal);
  }

  return {
    start: () => void run().catch(() => {}),
    stop() {
      stopped.abort();
      for (const reflector of reflectors.values()) reflector.stop();
    },
    synced: synced.promise,
    get hasSynced() {
      return hasSynced;
    },
    policiesOf: (namespace) =>
      [...reflectors.values()].flatMap((reflector) => reflector.byIndex("namespace", namespace)),
  };
}

const policyVersion = (raw: unknown): PolicyVersion => ({ metadata: policyIdentity(metadataOf(raw)) });
