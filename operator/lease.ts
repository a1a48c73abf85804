import { z } from "zod";
import { microTime } from "./clock.ts";

/** How long a Lease holds without being renewed. */
export const LEASE_SECONDS = 15;

export const leaseSchema = z.looseObject({
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
/** A Lease with everything that was read, so that writing it back takes nothing away. */
export type Lease = z.infer<typeof leaseSchema>;

/** Who asks, and when. */
export interface Candidate {
  readonly identity: string;
  readonly now: Date;
}

/** A Lease, and since when it has looked as it does. */
export interface ObservedLease {
  readonly lease: Lease;
  /** Milliseconds for which this process has seen it unchanged. */
  readonly unchangedFor: number;
}

/**
 * Whether the Lease is somebody else's. Its own times are not looked at, since clocks differ: a holder is gone when the
 * Lease has been seen unchanged for as long as it lasts (as in client-go).
 */
export function isHeldByOther({ lease: { spec }, unchangedFor }: ObservedLease, identity: string): boolean {
  if (!spec.holderIdentity || spec.holderIdentity === identity) return false;
  return unchangedFor < (spec.leaseDurationSeconds ?? LEASE_SECONDS) * 1_000;
}

/** A Lease that nobody has had yet. */
export function newLease(name: string, candidate: Candidate): Lease {
  const kind = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name } };
  return {
    ...kind,
    spec: { ...heldSpec(candidate), acquireTime: microTime(candidate.now), leaseTransitions: 0 },
  };
}

/** The Lease taken over or renewed by the candidate. */
export function heldLease(lease: Lease, candidate: Candidate): Lease {
  const { spec } = lease;
  if (spec.holderIdentity === candidate.identity)
    return { ...lease, spec: { ...spec, ...heldSpec(candidate) } };
  const taken = { acquireTime: microTime(candidate.now), leaseTransitions: (spec.leaseTransitions ?? 0) + 1 };
  return { ...lease, spec: { ...spec, ...heldSpec(candidate), ...taken } };
}

/** The Lease given back, so that the next one need not wait until it has run out. */
export function releasedLease(lease: Lease, now: Date): Lease {
  const renewTime = microTime(now);
  return { ...lease, spec: { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime } };
}

function heldSpec({ identity, now }: Candidate) {
  return { holderIdentity: identity, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(now) };
}
