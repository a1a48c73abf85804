import { z } from "zod";

/** What the author of an expectation declared. */
export const expectSchema = z.enum(["Allowed", "Denied"]).describe("What ought to be.");
export type Expect = z.infer<typeof expectSchema>;

/** What one attempt of a tool saw. */
export const outcomeSchema = z
  .enum([
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
  ])
  .describe("What the last deciding attempt saw.");
export type Outcome = z.infer<typeof outcomeSchema>;

/** What the outcomes of a path amount to, once they have settled. */
export const actualSchema = z
  .enum(["Allowed", "Denied", "Unknown"])
  .describe("What was seen, once it had settled. Unknown: nothing that can be relied on.");
export type Actual = z.infer<typeof actualSchema>;

/** Expected against actual. Ordered from best to worst: the worst path decides the expectation, the worst of these the test. */
export const verdictSchema = z
  .enum(["Passed", "Inconclusive", "Failed"])
  .describe(
    "What was expected against what was seen. Inconclusive: the evidence does not suffice for either.",
  );
export type Verdict = z.infer<typeof verdictSchema>;

/** The verdict of a whole test: `Pending` until the first run of a generation has ended. */
export const testVerdictSchema = z
  .enum(["Pending", ...verdictSchema.options])
  .describe("The worst verdict of the expectations; Pending until the first run of a generation has ended.");
export type TestVerdict = z.infer<typeof testVerdictSchema>;

/** How we know that the target was alive while the deciding rounds ran. */
export const targetProofSchema = z
  .enum(["Observed", "Witness", "Readiness", "None"])
  .describe(
    "How we know that the target was alive. Observed: another path of the run reached the same address and port. Witness: a host-network pod on the target's own node reached them, for an address outside of the cluster one on the probe's node. Readiness: the target is Ready by a readiness probe on that very port, and no witness was sent to it; weaker. None: we do not.",
  );
/** How we know that the probe pod's own network was up. */
export const sourceProofSchema = z
  .enum(["Observed", "NodeContact", "None"])
  .describe(
    "How we know that the probe pod's own network was up. Observed: another check of the same pod got through. NodeContact: the pod's own node kept reaching it, through twice the rounds. None: we do not.",
  );
/** How we know that the wire between the two nodes was up. */
export const linkProofSchema = z
  .enum(["Observed", "SameNode", "Fabric", "None"])
  .describe(
    "How we know that the wire between the two nodes was up. Observed: another path of the run between the same nodes was open, or a witness on the probe's node reached the address outside of the cluster. SameNode: there is no wire. Fabric: a witness on the pod network of the probe's node reached one on the target's node. None: we do not.",
  );

export const proofSchema = z
  .object({ target: targetProofSchema, source: sourceProofSchema, link: linkProofSchema })
  .describe("How we know that both ends, and the wire between them, were alive.");
export type Proof = z.infer<typeof proofSchema>;

export const familySchema = z.enum(["IPv4", "IPv6"]).describe("An IP family.");
export type Family = z.infer<typeof familySchema>;

export function familyOf(address: string): Family {
  return address.includes(":") ? "IPv6" : "IPv4";
}

/** Why a run began. */
export const triggerSchema = z
  .enum(["Generation", "Schedule", "Request", "PolicyChange", "WorkloadChange"])
  .describe(
    "Why the run began. Generation: the spec is new. Schedule: it was due. Request: the annotation netverdict.dev/run-requested asked for it. PolicyChange, WorkloadChange: spec.rerunOn asks for it.",
  );
export type Trigger = z.infer<typeof triggerSchema>;
