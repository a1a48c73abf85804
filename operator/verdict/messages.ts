import type { Finding, PlannedPod, TargetChange } from "../../crds/proberun/proberun.ts";
import {
  linkProofSchema,
  sourceProofSchema,
  targetProofSchema,
  type Expect,
  type Outcome,
  type Proof,
} from "../../crds/vocabulary.ts";
import { fitQuote, fitSentence, shorten } from "../../probes/messageLength.ts";
import type { TriedPath } from "./evidence.ts";
import { describeOutcome, describePath, inBrackets, isUnfinished, targetAddress } from "./formatting.ts";
import type { JudgedPath } from "./judgePath.ts";
import { podDifferenceMessage } from "./podDifferenceMessage.ts";
import { proofsOf } from "./proof.ts";
import {
  linkNotProvenMessage,
  notAtOnce,
  otherSideMessage,
  unsupportedAddressMessage,
  targetDownMessage,
  targetNotProvenMessage,
} from "./proofMessages.ts";
import {
  clusterIpRemark,
  coverageRemarks,
  followUpRemarks,
  portRemarks,
  settlingRemarks,
  singleFamilyRemark,
} from "./remarks.ts";
import { outcomeOf, ranOnOtherSide, type PathReason } from "./verdictRules.ts";

export interface MessageInput {
  readonly expect: Expect;
  /** All paths of the expectation, worst first. */
  readonly paths: readonly JudgedPath[];
  readonly pods: readonly PlannedPod[];
  /** Set if a finding is the worst. */
  readonly finding?: Pick<Finding, "message">;
}

/**
 * Returns the message of an expectation: the number of paths, the worst one by source, target and port, the
 * observation, and what to check next. The status appends since when. It contains no text that was received over a
 * connection.
 */
export function expectationMessage({ expect, paths, pods, finding }: MessageInput): string {
  const [worst] = paths;
  if (finding || !worst) return fitSentence(finding?.message ?? "nothing was planned");
  const alike = paths.filter(({ reason }) => reason === worst.reason);
  const sentence = SENTENCES[worst.reason]({ worst, alike, all: paths, pods, expect });
  const remarks = [
    ...portRemarks({ alike, all: paths }),
    ...settlingRemarks(alike),
    ...followUpRemarks(alike),
    ...coverageRemarks(paths, pods),
  ];
  return fitSentence([sentence, ...remarks].join(". "));
}

interface MessageContext {
  readonly worst: JudgedPath;
  /** The paths that share the worst one's reason. */
  readonly alike: readonly JudgedPath[];
  readonly all: readonly JudgedPath[];
  readonly pods: readonly PlannedPod[];
  readonly expect: Expect;
}

const EGRESS = "Check the source's egress policies";

/**
 * Returns the policies to check: at both ends within the cluster. A target outside the cluster may be protected by
 * other means.
 */
function policies(context: MessageContext): string {
  if (isLookup(context))
    return `${EGRESS} for its name servers at port 53, and the ingress policies of these servers`;
  const { kind } = context.worst.path.plan;
  if (kind === "Address" || kind === "Host") return `${EGRESS}, and the firewalls in front of the target`;
  return `${EGRESS} and the target's ingress policies${clusterIpRemark(context)}`;
}

/** What policies treat differently is known only after the run, and has a message of its own. */
const sourceDifference = (path: TriedPath) =>
  path.difference === undefined ? podDifferenceMessage(path) : shorten(path.difference.message, "difference");

