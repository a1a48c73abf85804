import type { GateReason } from "../../crds/conditions.ts";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { byAge, type Metadata } from "../../crds/metadata.ts";
import { selects } from "../../crds/selector.ts";
import { MAX_REQUESTS } from "../../crds/teststatus.ts";
import type { TestVerdict } from "../../crds/vocabulary.ts";
import { fitConditionMessage } from "../../probes/messageLength.ts";
import { hasTestedSpec } from "../runs/testedSpec.ts";
import { hasExpired } from "./judgement.ts";
import { nextTokenOfPod, podOfToken, tokenOfPod } from "./podVerdicts.ts";

/** A pod with the readiness gate `netverdict.dev/passed`. */
export interface GatedPod {
  readonly metadata: Pick<Metadata, "namespace" | "name" | "uid" | "labels" | "creationTimestamp">;
  /** The same for all pods that a run can try in place of each other: of one controller, one template and the same labels. */
  readonly revision: string;
  /** Whether it runs, has an address, and is not being deleted: from then on a run can try it. */
  readonly isRunning: boolean;
  /** The condition of the readiness gate; undefined if none was written yet. */
  readonly condition: GateCondition | undefined;
}

/** The condition `netverdict.dev/passed` of a pod. */
export interface GateCondition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export interface GateDecisionInput {
  /** The ConnectivityTests of the pod's namespace. */
  readonly tests: readonly ConnectivityTest[];
  /** The pods of the namespace that have the readiness gate, this one included. */
  readonly pods: readonly GatedPod[];
  readonly now: Date;
}

/** What the tests of a namespace decide about a pod. */
export interface PodGateDecision extends GateCondition {
  readonly status: "True" | "False";
  readonly reason: GateReason;
}

export interface GateRequests {
  /** Tokens that request a run, as those of the annotation do. */
  readonly tokens: readonly string[];
  /** When another run is requested, because the test has not passed. */
  readonly retryAt?: Date;
}

/** The delay in milliseconds until a test that has not passed runs again for the pods that wait for it. */
const NEXT_RUN_MS = 300_000;
/** The maximum number of revisions, and of tokens that wait, for which runs are requested at once: gates need the rest of the room. */
const MAX_AT_ONCE = MAX_REQUESTS / 2;

/** Reports whether a test names the pod as a source. A test that cannot be read may name any pod. */
export function namesAsSource(
  { metadata, spec, unreadable }: ConnectivityTest,
  pod: Pick<GatedPod, "metadata">,
): boolean {
  if (metadata.namespace !== pod.metadata.namespace || metadata.deletionTimestamp !== undefined) return false;
  if (unreadable) return true;
  return spec.expectations.some(({ from: { podSelector = {}, namespace = metadata.namespace } }) => {
    return namespace === metadata.namespace && selects(podSelector, pod.metadata.labels);
  });
}

/** Reports whether the operator has yet to decide about the pod: a condition that is True is final. */
export const waitsForTests = ({ isRunning, condition }: Pick<GatedPod, "isRunning" | "condition">): boolean =>
  isRunning && condition?.status !== "True";

/**
 * Returns the requests of a test for the pods that wait for it. Each revision without a result requests a run, with a token that has
 * the UID of its newest pod, because the run makes the twin of that. While the test has not passed for them, each of them requests another
 * run five minutes after the last one.
 */
export function gateRequests(test: ConnectivityTest, pods: readonly GatedPod[], now: Date): GateRequests {
  // A run that cannot start would leave its token in the status.
  if (test.unreadable || test.spec.suspend) return { tokens: [] };
  const { pendingRequests = [] } = test.status;
  const revisions = waitingRevisions(test, pods);
  const room = Math.max(0, MAX_AT_ONCE - pendingRequests.length);
  const untried = revisions.filter((revision) => !hasToken(test, revision));
  if (untried.length > 0) return { tokens: untried.flatMap(newestUid).map(tokenOfPod).slice(0, room) };
  const failing = revisions.filter((revision) => verdictFor(test, revision, now) !== "Passed");
  return pendingRequests.length > 0 ? { tokens: [] } : nextRunFor(test, failing, now);
}

/** The running pods that a test names, by their revision; of those revisions with a pod that waits, the oldest. */
function waitingRevisions(test: ConnectivityTest, pods: readonly GatedPod[]): readonly GatedPod[][] {
  const named = pods
    .filter((pod) => pod.isRunning && namesAsSource(test, pod))
    .toSorted((one, other) => byAge(one.metadata, other.metadata));
  return [...Map.groupBy(named, ({ revision }) => revision).values()]
    .filter((revision) => revision.some(waitsForTests))
    .slice(0, MAX_AT_ONCE);
}

