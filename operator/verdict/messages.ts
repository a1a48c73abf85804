import type { Finding, PlannedPod, TargetChange } from "../../crds/proberun/proberun.ts";
import { LONGEST_MESSAGE } from "../../crds/teststatus.ts";
import {
  linkProofSchema,
  sourceProofSchema,
  targetProofSchema,
  type Expect,
  type Outcome,
  type Proof,
} from "../../crds/vocabulary.ts";
import { oneLine } from "../../probes/printable.ts";
import { inBrackets, route, seen, targetAddress } from "./formatting.ts";
import type { JudgedPath } from "./judgePath.ts";
import { proofsOf } from "./proof.ts";
import { downBy, inWords, notAtOnce, notUp, notWired } from "./proofMessages.ts";
import { allOfOneFamily, coverage, secondLooks, settling, translated } from "./remarks.ts";
import { outcomeOf, type PathReason } from "./verdictRules.ts";

export interface MessageInput {
  readonly expect: Expect;
  /** All paths of the expectation, worst first. */
  readonly paths: readonly JudgedPath[];
  readonly pods: readonly PlannedPod[];
  /** Set where a finding is the worst there is. */
  readonly finding?: Pick<Finding, "message">;
}

/**
 * The sentence that a person acts on: how many paths, the worst one by source, target and port, what was seen, and
 * where to look next. The status adds since when. Never a word that came out of a connection.
 */
export function expectationMessage({ expect, paths, pods, finding }: MessageInput): string {
  const [worst] = paths;
  if (finding || !worst) return oneLine(finding?.message ?? "nothing was planned", LONGEST_MESSAGE);
  const alike = paths.filter(({ reason }) => reason === worst.reason);
  const sentence = SENTENCES[worst.reason]({ worst, alike, all: paths, pods, expect });
  return oneLine(
    [sentence, ...settling(alike), ...secondLooks(alike), ...coverage(paths, pods)].join("; "),
    LONGEST_MESSAGE,
  );
}

interface Told {
  readonly worst: JudgedPath;
  /** The paths that share the worst one's reason. */
  readonly alike: readonly JudgedPath[];
  readonly all: readonly JudgedPath[];
  readonly pods: readonly PlannedPod[];
  readonly expect: Expect;
}

const EGRESS = "look at the policies for the source's egress";

/** Where to look: at both ends in the cluster; what lies outside may be guarded by anything. */
function policies(told: Told): string {
  if (isLookup(told)) return `${EGRESS} to its name servers at port 53, and the ingress of those`;
  const { kind } = told.worst.path.plan;
  if (kind === "Address" || kind === "Host") return `${EGRESS}, and at what guards the target`;
  return `${EGRESS} and the target's ingress${translated(told)}`;
}

/** One sentence for each reason that a path can have. */
const SENTENCES: Readonly<Record<PathReason, (told: Told) => string>> = {
  AsExpected: (told) =>
    told.expect === "Allowed"
      ? `${count(told.all)} open${example(told)}`
      : `${count(told.all)} denied${example(told)}; ${proven(told.all)}`,
  UnexpectedAnswer: (told) =>
    `${share(told, "open with another answer")}: ${what(told)}${asked(told)}; look at ${isLookup(told) ? "the name that was asked for" : "the target itself"}`,
  Blocked: (told) =>
    `${share(told, "blocked")}: ${what(told)}, while the source and the target were alive; ${policies(told)}`,
  TargetDown: (told) => `${share(told, "down at its end")}: ${what(told)}; ${downBy(told.worst)}`,
  NotReachable: (told) =>
    `${share(told, "not reachable")}: ${what(told)}, and nothing shows whether the target is up: see that it listens on that port, then ${policies(told)}`,
  NameNotResolved: (told) =>
    `${share(told, "not resolved")}: ${subject(told)}: ${resolving(told)}; look at the name, and at what the source may send to the cluster's DNS`,
  Open: (told) =>
    `${share(told, "open")}: ${what(told)}${anyAnswer(told)}; nothing keeps it closed: ${policies(told)}`,
  OpenSometimes: (told) =>
    `${share(told, "open now and then")}: ${subject(told)} was open in ${openRounds(told)}; see whether every endpoint and node enforces the same policies`,
  TargetChanged: (told) =>
    `${share(told, "closed while the target changed")}: ${what(told)}, ${changed(told)}: wait until its rollout has ended, then run the test again`,
  TargetNotProven: (told) =>
    notUp(told.worst, `${share(told, "denied without proof of the target")}: ${what(told)}, `),
  SourceNotProven: (told) =>
    `${share(told, "closed without proof of the source")}: ${what(told)}, but nothing shows that the probe pod's own network was up over ${told.worst.path.plan.check.family}: add an expectation that allows this source to reach some pod over it`,
  ClockSkew: (told) =>
    notAtOnce(told.worst, `${share(told, "denied without proof of the time")}: ${what(told)}, `),
  LinkNotProven: (told) =>
    notWired(told.worst, `${share(told, "denied without proof of the link")}: ${what(told)}, `),
  Intercepted: (told) =>
    `${share(told, "intercepted")}: ${what(told)}, but ${injected(told)} in the probe pod may have had the last word, and a sidecar answers for everybody: only an http or dns answer as asked for stands there, so ask for one, or keep the sidecar out of the probe pods`,
  Unsettled: (told) =>
    `${share(told, "not settled")}: ${subject(told)} was open in ${openRounds(told)}; ${whyUnsettled(told)}`,
  NotGranted: (told) =>
    `${share(told, "no longer granted")}: ${subject(told)}: ProbeGrant ${oneLine(told.worst.path.revoked ?? "", 128)} was taken away or changed during the run, and what rested on it counts for nothing: run the test again, or ask those who administer it for a ProbeGrant`,
  ProbeNotRun: (told) => whyNotRun(told, `${share(told, "not probed")}: ${subject(told)}: `),
};

