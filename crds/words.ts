import { z } from "zod";

/** What the author of an expectation declared. */
export const expectSchema = z.enum(["Allowed", "Denied"]);
export type Expect = z.infer<typeof expectSchema>;

/** What one attempt of a tool saw. */
export const outcomeSchema = z.enum([
  "Answered", // http: a response came back
  "Connected", // tcp: a connection came about; http: connected, but no HTTP response
  "Replied", // icmp: an echo reply came back
  "Resolved", // dns: the server answered with a record
  "NoReply", // nothing came back in time
  "Refused", // a reset, or an ICMP port unreachable
  "Unreachable", // no route, or another ICMP unreachable
  "NameNotFound", // dns: the server answered that there is no such record
  "ResolverFailed", // dns: the server answered with a failure (SERVFAIL, REFUSED)
  "ProbeError", // the attempt itself went wrong: it says nothing about the network
]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** What the outcomes of a path amount to, once they have settled. */
export const actualSchema = z.enum(["Allowed", "Denied", "Unknown"]);
export type Actual = z.infer<typeof actualSchema>;

/** Expected against actual. Ordered from best to worst: the worst path decides the expectation, the worst of these the test. */
export const verdictSchema = z.enum(["Passed", "Inconclusive", "Failed"]);
export type Verdict = z.infer<typeof verdictSchema>;

/** The verdict of a whole test: `Pending` until the first run of a generation has ended. */
export const testVerdictSchema = z.enum(["Pending", ...verdictSchema.options]);
export type TestVerdict = z.infer<typeof testVerdictSchema>;

/** How we know that the target was alive while the deciding rounds ran. */
export const targetProofSchema = z.enum(["Observed", "Witness", "Readiness", "None"]);
/** How we know that the probe pod's own network was up. */
export const sourceProofSchema = z.enum(["Observed", "NodeContact", "None"]);
/** How we know that the wire between the two nodes was up. */
export const linkProofSchema = z.enum(["Observed", "SameNode", "Fabric", "None"]);

export const proofSchema = z.object({
  target: targetProofSchema,
  source: sourceProofSchema,
  link: linkProofSchema,
});
export type Proof = z.infer<typeof proofSchema>;

export const familySchema = z.enum(["IPv4", "IPv6"]);
export type Family = z.infer<typeof familySchema>;

/** Why a run began. */
export const triggerSchema = z.enum(["Generation", "Schedule", "Request"]);
export type Trigger = z.infer<typeof triggerSchema>;