/** The requests for another run of a test that has not passed for these revisions. */
function nextRunFor(
  { status: { run } }: ConnectivityTest,
  failing: readonly GatedPod[][],
  now: Date,
): GateRequests {
  if (failing.length === 0 || run === undefined) return { tokens: [] };
  const retryAt = new Date(Date.parse(run.finishedAt) + NEXT_RUN_MS);
  if (now < retryAt) return { tokens: [], retryAt };
  return { tokens: failing.flatMap(newestUid).map((uid) => nextTokenOfPod(uid, run.id)) };
}

/** The UID of the newest pod that waits, of pods in the order of their age. */
const newestUid = (revision: readonly GatedPod[]) =>
  revision
    .filter(waitsForTests)
    .slice(-1)
    .map(({ metadata }) => metadata.uid);

const isTokenOfOne = (token: string, pods: readonly GatedPod[]) => {
  const uid = podOfToken(token);
  return pods.some(({ metadata }) => metadata.uid === uid);
};

/** Reports whether a run was requested for one of the pods, or has ended for it. */
const hasToken = (test: ConnectivityTest, pods: readonly GatedPod[]) =>
  resultsFor(test, pods).length > 0 ||
  test.status.pendingRequests?.some((token) => isTokenOfOne(token, pods)) === true;

/** The results of runs that started after one of these pods was running, so that it, or its equal, was tried. */
const resultsFor = ({ status: { handledRequests = [] } }: ConnectivityTest, pods: readonly GatedPod[]) =>
  handledRequests.filter(({ token, run }) => run !== undefined && isTokenOfOne(token, pods));

/**
 * Decides what the condition of a pod is; undefined: nothing is written, because it is decided already or the pod does not run yet.
 * True needs that each test that names the pod has passed for it, in a run that tried a pod of its revision or a later run.
 */
export function decidePodGate(
  pod: GatedPod,
  { tests, pods, now }: GateDecisionInput,
): PodGateDecision | undefined {
  if (!waitsForTests(pod)) return undefined;
  const equals = pods.filter(({ isRunning, revision }) => isRunning && revision === pod.revision);
  const naming = tests.filter((test) => namesAsSource(test, pod));
  const found = naming.map((test) => judgeForPod(test, equals, now));
  if (found.length === 0) return NO_TEST;
  const obstacle = BY_WEIGHT.flatMap((reason) => found.filter((one) => one.reason === reason))[0];
  return obstacle ?? { status: "True", reason: "Passed", message: passedMessage(naming) };
}

/** The reason that the condition has if tests differ: the first of them. */
const BY_WEIGHT: readonly GateReason[] = ["Failed", "Inconclusive", "Suspended", "InProgress"];

const NO_TEST: PodGateDecision = {
  status: "False",
  reason: "NoTest",
  message:
    "no ConnectivityTest of this namespace names this pod as a source. Create one, or remove the readiness gate",
};

function judgeForPod(test: ConnectivityTest, equals: readonly GatedPod[], now: Date): PodGateDecision {
  const not = (reason: GateReason, message: string): PodGateDecision => ({
    status: "False",
    reason,
    message: fitConditionMessage(`ConnectivityTest/${test.metadata.name}: ${message}`),
  });
  if (test.unreadable)
    return not("Inconclusive", "this version of the operator cannot read it. See its condition");
  const verdict = verdictFor(test, equals, now);
  if (verdict === "Pending")
    return test.spec.suspend
      ? not("Suspended", "spec.suspend is true, so no run tries this revision of the pod. Set it to false")
      : not("InProgress", "no run has ended that started since a pod of this revision runs. Wait for it");
  if (verdict !== "Passed") return not(verdict, test.status.message ?? `the verdict is ${verdict}`);
  return { status: "True", reason: "Passed", message: "" };
}

/**
 * The verdict of the last run for pods that are tried in place of each other; Pending if it is of another spec, or no run has tried
 * one of them. If one of them requested the last run, the verdict of its own paths is sufficient.
 */
function verdictFor(test: ConnectivityTest, equals: readonly GatedPod[], now: Date): TestVerdict {
  const { run, verdict = "Pending" } = test.status;
  const results = resultsFor(test, equals);
  if (run === undefined || !hasTestedSpec(test, run) || results.length === 0) return "Pending";
  if (hasExpired(test.status, now)) return "Inconclusive";
  return results.some((own) => own.run === run.id && own.verdict === "Passed") ? "Passed" : verdict;
}

function passedMessage([first, ...others]: readonly ConnectivityTest[]): string {
  const more = others.length === 0 ? "" : `, and ${others.length} more tests`;
  return `passed by run ${first?.status.run?.id ?? ""} of ConnectivityTest/${first?.metadata.name ?? ""}${more}`;
}
