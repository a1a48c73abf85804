import { z } from "zod";
import { openEnum } from "./openenum.ts";

/** What the author of an expectation declared. */
export const expectSchema = z.enum(["Allowed", "Denied"]).describe("The expected state of the path.");
export type Expect = z.infer<typeof expectSchema>;

/** The result of one attempt of a tool. */
export const outcomeSchema = z
  .enum([
    "Answered", // http: a response was received
    "Connected", // tcp: a connection was established; http: connected, but no HTTP response
    "Replied", // icmp: an echo reply was received
    "Resolved", // dns: the server answered with a record
    "NoReply", // no reply within the timeout
    "Refused", // a reset, or an ICMP port unreachable
    "Unreachable", // no route, or another ICMP unreachable
    "NameNotFound", // dns: the server answered that there is no such record
    "ResolverFailed", // dns: the server answered with a failure (SERVFAIL, REFUSED)
    "ProbeError", // the attempt itself failed: it says nothing about the network
  ])
  .describe("The result of the last deciding attempt.");
export type Outcome = z.infer<typeof outcomeSchema>;

/** The state that the outcomes of a path settle to. */
export const actualSchema = z
  .enum(["Allowed", "Denied", "Unknown"])
  .describe("The settled state. Unknown: no reliable result.");
export type Actual = z.infer<typeof actualSchema>;

/** Expected against actual. Ordered from best to worst: the worst path decides the expectation, the worst of these the test. */
export const verdictSchema = z
  .enum(["Passed", "Inconclusive", "Failed"])
  .describe(
    "The expected state against the actual one. Inconclusive: the evidence is not sufficient for Passed or Failed.",
  );
export type Verdict = z.infer<typeof verdictSchema>;

/** The verdict of a whole test: `Pending` until the first run of a generation has ended. */
export const testVerdictSchema = z
  .enum(["Pending", ...verdictSchema.options])
  .describe("The worst verdict of the expectations; Pending until the first run of a generation has ended.");
export type TestVerdict = z.infer<typeof testVerdictSchema>;

/** The evidence that the target was alive during the deciding rounds. */
export const targetProofSchema = z
  .enum(["Observed", "Witness", "Readiness", "None"])
  .describe(
    "The evidence that the target was alive. Observed: another path of the run reached the same address and port. Witness: a host-network pod on the target's own node reached them; for an address outside the cluster, one on the probe pod's node. Readiness: the target is Ready by a readiness probe on the same port, and no witness was requested; weaker. None: no evidence.",
  );
/** The evidence that the probe pod's own network was up. */
export const sourceProofSchema = z
  .enum(["Observed", "NodeContact", "None"])
  .describe(
    "The evidence that the probe pod's own network was up. Observed: every deciding round lies between two successes of other checks of the same pod. NodeContact: the pod's own node kept reaching it, through twice the number of rounds. None: no evidence.",
  );
/** The evidence that the link between the two nodes was up. */
export const linkProofSchema = z
  .enum(["Observed", "SameNode", "LinkWitness", "None"])
  .describe(
    "The evidence that the link between the two nodes was up. Observed: another path of the run between the same nodes was open, or a witness on the probe pod's node reached the address outside the cluster. SameNode: both pods are on one node. LinkWitness: a witness on the pod network of the probe pod's node reached one on the target's node. None: no evidence.",
  );

/** Former names of proofs: a status keeps them until the next run has ended. */
const FORMER_LINK_PROOFS: Readonly<Record<string, z.infer<typeof linkProofSchema>>> = {
  Fabric: "LinkWitness",
};

export const proofSchema = z
  .object({
    target: openEnum(targetProofSchema),
    source: openEnum(sourceProofSchema),
    link: openEnum(linkProofSchema).transform((name) => FORMER_LINK_PROOFS[name] ?? name),
  })
  .describe("The evidence that both ends, and the link between them, were alive.");
/** A proof as the operator writes it. */
export interface Proof {
  readonly target: z.infer<typeof targetProofSchema>;
  readonly source: z.infer<typeof sourceProofSchema>;
  readonly link: z.infer<typeof linkProofSchema>;
}

export const familySchema = z.enum(["IPv4", "IPv6"]).describe("An IP family.");
export type Family = z.infer<typeof familySchema>;

export function familyOf(address: string): Family {
  return address.includes(":") ? "IPv6" : "IPv4";
}

/** Why a run started. */
export const triggerSchema = z
  .enum(["Generation", "Schedule", "Request", "PolicyChange", "WorkloadChange"])
  .describe(
    "Why the run started. Generation: the spec is new. Schedule: the schedule made it due. Request: the annotation netverdict.dev/run-requested requested it. PolicyChange, WorkloadChange: spec.rerunOn requested it.",
  );
export type Trigger = z.infer<typeof triggerSchema>;