/** The sentence of each reason of a path. */
const SENTENCES: Readonly<Record<PathReason, (context: MessageContext) => string>> = {
  AsExpected: (context) =>
    context.expect === "Allowed"
      ? `${countOf(context.all)} open${example(context)}`
      : `${countOf(context.all)} denied${example(context)}; ${proofRemark(context.all)}`,
  UnexpectedAnswer: (context) =>
    `${share(context, "open, but with an unexpected answer")}: ${what(context)}${asked(context)}. ${whereAnswerIsMade(context)}`,
  Blocked: (context) =>
    `${share(context, "blocked")}: ${what(context)}, while the source and the target were alive. ${policies(context)}`,
  TargetDown: (context) =>
    `${share(context, "closed because the target is down")}: ${what(context)}; ${targetDownMessage(context.worst)}`,
  NotReachable: (context) =>
    `${share(context, "not reachable")}: ${what(context)}, and it is unknown whether the target is up. Check that it listens on that port. ${policies(context)}`,
  NameNotResolved: (context) =>
    `${share(context, "not resolved")}: ${subject(context)}: ${resolving(context)}. Check the name, and the source's egress policies for the cluster's DNS`,
  Open: (context) =>
    `${share(context, "open")}: ${what(context)}${anyAnswer(context)}; no policy blocks it. ${policies(context)}`,
  OpenSometimes: (context) =>
    `${share(context, "intermittently open")}: ${subject(context)} was open in ${openRounds(context)}. Check that every endpoint and node enforces the same policies`,
  TargetChanged: (context) =>
    `${share(context, "closed while the target changed")}: ${what(context)}, ${describeChange(context)}. Run the test again when the rollout has finished`,
  TargetNotProven: (context) =>
    targetNotProvenMessage(
      context.worst,
      `${share(context, "denied without proof of the target")}: ${what(context)}, `,
    ),
  SourceNotProven: (context) =>
    `${share(context, "closed without proof of the source")}: ${what(context)}, but nothing proves that the probe pod's own network was up over ${context.worst.path.plan.check.family}. Add an expectation that allows this source to reach a pod over it`,
  ClockSkew: (context) =>
    notAtOnce(context.worst, `${share(context, "denied without proof of the time")}: ${what(context)}, `),
  LinkNotProven: (context) =>
    linkNotProvenMessage(
      context.worst,
      `${share(context, "denied without proof of the link")}: ${what(context)}, `,
    ),
  SourceNotReproducible: (context) =>
    `${share(context, "not tried by an equivalent pod")}: ${subject(context)}: ${sourceDifference(context.worst.path)}`,
  Intercepted: (context) =>
    `${share(context, "intercepted")}: ${what(context)}, but ${injected(context)} in the probe pod may have answered for the target. Expect an http or dns answer, because no other result counts with a sidecar, or disable injection for probe pods`,
  TargetNotSupported: (context) =>
    `${share(context, "not supported")}: ${subject(context)} ${unsupportedAddressMessage(context.worst.path)}`,
  Unsettled: (context) =>
    `${share(context, "not settled")}: ${subject(context)} was open in ${openRounds(context)}. ${whyUnsettled(context)}`,
  NotGranted: (context) =>
    `${share(context, "no longer granted")}: ${subject(context)}: ProbeGrant ${shorten(context.worst.path.revoked ?? "", "grant")} was deleted or changed during the run, so results that depend on it do not count. Run the test again, or ask an administrator of that namespace for a ProbeGrant`,
  ProbeNotRun: (context) => whyNotRun(context, `${share(context, "not probed")}: ${subject(context)}: `),
};

// Without an open round, the denials came before the first proof of the source, or too few followed it.
const whyUnsettled = ({ worst: { path } }: MessageContext) =>
  path.openRounds.length === 0
    ? "Too few rounds followed the first proof of the probe pod's network. Raise probing.maxRounds"
    : "Check whether an endpoint or a policy changes repeatedly, or raise probing.maxRounds";

const countOf = ({ length }: readonly unknown[]) => (length === 1 ? "the path is" : `${length} paths are`);

/** `1 of 2 paths is open, the one over IPv6` */
function share(context: MessageContext, state: string): string {
  const { alike, all } = context;
  if (all.length === 1) return `the path is ${state}`;
  const number = alike.length === 1 ? "is" : "are";
  return `${alike.length} of ${all.length} paths ${number} ${state}${singleFamilyRemark(context)}`;
}

/** The path, or one of the paths. */
const example = (context: MessageContext) =>
  context.all.length === 1 ? `: ${what(context)}` : `, such as ${what(context)}`;

const subject = ({ worst: { path } }: MessageContext) => describePath(path);

/** Source, target and observation. */
function what({ worst: { path } }: MessageContext): string {
  const answered: readonly (Outcome | undefined)[] = ["Answered", "Connected", "Replied", "Resolved"];
  return `${describePath(path)}${answered.includes(outcomeOf(path)) ? " " : ": "}${describeOutcome(path)}`;
}

const isLookup = ({ worst: { path } }: MessageContext) => path.plan.check.tool === "dns";

/** A missing name looks like a failure, but is an answer. */
function anyAnswer(context: MessageContext): string {
  return isLookup(context) && outcomeOf(context.worst.path) !== "Resolved"
    ? ", and any answer proves that the server was reached"
    : "";
}

function asked({ worst: { path } }: MessageContext): string {
  const { tool, status } = path.plan.check;
  if (tool !== "http" || isUnfinished(path)) return "";
  return outcomeOf(path) === "Connected"
    ? `, but there was no HTTP answer${inBrackets(path.result?.hint)}`
    : `, not ${status?.join(" or ") ?? "a status below 400"}`;
}

