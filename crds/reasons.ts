import { z } from "zod";

/**
 * Every reason of an expectation, a path or a condition, with when to use it. A reason belongs to one verdict;
 * `Passed` has only one.
 */
export const reasonSchema = z
  .enum([
    // Passed
    "AsExpected", // the settled state is the declared one and, if that is Denied, everything except the policy was proven alive

    // Failed, expected Allowed
    "UnexpectedAnswer", // the path is open, but the HTTP status is another, the HTTP answer is not whole, or the resolver answered without a record
    "Blocked", // denied although source and target were proven alive
    "TargetDown", // denied, and the target is proven down (no ready endpoint, or a witness could not reach it either)
    "NotReachable", // denied from a source proven alive; the state of the target is unknown
    "NameNotResolved", // a host that the source could not resolve; with expect: Denied it makes the path Inconclusive

    // Failed, expected Denied
    "Open", // the settled state is Allowed
    "OpenSometimes", // up to the limit of rounds some were Allowed and some were not

    // Inconclusive
    "TargetChanged", // denied, but the pods or endpoints behind the target changed during the run
    "TargetNotProven", // denied as declared, but no proof that the target was alive
    "SourceNotProven", // denied, but no proof that the probe pod's own network was up
    "ClockSkew", // denied as declared, but the clocks of two nodes may differ by so much that the proof of target or link was at another time
    "LinkNotProven", // denied as declared, but no proof that the link between the two nodes was up
    "Unsettled", // expected Allowed, and the samples had not settled at the limit of rounds
    "ProbeNotRun", // the probe did not run, or too few attempts had a result; the message quotes the API server or the kubelet
    "Intercepted", // admission injected a sidecar into the probe pod, which may have answered or refused instead of the target
    "NotGranted", // no ProbeGrant lets the test's namespace use the sources or select the targets, or it was revoked during the run
    "SourceNotFound", // no pod with a network matches the source
    "TargetNotFound", // no pod or Service matches the target, or it lacks the requested family
    "TargetNotSupported", // the target cannot be probed: a Service of type ExternalName, a port that is not TCP, the probe pod itself
    "SourceNotReproducible", // the source cannot be reproduced: it runs on the host network, a policy or a Service selects only one of source and twin, or admission changed the twin

    // conditions only
    "InProgress", // a run of a new generation, a requested one, or one for a change of what the verdict depends on is in progress
    "Queued", // such a run waits until runs in progress have ended
    "Expired", // the time of validUntil has passed, and no run has ended since
    "TooManyPaths", // the spec expands to more than 256 paths
    "SpecNotReadable", // the spec was written for another version of the API than the operator supports, or violates a rule of this one
    "InvalidSchedule", // the cron expression or the time zone is invalid
    "Suspended", // spec.suspend is true and no run has ended for this generation
  ])
  .describe("The reason of the verdict, in one word.");
export type Reason = z.infer<typeof reasonSchema>;

/** Why a path of an expectation, or the run of a whole spec, could not be planned. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
  /** Whether it may be gone at the next attempt: pods that are about to start are not there yet. */
  readonly transient?: boolean | undefined;
}
