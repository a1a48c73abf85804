import { z } from "zod";

/**
 * Every reason that an expectation, a path or a condition can carry, with when to use it. A reason belongs to one
 * verdict; `Passed` has just one.
 */
export const reasonSchema = z
  .enum([
    // Passed
    "AsExpected", // the settled state is the declared one and, where it is Denied, everything but the policy was proven alive

    // Failed, expected Allowed
    "UnexpectedAnswer", // the path is open, but the HTTP status is another, or the resolver answered without a record
    "Blocked", // denied although source and target were proven alive
    "TargetDown", // denied, and the target was shown to be down (no ready endpoint, or a witness could not reach it either)
    "NotReachable", // denied from a source proven alive, and nothing is known about the target
    "NameNotResolved", // a host that the source could not resolve; with expect: Denied it makes the path Inconclusive

    // Failed, expected Denied
    "Open", // the settled state is Allowed
    "OpenSometimes", // up to the limit of rounds some were Allowed and some were not

    // Inconclusive
    "TargetChanged", // denied, but the pods or endpoints behind the target were not the same at the end of the run as at its beginning
    "TargetNotProven", // denied as declared, but nothing shows that the target was alive
    "SourceNotProven", // denied, but nothing shows that the probe pod's own network was up
    "LinkNotProven", // denied as declared, but nothing shows that the wire between the two nodes was up
    "Unsettled", // expected Allowed, and the samples had not settled at the limit of rounds
    "ProbeNotRun", // the probe did not run, or too few attempts said anything about the network: the cluster's own words tell why
    "Intercepted", // admission injected a sidecar into the probe pod, which may have answered or refused in the target's place
    "NotGranted", // no ProbeGrant lets the test's namespace use the sources or learn the targets, or it was taken away during the run
    "SourceNotFound", // no running pod matches the source
    "TargetNotFound", // no pod or Service matches the target, or the family asked for is not one of its families
    "TargetNotSupported", // the target is of a kind that cannot be probed: a Service of type ExternalName, a port that is not TCP
    "SourceNotReproducible", // the source cannot be imitated: it runs on the host network, or a policy or a Service would tell it from its twin

    // conditions only
    "InProgress", // a run of a new generation, or a requested one, is under way
    "TooManyPaths", // the spec comes to more than 256 paths
    "InvalidSchedule", // the cron expression or the time zone cannot be read
    "Suspended", // spec.suspend is true and no run has ended for this generation
  ])
  .describe("Why the verdict is what it is, in one word.");
export type Reason = z.infer<typeof reasonSchema>;

/** Why something could not be had: a path of an expectation, or the run of a whole spec. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
}