// Never open and yet not settled: the denials came before the first sign of life, or were too few since.
const whyUnsettled = ({ worst: { path } }: Told) =>
  path.openRounds.length === 0
    ? "too few rounds followed the first sign that the probe pod's network is up: raise probing.maxRounds"
    : "look for an endpoint or a policy that comes and goes, or raise probing.maxRounds";

const count = ({ length }: readonly unknown[]) => (length === 1 ? "the path is" : `${length} paths are`);

/** `1 of 2 paths is open, the one over IPv6` */
function share(told: Told, state: string): string {
  const { alike, all } = told;
  if (all.length === 1) return `the path is ${state}`;
  const number = alike.length === 1 ? "is" : "are";
  return `${alike.length} of ${all.length} paths ${number} ${state}${allOfOneFamily(told)}`;
}

/** Which path, or one of them. */
const example = (told: Told) => (told.all.length === 1 ? `: ${what(told)}` : `, such as ${what(told)}`);

const subject = ({ worst: { path } }: Told) => route(path);

/** Source, target, and what was seen there. */
function what({ worst: { path } }: Told): string {
  const answered: readonly (Outcome | undefined)[] = ["Answered", "Connected", "Replied", "Resolved"];
  return `${route(path)}${answered.includes(outcomeOf(path)) ? " " : ": "}${seen(path)}`;
}

const isLookup = ({ worst: { path } }: Told) => path.plan.check.tool === "dns";

/** That a name is missing reads like a failure, and is an answer all the same. */
function anyAnswer(told: Told): string {
  return isLookup(told) && outcomeOf(told.worst.path) !== "Resolved"
    ? ", and whoever answers at all has been reached"
    : "";
}

function asked({ worst: { path } }: Told): string {
  const { tool, status } = path.plan.check;
  if (tool !== "http") return "";
  return outcomeOf(path) === "Connected"
    ? `, but there was no HTTP answer${inBrackets(path.result?.hint)}`
    : `, not ${status?.join(" or ") ?? "a status below 400"}`;
}

function resolving({ worst: { path } }: Told): string {
  const host = oneLine(path.plan.check.host ?? targetAddress(path), 100);
  return outcomeOf(path) === "NoReply" ? `no resolver answered for ${host}` : `${seen(path)} for ${host}`;
}

function openRounds({ worst: { path } }: Told): string {
  return `${path.openRounds.length} of ${path.samples.length} rounds`;
}

const injected = ({ worst: { path } }: Told) =>
  `the injected ${oneLine(path.pod?.injected?.join(", ") ?? "", 63)}`;

/** The cluster's own words, else what the tool said when it failed. */
function whyNotRun(told: Told, opening: string): string {
  const { path } = told.worst;
  if (path.settlement === undefined)
    return inWords(opening, path.pod?.message ?? "its probe pod told nothing of it", whereToLook(told));
  return `${opening}too few attempts said anything about the network${inBrackets(path.result?.hint)}; see whether the node ${oneLine(path.pod?.node ?? "", 63)} is short of CPU`;
}

const LOOK_AT_PODS = "; look at the events of the test's namespace, and at status.pods of its ProbeRun";

/** A probe that has to run elsewhere may have nowhere to go. */
function whereToLook({ worst: { path }, pods }: Told): string {
  const { awayFrom = [] } = pods.find(({ name }) => name === path.plan.pod) ?? {};
  return awayFrom.length > 0 && path.pod?.node === undefined
    ? `; it is not to run on ${oneLine(awayFrom.join(" or "), 63)}, which a pod there may always reach: see that another node takes pods with the source's tolerations`
    : LOOK_AT_PODS;
}

const CHANGES: Readonly<Record<TargetChange["change"], string>> = {
  Gone: "was there when the run was planned and is gone now",
  Moved: "has another address or port than when the run was planned",
  Left: "is no longer ready or selected",
  Appeared: "came to stand behind it after the run was planned",
};

/** Who was another one at the end of the run. */
function changed({ worst: { path } }: Told): string {
  if (path.change === undefined) return "and its pods are others than when the run was planned";
  const { change, name, more } = path.change;
  return `but ${oneLine(name, 72)} ${CHANGES[change]}${more === 0 ? "" : ` (${more} more changed)`}`;
}

/** A verdict is as strong as its weakest proof. */
function proven(all: readonly JudgedPath[]): string {
  const { target, source, link } = weakest(all.map(proofsOf));
  const weaker = target === "Readiness" ? " (weaker: as old as the last readiness probes)" : "";
  return `target proven by ${target}${weaker}${witnessNodes(all, target)}, source by ${source}, link by ${link}`;
}

/** ` on node-1` where a witness is the weakest proof of the targets. */
function witnessNodes(all: readonly JudgedPath[], weakestProof: Proof["target"]): string {
  const witnessed = all.filter(({ target: { proof } }) => proof === "Witness");
  const nodes = new Set(witnessed.flatMap(({ target: { witness } }) => (witness ? [witness.node] : [])));
  if (weakestProof !== "Witness" || nodes.size === 0) return "";
  return nodes.size === 1 ? ` on ${oneLine([...nodes].join(), 63)}` : ` on ${nodes.size} nodes`;
}

function weakest(proofs: readonly Proof[]): Proof {
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