/** If packets of full size are lost, the first packets of an answer arrive, and the others do not, at every target. */
function whereAnswerIsMade(context: MessageContext): string {
  if (isLookup(context)) return "Check the name of the lookup";
  return isUnfinished(context.worst.path)
    ? "Check the MTU on the way from the target, probing.timeout, and the target itself"
    : "Check the target itself";
}

function resolving({ worst: { path } }: MessageContext): string {
  const host = shorten(path.plan.check.host ?? targetAddress(path), "host");
  return outcomeOf(path) === "NoReply"
    ? `no resolver answered for ${host}`
    : `${describeOutcome(path)} for ${host}`;
}

function openRounds({ worst: { path } }: MessageContext): string {
  return `${path.openRounds.length} of ${path.samples.length} rounds`;
}

const injected = ({ worst: { path } }: MessageContext) =>
  `the injected ${shorten(path.pod?.injected?.join(", ") ?? "", "container")}`;

/** The message of the API server or the kubelet, otherwise that of the failed tool. */
function whyNotRun(context: MessageContext, opening: string): string {
  const { path } = context.worst;
  if (path.settlement !== undefined && ranOnOtherSide(path)) return `${opening}${otherSideMessage(path)}`;
  if (path.settlement === undefined)
    return fitQuote(
      opening,
      path.pod?.message ?? "its probe pod reported no result for it",
      whereToLook(context),
    );
  return `${opening}too few attempts had a result${inBrackets(path.result?.hint)}. Check whether the node ${shorten(path.pod?.node ?? "", "node")} is short of CPU`;
}

const LOOK_AT_PODS = ". Check the events of the test's namespace, and status.pods of its ProbeRun";

/** A probe pod that must run on another node may not find one. */
function whereToLook({ worst: { path }, pods }: MessageContext): string {
  const { awayFrom = [] } = pods.find(({ name }) => name === path.plan.pod) ?? {};
  return awayFrom.length > 0 && path.pod?.node === undefined
    ? `. The probe pod must not run on ${shorten(awayFrom.join(" or "), "node")}, because no policy blocks a pod's own node. Check that another node accepts pods with the source's tolerations`
    : LOOK_AT_PODS;
}

const CHANGES: Readonly<Record<TargetChange["change"], string>> = {
  Gone: "existed when the run was planned and is gone now",
  Moved: "has another address or port than when the run was planned",
  Left: "is no longer ready or selected",
  Appeared: "was added after the run was planned",
};

/** The pod that changed during the run. */
function describeChange({ worst: { path } }: MessageContext): string {
  if (path.change === undefined) return "and its pods changed after the run was planned";
  const { change, name, more } = path.change;
  return `but ${shorten(name, "name")} ${CHANGES[change]}${more === 0 ? "" : ` (${more} more changed)`}`;
}

/** A verdict is as strong as its weakest proof. */
function proofRemark(all: readonly JudgedPath[]): string {
  const { target, source, link } = weakestProof(all.map(proofsOf));
  const weaker = target === "Readiness" ? " (weaker: as old as the last readiness probes)" : "";
  return `target proven by ${target}${weaker}${witnessNodes(all, target)}, source by ${source}, link by ${link}`;
}

/** ` on node-1` if a witness is the weakest proof of the targets. */
function witnessNodes(all: readonly JudgedPath[], weakest: Proof["target"]): string {
  const witnessed = all.filter(({ target: { proof } }) => proof === "Witness");
  const nodes = new Set(witnessed.flatMap(({ target: { witness } }) => (witness ? [witness.node] : [])));
  if (weakest !== "Witness" || nodes.size === 0) return "";
  return nodes.size === 1 ? ` on ${shorten([...nodes].join(), "node")}` : ` on ${nodes.size} nodes`;
}

function weakestProof(proofs: readonly Proof[]): Proof {
  const last = <Word>(order: readonly Word[], words: readonly Word[], none: Word) =>
    order.findLast((word) => words.includes(word)) ?? none;
  return {
    target: last(
      targetProofSchema.options,
      proofs.map(({ target }) => target),
      "None",
    ),
    source: last(
      sourceProofSchema.options,
      proofs.map(({ source }) => source),
      "None",
    ),
    link: last(
      linkProofSchema.options,
      proofs.map(({ link }) => link),
      "None",
    ),
  };
}
