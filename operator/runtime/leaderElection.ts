import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Api } from "./api.ts";
import { isAlreadyExists, isConflict, isNotFound } from "./apiError.ts";
import { type Clock, microTime, realClock } from "./clock.ts";
import { errorFields, type Log } from "./log.ts";
import { leasePath } from "./resourcePaths.ts";

/** The duration of a Lease without a renewal. */
const LEASE_SECONDS = 15;
/**
 * A leader that could not renew for this time stops. It is shorter than the duration of the Lease, so that there are
 * never two leaders.
 */
const RENEW_DEADLINE_MS = 10_000;
/**
 * The maximum time of one attempt, of at most two requests. If a response is lost, another attempt follows within the renew
 * deadline.
 */
const ATTEMPT_MS = Math.floor(RENEW_DEADLINE_MS / 3);
const RETRY_MS = 2_000;
const JITTER = 1.2;

const leaseSchema = z.looseObject({
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .prefault({}),
});
/** A Lease with all fields that were read, so that an update removes none of them. */
type Lease = z.infer<typeof leaseSchema>;

/** The candidate, and the current time. */
interface Candidate {
  readonly identity: string;
  readonly now: Date;
}

/** A Lease, and how long it has been unchanged. */
interface ObservedLease {
  readonly lease: Lease;
  /** Milliseconds for which this process has observed no change of the Lease. */
  readonly unchangedFor: number;
}

export interface LeaderElectionOptions {
  readonly api: Pick<Api, "get" | "create" | "update">;
  /** The namespace and the name of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** The identity of this process, which no other process may have, not even its successor. */
  readonly identity: string;
  readonly onLeading: () => void;
  /**
   * Another process is the leader, or may be soon. All work must stop at once; this election does not start again.
   */
  readonly onLost: () => void;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface LeaderElection {
  start(): void;
  /**
   * Whether a process leads, this one or another, by what this one has seen within the renew deadline. False also if the API server
   * does not respond: then the caches of this process may be old.
   */
  readonly isLed: boolean;
  /** Stops the election, and releases the Lease if this process holds it; `onLost` is not called. Never rejects. */
  release(): Promise<void>;
}

type LeaseState = "held" | "other" | "unknown";

/** Leader election by a Lease, with the times and rules of client-go (15 s, 10 s, 2 s). */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { api, namespace, name, identity, log, clock = realClock } = options;
  const stopping = new AbortController();
  let loop = Promise.resolve();
  let leading = false;
  let renewedAt = 0;
  let ledAt = Number.NEGATIVE_INFINITY;
  let followed: string | undefined;
  let seen: { readonly lease: Lease; readonly since: number } | undefined;

  function observe(raw: unknown): Lease {
    const lease = leaseSchema.parse(raw);
    const changed = !isDeepStrictEqual(seen?.lease.spec, lease.spec);
    seen = { lease, since: changed || !seen ? clock.now() : seen.since };
    return lease;
  }

  async function attempt(signal: AbortSignal): Promise<LeaseState> {
    const started = clock.now();
    const candidate = { identity, now: new Date() };
    const lease = await read(signal);
    if (lease && isHeldByOther({ lease, unchangedFor: clock.now() - (seen?.since ?? 0) }, identity)) {
      ledAt = started;
      return "other";
    }
    if (lease) observe(await api.update(leasePath(namespace, name), heldLease(lease, candidate), { signal }));
    else observe(await api.create(leasePath(namespace), newLease(name, candidate), { signal }));
    renewedAt = started;
    ledAt = started;
    return "held";
  }

  async function read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return observe(await api.get(leasePath(namespace, name), { signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function tryAttempt(): Promise<LeaseState> {
    const left = leading ? renewedAt + RENEW_DEADLINE_MS - clock.now() : RENEW_DEADLINE_MS;
    const expiry = new AbortController();
    const ended = new AbortController();
    const limit = Math.max(0, Math.min(left, ATTEMPT_MS));
    const expire = () => expiry.abort(new Error(`no response within ${Math.floor(limit)} ms`));
    void clock.sleep(limit, ended.signal).then(expire, () => {});
    try {
      return await attempt(expiry.signal);
    } catch (error) {
      const outrun = isConflict(error) || isAlreadyExists(error); // the next attempt reads who holds the Lease
      if (!outrun) log.warn("the lease could not be written", { lease: name, ...errorFields(error) });
      return "unknown";
    } finally {
      ended.abort();
    }
  }

  /** Logs who leads, once for each leader. */
  function standBy() {
    const leader = seen?.lease.spec.holderIdentity ?? undefined;
    if (leader !== followed) log.info("standing by", { lease: name, identity, leader });
    followed = leader;
  }

  /** Reports whether the election continues. */
  function settle(result: LeaseState): boolean {
    if (result === "held" && !leading) {
      leading = true;
      log.info("leading", { lease: name, identity });
      options.onLeading();
    }
    if (result === "other" && !leading) standBy();
    const expired = clock.now() - renewedAt >= RENEW_DEADLINE_MS;
    if (!leading || result === "held" || (result === "unknown" && !expired)) return true;
    leading = false;
    log.error("the lease is lost", { lease: name, identity });
    options.onLost();
    return false;
  }

  async function run() {
    while (!stopping.signal.aborted && settle(await tryAttempt())) {
      const wait = leading ? RETRY_MS : RETRY_MS * (1 + JITTER * clock.random());
      await clock.sleep(wait, stopping.signal).catch(() => {});
    }
  }

  async function giveBack() {
    if (!leading || !seen) return;
    leading = false;
    try {
      await api.update(leasePath(namespace, name), releasedLease(seen.lease, new Date()));
    } catch (error) {
      log.warn("the lease could not be released", { lease: name, ...errorFields(error) });
    }
  }

  return {
    start() {
      loop = run();
    },
    get isLed() {
      return clock.now() - ledAt < RENEW_DEADLINE_MS;
    },
    async release() {
      stopping.abort();
      await loop;
      await giveBack();
    },
  };
}

/**
 * Reports whether another process holds the Lease. The times in the Lease are not compared, because clocks differ. A
 * holder is gone if the Lease has been unchanged for as long as its duration (as in client-go).
 */
function isHeldByOther({ lease: { spec }, unchangedFor }: ObservedLease, identity: string): boolean {
  if (!spec.holderIdentity || spec.holderIdentity === identity) return false;
  return unchangedFor < (spec.leaseDurationSeconds ?? LEASE_SECONDS) * 1_000;
}

/** Returns a new Lease. */
function newLease(name: string, candidate: Candidate): Lease {
  const kind = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name } };
  return {
    ...kind,
    spec: { ...heldSpec(candidate), acquireTime: microTime(candidate.now), leaseTransitions: 0 },
  };
}

/** Returns the Lease, acquired or renewed by the candidate. */
function heldLease(lease: Lease, candidate: Candidate): Lease {
  const { spec } = lease;
  if (spec.holderIdentity === candidate.identity)
    return { ...lease, spec: { ...spec, ...heldSpec(candidate) } };
  const taken = { acquireTime: microTime(candidate.now), leaseTransitions: (spec.leaseTransitions ?? 0) + 1 };
  return { ...lease, spec: { ...spec, ...heldSpec(candidate), ...taken } };
}

/** Returns the released Lease, so that the next leader need not wait until it expires. */
function releasedLease(lease: Lease, now: Date): Lease {
  const renewTime = microTime(now);
  return { ...lease, spec: { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime } };
}

function heldSpec({ identity, now }: Candidate) {
  return { holderIdentity: identity, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(now) };
}
